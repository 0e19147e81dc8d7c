import { ask, hardQuestion, simpleQuestion } from '../../platform/assistant.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { type Asker, failedToAsk, useAsker } from './questions.ts';
import { withHttp } from './room.ts';

const each = 4;

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const asker = await useAsker(context, http, 'simple');
    if (asker === null) return;
    for (let i = 0; i < each && !context.signal.aborted; i++) {
      await lands(context, asker, 'simple', simpleQuestion(crypto.randomUUID()), 'fast');
      await lands(context, asker, 'hard', hardQuestion(crypto.randomUUID()), 'powerful');
    }
  });
export default body;

async function lands(
  context: BodyContext,
  asker: Asker,
  kind: 'simple' | 'hard',
  question: string,
  tier: string,
): Promise<void> {
  const answer = await ask(asker.account, asker.sessionId, question);
  if (!answer.ok) return failedToAsk(context, kind, answer);
  const expected = `the ${tier} tier`;
  const observed = `${answer.tier ?? 'no tier'}: ${answer.model ?? 'no model named'}, called ${answer.level ?? 'nothing'}`;
  const seen = { startMs: answer.startMs, expected, observed };
  if (answer.tier === tier) context.holds(kind, seen);
  else if (answer.tier === null) context.breaks(kind, 'the answer does not say which tier it came from', seen);
  else context.breaks(kind, `a ${kind} question was answered by the ${answer.tier} tier (${answer.model})`, seen);
}
