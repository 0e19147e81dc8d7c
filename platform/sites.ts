import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { allowedUrl } from '../environment/egress.ts';
import type { Environment } from '../environment/types.ts';
import type { Answer, Answered, Http } from '../probes/http.ts';
import { type Asset, assetsOf, assetsOfStyle, looksLikeHtml, staticImports } from '../probes/page.ts';

export const siteNames = ['landing', 'dashboard', 'meeting'] as const;
export type SiteName = (typeof siteNames)[number];

export interface Site {
  readonly name: SiteName;
  readonly url: string;
}

/** The sites that exist, and the keys of those that exist and are not named in the environment file. */
export function sitesOf({ web, parts }: Environment): {
  readonly sites: readonly Site[];
  readonly missing: readonly string[];
} {
  const existing = siteNames.filter((name) => parts[name]);
  const sites = existing.flatMap((name) => (web[name] === null ? [] : [{ name, url: web[name] }]));
  return { sites, missing: existing.filter((name) => web[name] === null).map((name) => `web.${name}`) };
}

/** Which of the other sites a redirect has led to; null when it led to none of them. */
export function otherSite({ web }: Environment, asked: string, end: string): SiteName | null {
  if (isUnder(end, asked)) return null;
  const isThere = (site: string | null) => site !== null && !isUnder(asked, site) && isUnder(end, site);
  return siteNames.find((name) => isThere(web[name])) ?? null;
}

function isUnder(url: string, base: string): boolean {
  const [inner, outer] = [new URL(url), new URL(base)];
  const withSlash = (path: string): string => path.replace(/\/*$/, '/');
  return inner.origin === outer.origin && withSlash(inner.pathname).startsWith(withSlash(outer.pathname));
}

export interface Page {
  readonly answer: Answered;
  readonly html: string;
  readonly assets: readonly Asset[];
}

export type Opened =
  | { readonly ok: true; readonly page: Page }
  | { readonly ok: false; readonly because: string; readonly answer: Answer };

const asBrowser = { accept: 'text/html,application/xhtml+xml' };

/** Opens a page as a browser would: goes along with redirects and wants HTML at their end. */
export async function openPage(http: Http, url: string): Promise<Opened> {
  const answer = await http.follow(url, { headers: asBrowser });
  if (!answer.ok) return { ok: false, because: answer.because, answer };
  if (answer.status !== 200) return { ok: false, because: `answered ${answer.status}`, answer };
  if (!looksLikeHtml(answer.headers.get('content-type'), answer.body)) {
    return {
      ok: false,
      because: `answered 200 with ${answer.headers.get('content-type') ?? 'something'}, not a page`,
      answer,
    };
  }
  const html = answer.body.toString('utf8');
  return { ok: true, page: { answer, html, assets: assetsOf(html, answer.url) } };
}

/** Assets of other hosts are not ours to fetch; a page that needs them stands on somebody else's promise. */
export const fetchable = (environment: Environment, assets: readonly Asset[]): readonly Asset[] =>
  assets.filter(({ url }) => allowedUrl(environment, url));

export interface Fetched {
  readonly asset: Asset;
  readonly answer: Answer;
}

/** Fetches assets and what they need in turn, each once; `more` names what an answer asks for. */
export async function fetchAll(
  http: Http,
  first: readonly Asset[],
  more: (fetched: Fetched) => readonly Asset[] | Promise<readonly Asset[]>,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly Fetched[]> {
  const known = new Map(first.map((asset) => [asset.url, asset]));
  const all: Fetched[] = [];
  for (let wave = [...first]; wave.length > 0 && known.size <= maxAssets; ) {
    const fetched = await inTurns(wave, async (asset) => ({
      asset,
      answer: await http.follow(asset.url, { headers }),
    }));
    all.push(...fetched);
    const further = (await Promise.all(fetched.map(async (one) => more(one)))).flat();
    wave = [...new Map(further.filter(({ url }) => !known.has(url)).map((asset) => [asset.url, asset])).values()];
    for (const asset of wave) known.set(asset.url, asset);
  }
  return all;
}

const maxAssets = 500;

/** Six at a time, as a browser does. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += 6) results.push(...(await Promise.all(items.slice(i, i + 6).map(work))));
  return results;
}

/** What an answer names in turn: a style sheet its fonts and images, a module the modules it imports. */
export async function named(environment: Environment, fetched: Fetched): Promise<readonly Asset[]> {
  const { asset, answer } = fetched;
  if (asset.kind !== 'style' || !answer.ok || answer.status !== 200) return neededAtOnce(environment, fetched);
  return fetchable(environment, assetsOfStyle(answer.body.toString('utf8'), answer.url));
}

/** What must be there before the first view runs: modules that modules import, style sheets that style sheets import. */
export async function neededAtOnce(environment: Environment, { asset, answer }: Fetched): Promise<readonly Asset[]> {
  if (!answer.ok || answer.status !== 200) return [];
  const body = await decoded(answer);
  if (body === null) return [];
  const text = body.toString('utf8');
  if (asset.kind === 'style')
    return fetchable(environment, assetsOfStyle(text, answer.url)).filter(({ initial }) => initial);
  const imports = asset.module ? staticImports(text, answer.url) : [];
  return fetchable(
    environment,
    imports.map((url) => ({ kind: 'script', url, initial: true, module: true })),
  );
}

const decoders: Readonly<Record<string, (body: Buffer) => Promise<Buffer>>> = {
  identity: (body) => Promise.resolve(body),
  gzip: promisify<Buffer, Buffer>(gunzip),
  'x-gzip': promisify<Buffer, Buffer>(gunzip),
  br: promisify<Buffer, Buffer>(brotliDecompress),
  deflate: promisify<Buffer, Buffer>(inflate),
  zstd: promisify<Buffer, Buffer>(zstdDecompress),
};

export const encodingOf = ({ headers }: Answered): string =>
  headers.get('content-encoding')?.trim().toLowerCase() || 'identity';

/** The body as its reader sees it; null when it does not decode. */
export async function decoded(answer: Answered): Promise<Buffer | null> {
  const decode = decoders[encodingOf(answer)];
  return decode ? decode(answer.body).catch(() => null) : null;
}
