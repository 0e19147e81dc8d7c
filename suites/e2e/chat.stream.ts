import type { Account } from '../../platform/accounts.ts';
import { isRecord } from '../../platform/json.ts';
import {
  endOf,
  type Growth,
  growthOf,
  lettersOf,
  openAssistant,
  type State,
  sendQuestion,
  untilAnswered,
  type Watched,
  watchConversation,
} from '../../platform/pages/assistant.ts';
import { alarms } from '../../platform/pages/dashboard.ts';
import { dataOf } from '../../platform/people.ts';
import { type AtDashboard, atDashboard } from './at-dashboard.ts';

/** Hard and wordy, so that the answer is long and takes its time. */
const questions = [
  'Please analyse step by step, and compare in detail, how a small company with three offices should plan, budget and document the move of its customer records to another provider, and explain which risks it should weigh first and why.',
  'Explain thoroughly, with reasons and an example for each, how one would investigate why an application became slower after a release, which measurements one would compare, and how one would decide between repairing it and going back.',
  'Describe in detail, and justify each step, how a team should prepare for a security review of a service with many tenants, which evidence it should collect, and how it should rank what it finds by the damage it could do.',
];

export default atDashboard(['while-written', 'complete'], async (at) => {
  const { journey, person, patienceMs } = at;
  const open = await journey.shows('complete', () =>
    journey.does('opening the assistant', () => openAssistant(person.page, patienceMs)),
  );
  if (!open) return;
  const answers: Growth[] = [];
  for (const question of questions) {
    const answer = await ask(at, question);
    if (answer === null) return;
    answers.push(answer);
  }
  judge(at, answers);
});

async function ask(at: AtDashboard, question: string): Promise<Growth | null> {
  const { journey, person, patienceMs } = at;
  const { page } = person;
  let growth: Growth | null = null;
  await journey.shows('complete', async () => {
    const watched = await watchConversation(page);
    const noise = await alarms(page);
    await journey.does('sending the question', () => sendQuestion(page, question));
    const look = (withinMs: number) => untilAnswered(page, watched, question, { withinMs, noise });
    await journey.sees('no answer appeared', look, { withinMs: longestMs });
    const whole = (withinMs: number) => untilWhole(at, watched, question, withinMs);
    const states = await journey.sees('the end of the answer that was stored did not appear', whole, {
      withinMs: patienceMs,
    });
    growth = growthOf(states, question);
  });
  return growth;
}

/** Waits until what is shown ends as an answer does that stands stored beside the question; an error that is shown stands nowhere. */
async function untilWhole(
  { account, person: { page } }: AtDashboard,
  watched: Watched,
  question: string,
  withinMs: number,
): Promise<readonly State[]> {
  const until = Date.now() + withinMs;
  for (;;) {
    const states = await watched.states();
    const shown = lettersOf(growthOf(states, question).whole);
    const ends = (await storedAnswers(account, question)).map(endOf).filter((end) => end !== '');
    if (ends.some((end) => shown.includes(end))) return states;
    if (Date.now() >= until) throw new Error(ends.length === 0 ? 'no answer is stored' : 'the end of it is not shown');
    await page.waitForTimeout(1_000);
  }
}

/** What the assistant said in the newest conversation that holds the question. */
async function storedAnswers({ client }: Account, question: string): Promise<readonly string[]> {
  const sessions = rowsOf(dataOf(await client.query('sessions.list', { limit: newestSessions })), 'sessions');
  for (const { id } of sessions) {
    const said = dataOf(await client.query('sessions.listMessages', { sessionId: id, limit: 100 }));
    const messages = rowsOf(said, 'messages');
    if (messages.some(({ content }) => lettersOf(String(content)) === lettersOf(question)))
      return messages.filter(({ role }) => role === 'assistant').map(({ content }) => String(content));
  }
  return [];
}

const newestSessions = 5;

const rowsOf = (data: unknown, key: string): readonly Record<string, unknown>[] =>
  isRecord(data) && Array.isArray(data[key]) ? data[key].filter(isRecord) : [];

/** What models take for a long answer; how long it may take is held against a target by another check. */
const longestMs = 30_000;

/**
 * An answer came while it was written when two parts of it stood there one after the other, the first less than half of it. A
 * browser may draw a quick answer in one go although it came in pieces, so two of three are enough.
 */
function judge({ journey }: AtDashboard, answers: readonly Growth[]): void {
  const inParts = answers.filter(({ whole, steps }) => {
    const parts = steps.filter(({ length }) => length > fewest && length < whole.length);
    return parts.length >= 2 && parts.some(({ length }) => length < whole.length / 2);
  });
  const observed = answers
    .map(({ whole, steps }) => `${whole.length} letters in ${steps.length} steps over ${spanMs(steps).toFixed(0)} ms`)
    .join('; ');
  const seen = { expected: 'a part of the answer before the whole', observed };
  if (inParts.length >= leastInParts) journey.holds('while-written', seen);
  else
    journey.breaks(
      'while-written',
      `after sending a question the answer appeared all at once, ${answers.length - inParts.length} times of ${answers.length}`,
      seen,
    );
}

const leastInParts = 2;
/** More than the name of who answers. */
const fewest = 20;
const spanMs = (steps: Growth['steps']): number => (steps.at(-1)?.atMs ?? 0) - (steps[0]?.atMs ?? 0);
