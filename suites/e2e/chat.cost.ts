import type { Account } from '../../platform/accounts.ts';
import { type Answer, ask, hardQuestion, simpleQuestion } from '../../platform/assistant.ts';
import { isRecord } from '../../platform/json.ts';
import { dataOf } from '../../platform/people.ts';
import { whyNoData } from '../../platform/trpc.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { failedToAsk, useAsker } from './questions.ts';
import { withHttp } from './room.ts';
import { savingOf } from './saving.ts';

/** Four in five questions are simple: the mix the saving is stated for. */
const mix = ['simple', 'simple', 'hard', 'simple', 'simple', 'simple', 'simple', 'hard', 'simple', 'simple'] as const;
const leastSaving = 0.75;
/** The session keeps four decimals of a dollar, rounded once for each answer. */
const roundedAwayUsd = 0.00005;

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const asker = await useAsker(context, http, 'usage');
    if (asker === null) return;
    const { account, sessionId } = asker;
    const before = await costOf(account, sessionId);
    const answers: Answer[] = [];
    for (const kind of mix) {
      const mark = crypto.randomUUID();
      const answer = await ask(account, sessionId, kind === 'simple' ? simpleQuestion(mark) : hardQuestion(mark));
      if (!answer.ok) return failedToAsk(context, 'usage', answer);
      usageIsThere(context, answer);
      answers.push(answer);
      if (spent(answers) > context.environment.budget.usd)
        return context.ours('budget', `budget.usd: ${context.environment.budget.usd} is spent`);
    }
    billed(context, answers, before, await costOf(account, sessionId));
    saves(context, answers);
  });
export default body;

function usageIsThere(context: BodyContext, { usage, startMs }: Answer): void {
  const expected = 'input and output tokens that add up, and a cost above nothing';
  const observed =
    usage === null ? 'no usage' : `${usage.input} + ${usage.output} = ${usage.total} tokens, ${usage.costUsd} USD`;
  const seen = { startMs, expected, observed };
  if (usage === null) context.breaks('usage', 'an answer came without its usage', seen);
  else if (usage.input <= 0 || usage.output <= 0 || usage.input + usage.output !== usage.total)
    context.breaks('usage', 'the tokens of an answer do not add up', seen);
  else if (usage.costUsd <= 0) context.breaks('usage', 'an answer is said to have cost nothing', seen);
  else context.holds('usage', seen);
}

const spent = (answers: readonly Answer[]): number =>
  answers.reduce((sum, { usage }) => sum + (usage?.costUsd ?? 0), 0);

type Cost = { readonly ok: true; readonly usd: number } | { readonly ok: false; readonly because: string };

async function costOf({ client }: Account, id: string): Promise<Cost> {
  const reply = await client.query('sessions.get', { id });
  const wrong = whyNoData(reply);
  if (wrong !== null) return { ok: false, because: `sessions.get: ${wrong}` };
  const data = dataOf(reply);
  const usd = isRecord(data) ? Number(data.costUsd) : Number.NaN;
  return Number.isFinite(usd) ? { ok: true, usd } : { ok: false, because: 'sessions.get names no cost (costUsd)' };
}

function billed(context: BodyContext, answers: readonly Answer[], before: Cost, after: Cost): void {
  if (!before.ok || !after.ok) {
    context.breaks('recorded', before.ok ? (after.ok ? '' : after.because) : before.because);
    return;
  }
  const added = after.usd - before.usd;
  const due = spent(answers);
  const seen = { expected: `${due.toFixed(4)} USD more on the session`, observed: `${added.toFixed(4)} USD more` };
  if (Math.abs(added - due) <= roundedAwayUsd * (answers.length + 1)) context.holds('recorded', seen);
  else
    context.breaks(
      'recorded',
      `${answers.length} answers cost ${due.toFixed(4)} USD and the session was charged ${added.toFixed(4)}`,
      seen,
    );
}

/** Against the dearest model of the run, by the prices its answers show; the deployment states what each answer cost. */
function saves(context: BodyContext, answers: readonly Answer[]): void {
  const saving = savingOf(
    answers.flatMap(({ usage, model, tier }) => (usage === null ? [] : [{ ...usage, model: model ?? tier ?? '' }])),
  );
  if (saving === null) {
    context.breaks('saving', 'no answer says what it cost, so no saving can be computed');
    return;
  }
  const observed = `${(100 * saving).toFixed(0)} % on four simple questions to a hard one`;
  const seen = { expected: 'at least 75 % less than with the dearest model alone', observed };
  if (saving >= leastSaving) context.holds('saving', seen);
  else context.breaks('saving', `routing saved ${(100 * saving).toFixed(0)} %`, seen);
}
