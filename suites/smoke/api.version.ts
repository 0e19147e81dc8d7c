import { healthUrl, isSameRevision, type Named, revisionsOf } from '../../platform/health.ts';
import { openHttp } from '../../probes/http.ts';
import type { Body, BodyContext } from '../../runners/body.ts';

const body: Body = async (context) => {
  const http = openHttp(context);
  try {
    const answer = await http.ask(healthUrl(context.environment));
    if (answer.ok && answer.status === 200) compare(context, revisionsOf(answer));
    else context.breaks('revision', answer.ok ? `/health answered ${answer.status}` : answer.because);
  } finally {
    await http.close();
  }
};
export default body;

function compare(context: BodyContext, found: readonly Named[]): void {
  const expected = context.environment.revision;
  const observed = found.map(({ where, revision }) => `${where} ${revision}`).join(', ') || 'no revision';
  if (expected === null) show(context, observed);
  else judge(context, found, { expected, observed });
}

function judge(context: BodyContext, found: readonly Named[], seen: { expected: string; observed: string }): void {
  const builds = found.filter(({ where }) => where !== 'version');
  // A package version beside a build id says nothing: both releases of a week carry the same one.
  const telling = builds.length > 0 ? builds : found;
  const other = telling.find(({ revision }) => !isSameRevision(revision, seen.expected));
  if (telling.length === 0) context.breaks('revision', 'the deployment names no revision anywhere in /health', seen);
  else if (other === undefined) context.holds('revision', seen);
  else context.breaks('revision', wrong(other, seen.expected, builds.length === 0), seen);
}

const wrong = ({ where, revision }: Named, expected: string, versionOnly: boolean): string =>
  `the deployment's ${where} is ${revision}, expected ${expected}${versionOnly ? '; it names no revision besides its version' : ''}`;

/** Without an expected revision there is nothing to judge; what is deployed is still worth knowing. */
function show(context: BodyContext, observed: string): void {
  context.note('deployed revision', observed);
  context.value('revision', 1, '1', { expected: 'no revision in the environment file', observed });
}
