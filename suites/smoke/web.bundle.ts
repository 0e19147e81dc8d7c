import { decoded, type Fetched, fetchAll, fetchable, neededAtOnce } from '../../platform/sites.ts';
import { isFirstScript, onEverySite, wrongWithAsset } from '../pages.ts';

export default onEverySite(['loads', 'size'], async (context, http, { name }, { assets }) => {
  const { environment } = context;
  const first = fetchable(environment, assets).filter(
    ({ kind, initial }) => initial && (kind === 'script' || kind === 'style'),
  );
  const headers = { 'accept-encoding': 'gzip, br' };
  const fetched = await fetchAll(http, first, (one) => neededAtOnce(environment, one), headers);
  const troubles = fetched.flatMap(troubleOf);
  const away = first.length === 0 ? assets.find(isFirstScript) : undefined;
  for (const assertion of away ? ['loads', 'size'] : [])
    context.unmet(`${new URL(away!.url).host} in addresses`, assertion);
  if (away) return;
  if (first.length === 0) troubles.push('names no script or style of its own');
  for (const trouble of troubles) context.breaks('loads', `${name}: ${trouble}`);
  // The size of what could not be fetched is not known, and what is left would look small.
  if (troubles.length > 0) return;
  context.holds('loads', { observed: `${name}: ${fetched.length} scripts and styles` });
  const compressed = sum(fetched.map(({ answer }) => (answer.ok ? answer.body.length : 0)));
  const raw = sum(await Promise.all(fetched.map(rawBytes)));
  const observed = `${name}: ${kilo(compressed)} in ${fetched.length} files, ${kilo(raw)} raw`;
  context.value('size', compressed, 'By', { observed });
  context.note('first view, raw', observed);
});

function troubleOf({ asset, answer }: Fetched): string[] {
  const wrong = answer.ok ? wrongWithAsset(asset, answer) : answer.because;
  return wrong === null ? [] : [`the ${asset.kind} ${asset.url} ${wrong}`];
}

const rawBytes = async ({ answer }: Fetched): Promise<number> =>
  answer.ok ? ((await decoded(answer))?.length ?? 0) : 0;
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const kilo = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
