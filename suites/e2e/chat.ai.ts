import { type Answer, ask, simpleQuestion } from '../../platform/assistant.ts';
import { isRecord } from '../../platform/json.ts';
import { dataOf, makeSession } from '../../platform/people.ts';
import { whyNoData } from '../../platform/trpc.ts';
import { worth } from '../../probes/worth.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { type Asker, failedToAsk, useAsker } from './questions.ts';
import { withHttp } from './room.ts';

const atOnce = 4;
/** 158 clean and independent answers are the fewest that pass a P95; slow begins at a quarter of the target. */
const enough = { asked: 170, worth: 165, slowMs: 500, atMost: 320 };
/** So many slow ones among the first say what the rest would say. */
const hopeless = { asked: 32, slow: 16, slowMs: 2_000 };
/** Left in the budget for the other checks that ask the AI. */
const keptBack = 30;

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const asker = await useAsker(context, http, 'answered');
    if (asker === null) return;
    const first = await ask(asker.account, asker.sessionId, simpleQuestion(crypto.randomUUID()));
    if (!first.ok) return failedToAsk(context, 'answered', first);
    context.holds('answered', { startMs: first.startMs, observed: first.text.slice(0, 120) });
    await isKept(context, asker, first);
    await timeMany(context, asker);
  });
export default body;

/** Question and answer stand in the session, for whoever opens it again. */
async function isKept(context: BodyContext, { account, sessionId }: Asker, answer: Answer): Promise<void> {
  const reply = await account.client.query('sessions.listMessages', { sessionId });
  const wrong = whyNoData(reply);
  if (wrong !== null) return context.breaks('kept', `sessions.listMessages: ${wrong}`);
  const data = dataOf(reply);
  const messages = isRecord(data) && Array.isArray(data.messages) ? data.messages.filter(isRecord) : [];
  const has = (role: string, content: string) => messages.some((one) => one.role === role && one.content === content);
  if (has('user', answer.asked) && has('assistant', answer.text)) context.holds('kept');
  else context.breaks('kept', 'after an answer its session does not list both the question and the answer');
}

async function timeMany(context: BodyContext, asker: Asker): Promise<void> {
  const most = Math.min(enough.atMost, Math.max(0, context.environment.budget.aiMessages - keptBack));
  const timings: number[] = [];
  const state = { asked: 0, limited: false, wrong: 0 };
  const done = () =>
    context.signal.aborted ||
    state.limited ||
    state.asked >= most ||
    (state.wrong >= 5 && timings.length === 0) ||
    isHopeless(timings) ||
    isEnough(timings);
  const worker = async () => {
    const session = await makeSession(asker.account);
    if (!session.ok) return context.breaks('T-chat', session.because);
    while (!done()) {
      state.asked++;
      const answer = await ask(asker.account, session.id, simpleQuestion(crypto.randomUUID()));
      if (answer.ok) {
        timings.push(answer.tookMs);
        context.took('T-chat', answer);
      } else if (answer.limited) state.limited = true;
      else {
        state.wrong++;
        context.breaks('T-chat', answer.because, answer);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (state.limited) context.note('fewer questions', `the plan of the tenant allowed ${timings.length} answers`);
  if (most < enough.asked) context.note('fewer questions', `budget.aiMessages leaves ${most}`);
}

const isHopeless = (timings: readonly number[]): boolean =>
  timings.length >= hopeless.asked &&
  timings.filter((ms) => ms >= hopeless.slowMs).length >= Math.max(hopeless.slow, timings.length / 2);

/** Looked at every ten answers: the judge may be asked at any time, so stopping here favours no verdict. */
const isEnough = (timings: readonly number[]): boolean =>
  timings.length >= enough.asked && timings.length % 10 === 0 && worth(timings, enough.slowMs) >= enough.worth;
