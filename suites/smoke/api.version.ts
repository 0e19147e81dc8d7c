import { healthUrl, isSameRevision, type Named, revisionsOf, tellingOf } from '../../platform/health.ts';
import { type Answer, openHttp } from '../../probes/http.ts';
import type { Body, BodyContext } from '../../runners/body.ts';

/**
 * Behind one address there may be several instances, and one of them may have been left behind. Sixteen connections of
 * their own miss one of two or three in less than one run of five hundred.
 */
const looks = { rounds: 4, atOnce: 4 };

const body: Body = async (context) => {
  const first = await look(context);
  if (!first.ok || first.status !== 200)
    return context.breaks('revision', first.ok ? `/health answered ${first.status}` : first.because);
  const answers: Answer[] = [first];
  // Where answers fail to come there is nothing to be waited for sixteen times over.
  for (let round = 0; round < looks.rounds && answers.every(({ ok }) => ok); round += 1)
    answers.push(...(await Promise.all(Array.from({ length: looks.atOnce }, () => look(context)))));
  // Whether it always answers is asked elsewhere; an answer that did not come names no other revision.
  compare(context, different(answers.flatMap((answer) => (answer.ok && answer.status === 200 ? [answer] : []))));
};
export default body;

async function look(context: BodyContext): Promise<Answer> {
  const http = openHttp(context);
  try {
    return await http.ask(healthUrl(context.environment));
  } finally {
    await http.close();
  }
}

interface Build {
  readonly found: readonly Named[];
  readonly text: string;
}

/** What was named, each once. */
function different(answers: readonly Parameters<typeof revisionsOf>[0][]): readonly Build[] {
  const builds = answers.map((answer) => {
    const found = revisionsOf(answer);
    return { found, text: found.map(({ where, revision }) => `${where} ${revision}`).join(', ') || 'no revision' };
  });
  return [...new Map(builds.map((build) => [build.text, build])).values()];
}

function compare(context: BodyContext, builds: readonly Build[]): void {
  const expected = context.environment.revision;
  const observed = builds.map(({ text }) => text).join('; and from another instance: ');
  if (expected === null) show(context, observed);
  else judge(context, builds, { expected, observed });
}

function judge(context: BodyContext, builds: readonly Build[], seen: { expected: string; observed: string }): void {
  const wrong = builds.flatMap(({ found }) => wrongWith(found, seen.expected) ?? [])[0];
  if (wrong === undefined) context.holds('revision', seen);
  else context.breaks('revision', wrong, seen);
}

function wrongWith(found: readonly Named[], expected: string): string | null {
  const telling = tellingOf(found, expected);
  if (telling.length === 0) return 'the deployment names no revision anywhere in /health';
  const other = telling.find(({ revision }) => !isSameRevision(revision, expected));
  if (other === undefined) return null;
  const versionOnly = found.every(({ where }) => where === 'version');
  return `the deployment's ${other.where} is ${other.revision}, expected ${expected}${versionOnly ? '; it names no revision besides its version' : ''}`;
}

/** Without an expected revision there is nothing to judge; what is deployed is still worth knowing. */
function show(context: BodyContext, observed: string): void {
  context.note('deployed revision', observed);
  context.value('revision', 1, '1', { expected: 'no revision in the environment file', observed });
}
