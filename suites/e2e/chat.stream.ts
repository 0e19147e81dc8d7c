import {
  type Growth,
  growthOf,
  openAssistant,
  sendQuestion,
  untilAnswered,
  watchConversation,
} from '../../platform/pages/assistant.ts';
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

async function ask({ journey, person: { page } }: AtDashboard, question: string): Promise<Growth | null> {
  let growth: Growth | null = null;
  await journey.shows('complete', async () => {
    const watched = await watchConversation(page);
    await journey.does('sending the question', () => sendQuestion(page, question));
    const look = (withinMs: number) => untilAnswered(page, watched, question, withinMs);
    const states = await journey.sees('no answer appeared', look, { withinMs: longestMs });
    growth = growthOf(states, question);
  });
  return growth;
}

/** What models take for a long answer; how long it may take is held against a target by another check. */
const longestMs = 30_000;

/**
 * An answer came while it was written when a part of it stood there that was less than half of it. A browser may draw a quick
 * answer in one go although it came in pieces, so one of three is enough; none of three is what a page does that waits.
 */
function judge({ journey }: AtDashboard, answers: readonly Growth[]): void {
  const inParts = answers.filter(({ whole, steps }) =>
    steps.some(({ length }) => length > fewest && length < whole.length / 2),
  );
  const observed = answers
    .map(({ whole, steps }) => `${whole.length} letters in ${steps.length} steps over ${spanMs(steps).toFixed(0)} ms`)
    .join('; ');
  const seen = { expected: 'a part of the answer before the whole', observed };
  if (inParts.length > 0) journey.holds('while-written', seen);
  else
    journey.breaks(
      'while-written',
      `after sending a question the answer appeared all at once, ${answers.length} times of ${answers.length}`,
      seen,
    );
}

/** More than the name of who answers. */
const fewest = 20;
const spanMs = (steps: Growth['steps']): number => (steps.at(-1)?.atMs ?? 0) - (steps[0]?.atMs ?? 0);
