import { fetchAll, fetchable } from '../../platform/sites.ts';
import { isHashed } from '../../probes/page.ts';
import { onEverySite } from '../pages.ts';

const yearSeconds = 31_536_000;

export default onEverySite(['assets', 'html'], async (context, http, { name }, { answer, assets }) => {
  const said = answer.headers.get('cache-control');
  const html = { expected: 'no-cache or no-store', observed: said ?? 'no Cache-Control' };
  if (isNotCached(said)) context.holds('html', html);
  else context.breaks('html', `the page of ${name} may be cached (${html.observed})`, html);

  const hashed = fetchable(context.environment, assets).filter(({ url }) => isHashed(url));
  if (hashed.length === 0) context.note('no hashed assets', `${name} names none`);
  for (const { asset, answer } of await fetchAll(http, hashed, () => [])) {
    const policy = answer.ok && answer.status === 200 ? answer.headers.get('cache-control') : null;
    const observed = answer.ok ? (policy ?? `${answer.status} without Cache-Control`) : answer.because;
    const seen = { startMs: answer.startMs, expected: 'max-age of a year and immutable', observed };
    if (isCachedForGood(policy)) context.holds('assets', seen);
    else context.breaks('assets', `${asset.url} is not cached for a year and immutable (${observed})`, seen);
  }
});

function isNotCached(policy: string | null): boolean {
  const { words, maxAge } = parsed(policy);
  // A page that must be asked for again each time is not cached either.
  return words.has('no-cache') || words.has('no-store') || maxAge === 0;
}

function isCachedForGood(policy: string | null): boolean {
  const { words, maxAge } = parsed(policy);
  const forbidden = words.has('no-cache') || words.has('no-store') || words.has('private');
  return !forbidden && words.has('immutable') && maxAge !== null && maxAge >= yearSeconds;
}

function parsed(policy: string | null): { readonly words: ReadonlySet<string>; readonly maxAge: number | null } {
  const words = new Set(
    (policy ?? '')
      .toLowerCase()
      .split(',')
      .map((word) => word.trim()),
  );
  const age = [...words].map((word) => /^max-age="?(\d+)"?$/.exec(word)?.[1]).find((found) => found !== undefined);
  return { words, maxAge: age === undefined ? null : Number(age) };
}
