import { isLoopbackHost } from '../environment/hosts.ts';
import { under } from '../platform/health.ts';
import {
  fetchAll,
  fetchable,
  named,
  type Opened,
  openPage,
  otherSite,
  type Page,
  type Site,
  sitesOf,
} from '../platform/sites.ts';
import { type Answered, type Http, openHttp } from '../probes/http.ts';
import { type Asset, assetsOf, hasRightType, looksLikeHtml } from '../probes/page.ts';
import type { Body, BodyContext, Seen } from '../runners/body.ts';
import { cors } from './cors.ts';

/** What the checks of web pages share: visiting every site that exists, and looking one over from page to CORS. */

/** Runs `look` on each site at once; a site that exists and is not named leaves the assertions unverified. */
export function onEverySite(
  assertions: readonly string[],
  look: (context: BodyContext, http: Http, site: Site, page: Page) => Promise<void>,
): Body {
  return async (context) => {
    const { sites, missing } = sitesOf(context.environment);
    for (const assertion of assertions) for (const needs of missing) context.unmet(needs, assertion);
    if (sites.length === 0 && missing.length === 0) context.unmet('web.landing, web.dashboard or web.meeting');
    await Promise.all(sites.map((site) => visit(context, site, assertions, look)));
  };
}

async function visit(
  context: BodyContext,
  site: Site,
  assertions: readonly string[],
  look: (context: BodyContext, http: Http, site: Site, page: Page) => Promise<void>,
): Promise<void> {
  const http = openHttp(context);
  try {
    const opened = await openPage(http, site.url);
    if (opened.ok) await look(context, http, site, opened.page);
    else for (const assertion of assertions) context.breaks(assertion, `${site.name} ${opened.because}`);
  } finally {
    await http.close();
  }
}

/** One site from its page to its permission to call the API. */
export function lookOver(name: Site['name']): Body {
  return async (context) => {
    const url = context.environment.web[name];
    if (url === null) {
      context.unmet(`web.${name}`);
      return;
    }
    const http = openHttp(context);
    try {
      const opened = await openPage(http, url);
      recordPage(context, url, opened);
      if (opened.ok) await lookFurther(context, http, url, opened.page);
      else for (const assertion of ['assets', 'fallback']) context.breaks(assertion, `the page ${opened.because}`);
      await cors(context, http, new URL(url).origin);
    } finally {
      await http.close();
    }
  };
}

function recordPage(context: BodyContext, asked: string, opened: Opened): void {
  const expected = '200 with a page over HTTPS';
  const { startMs } = opened.ok ? opened.page.answer : opened.answer;
  if (!opened.ok) context.breaks('page', opened.because, { startMs, expected, observed: opened.because });
  else recordTransport(context, asked, opened.page.answer, { startMs, expected });
}

function recordTransport(context: BodyContext, asked: string, { url, body }: Answered, seen: Seen): void {
  const other = otherSite(context.environment, asked, url);
  const observed = `200 with ${body.length} bytes of HTML from ${new URL(url).origin}`;
  if (other !== null) context.breaks('page', `leads to the ${other} site (${url})`, { ...seen, observed });
  else if (isSecure(url)) context.holds('page', { ...seen, observed });
  else context.breaks('page', `${url} is served over plain HTTP`, { ...seen, observed });
}

/** Nobody can listen in on one's own machine. */
export const isSecure = (url: string): boolean =>
  new URL(url).protocol === 'https:' || isLoopbackHost(new URL(url).hostname);

async function lookFurther(context: BodyContext, http: Http, url: string, page: Page): Promise<void> {
  await assets(context, http, page);
  await fallback(context, http, url, page);
}

async function assets(context: BodyContext, http: Http, page: Page): Promise<void> {
  const { environment } = context;
  const ours = fetchable(environment, page.assets);
  const theirs = page.assets.filter((asset) => !ours.includes(asset));
  if (theirs.length > 0) context.note('assets of other hosts, not fetched', theirs.map(({ url }) => url).join(' '));
  const away = ours.some(({ initial }) => initial) ? undefined : theirs.find(isFirstScript);
  if (away) context.unmet(`${new URL(away.url).host} in addresses`, 'assets');
  else if (!ours.some(({ initial }) => initial))
    context.breaks('assets', 'the page names no script or style of its own');
  for (const { asset, answer } of await fetchAll(http, ours, (one) => named(environment, one))) {
    const wrong = answer.ok ? wrongWithAsset(asset, answer) : answer.because;
    const seen = {
      startMs: answer.startMs,
      expected: `200 with a ${asset.kind}`,
      observed: `${asset.url} ${wrong ?? '200'}`,
    };
    if (wrong === null) context.holds('assets', seen);
    else context.breaks('assets', `the ${asset.kind} ${asset.url} ${wrong}`, seen);
  }
}

/** Scripts of a host such as a CDN's may be all there are; what we may not fetch is neither there nor missing. */
export const isFirstScript = ({ kind, initial, url }: Asset): boolean =>
  initial && kind === 'script' && new URL(url).protocol === 'https:' && !isLoopbackHost(new URL(url).hostname);

export function wrongWithAsset({ kind }: Pick<Asset, 'kind'>, { status, headers, body }: Answered): string | null {
  const type = headers.get('content-type');
  if (status !== 200) return `answered ${status}`;
  if (looksLikeHtml(type, body)) return 'answered 200 with a page instead';
  if (!hasRightType(kind, type)) return `has the content type ${type ?? '(none)'}`;
  return body.length === 0 ? 'is empty' : null;
}

/** The path is nobody's route, so only a site that gives its page for every path answers it. */
async function fallback(context: BodyContext, http: Http, url: string, page: Page): Promise<void> {
  const deep = `${under(url, context.scope)}/a/deep/link`;
  const expected = 'the page again, with the same assets';
  const opened = await openPage(http, deep);
  if (!opened.ok) {
    return context.breaks('fallback', `a deep link ${opened.because}`, { expected, observed: opened.because });
  }
  const end = opened.page.answer.url;
  if (!end.includes(context.scope))
    return context.breaks('fallback', `a deep link is led away to ${end}`, { expected });
  const urls = (list: readonly Asset[]): string => list.map((asset) => asset.url).join(' ');
  // Resolved where the browser would resolve them: assets named relative to a deep link would not be found.
  const found = urls(assetsOf(opened.page.html, opened.page.answer.url));
  if (found === urls(page.assets)) return context.holds('fallback', { expected, observed: expected });
  context.breaks(
    'fallback',
    'a deep link gives another page than the start page, or one that looks for its assets elsewhere',
    { expected, observed: found },
  );
}
