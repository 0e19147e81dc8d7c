import { allowed } from '../../environment/egress.ts';
import { isLoopbackHost } from '../../environment/hosts.ts';
import type { Environment } from '../../environment/types.ts';
import { type Http, openHttp, redirectOf } from '../../probes/http.ts';
import { type Handshake, handshake, old } from '../../probes/tls.ts';
import type { Body, BodyContext } from '../../runners/body.ts';

const fewestDays = 14;

const body: Body = async (context) => {
  const http = openHttp(context);
  try {
    await Promise.all([certificates(context), redirects(context, http)]);
  } finally {
    await http.close();
  }
};
export default body;

async function certificates(context: BodyContext): Promise<void> {
  const addresses = addressesOf(context.environment);
  for (const url of addresses.filter(({ protocol, hostname }) => protocol === 'http:' && !isLoopbackHost(hostname))) {
    context.breaks('certificate', `${url.href} is served over plain HTTP`);
  }
  const secure = addresses.filter(({ protocol }) => protocol === 'https:' || protocol === 'wss:');
  const hosts = [...new Map(secure.map((url) => [`${url.hostname}:${url.port || 443}`, url])).values()];
  if (hosts.length === 0)
    for (const assertion of ['certificate', 'days', 'protocol']) context.unmet('an https or wss address', assertion);
  await Promise.all(hosts.map((url) => examine(context, url)));
}

function addressesOf({ web, api, realtime, meetings }: Environment): readonly URL[] {
  const pages = [web.landing, web.dashboard, web.meeting, web.widget];
  const services = [api?.url, ...(realtime?.urls ?? []), meetings?.url, ...(meetings?.urls ?? [])];
  return [...pages, ...services].flatMap((url) => (url ? [new URL(url)] : []));
}

async function examine(context: BodyContext, url: URL): Promise<void> {
  const { environment } = context;
  const shaken = await handshake(environment, url);
  if (!shaken.ok) {
    for (const assertion of ['certificate', 'days', 'protocol'])
      context.breaks(assertion, `${url.host} ${shaken.because}`);
    return;
  }
  recordCertificate(context, url, shaken);
  const outdated = await handshake(environment, url, old);
  const protocol = { expected: 'TLS 1.2 or newer only', observed: `${url.host} ${shaken.protocol}` };
  if (outdated.ok) context.breaks('protocol', `${url.host} still accepts ${outdated.protocol}`, protocol);
  // A server that answers nobody any more has not refused what is old.
  else if (!isAlert(outdated.because) && !(await handshake(environment, url)).ok)
    context.unmet(`${url.host} to answer a second handshake: it ${outdated.because}`, 'protocol');
  else if (/^TLSv1\.[23]$/.test(shaken.protocol)) context.holds('protocol', protocol);
  else context.breaks('protocol', `${url.host} speaks ${shaken.protocol}`, protocol);
}

/** Said by whoever speaks TLS; a connection that came to nothing may have been refused, or nobody is there any more. */
const isAlert = (because: string): boolean => because.startsWith('TLS handshake failed');

function recordCertificate(
  context: BodyContext,
  { host }: URL,
  { distrust, daysLeft, validTo }: Handshake & { ok: true },
): void {
  const certificate = { expected: 'a trusted chain for this name', observed: `${host}: ${distrust ?? 'trusted'}` };
  if (distrust === null) context.holds('certificate', certificate);
  else context.breaks('certificate', `certificate is not valid for ${host}: ${distrust}`, certificate);
  const days = {
    expected: `at least ${fewestDays} days left`,
    observed: `${host}: ${daysLeft} days left, until ${validTo}`,
  };
  if (daysLeft >= fewestDays) context.holds('days', days);
  else context.breaks('days', `the certificate of ${days.observed}`, days);
}

async function redirects(context: BodyContext, http: Http): Promise<void> {
  const { plain, blind } = plainAddresses(context.environment);
  if (blind) context.unmet('web.plain', 'redirect');
  for (const url of plain) {
    const answer = await http.ask(url);
    const to = answer.ok ? redirectOf(answer) : null;
    const observed = answer.ok ? `${url} ${answer.status}${to ? ` to ${to}` : ''}` : `${url} ${answer.because}`;
    const seen = { startMs: answer.startMs, expected: '301, 302, 307 or 308 to https of the same host', observed };
    if (answer.ok && answer.status !== 303 && to !== null && leadsHome(url, to)) context.holds('redirect', seen);
    else context.breaks('redirect', observed, seen);
  }
}

/** To the same host, with or without its www. */
export function leadsHome(from: string, to: string): boolean {
  const bare = (url: string): string => new URL(url).hostname.replace(/^www\./, '');
  return new URL(to).protocol === 'https:' && bare(to) === bare(from);
}

interface Plain {
  readonly plain: readonly string[];
  /** A site whose plain address is not known or not ours to contact. */
  readonly blind: boolean;
}

/** The plain addresses the file names, and port 80 beside sites on 443. */
function plainAddresses(environment: Environment): Plain {
  const { web } = environment;
  const sites = [web.landing, web.dashboard, web.meeting, web.widget].flatMap((url) => (url ? [new URL(url)] : []));
  const named = new Set(web.plain.map((url) => new URL(url).hostname));
  const unnamed = sites.filter(({ protocol, hostname }) => protocol === 'https:' && !named.has(hostname));
  const reachable = unnamed.filter(({ port, hostname }) => port === '' && allowed(environment, hostname, 80));
  const guessed = reachable.map(({ hostname }) => `http://${hostname}/`);
  const plain = [...new Set([...web.plain, ...guessed])];
  return { plain, blind: reachable.length < unnamed.length || plain.length === 0 };
}
