import { under } from '../platform/health.ts';
import type { Answered, Http } from '../probes/http.ts';
import type { BodyContext } from '../runners/body.ts';

/** May this site call the API, with its credentials, and nobody else? */
export async function cors(context: BodyContext, http: Http, origin: string): Promise<void> {
  const { api } = context.environment;
  if (api === null) return context.unmet('api', 'cors');
  const url = `${under(api.url, api.trpcPath)}/${api.publicQuery}`;
  await fromOrigin(context, http, url, origin);
  await preflight(context, http, url, origin);
  for (const foreign of foreigners(context.scope, origin)) await fromForeigner(context, http, url, foreign);
}

/** A stranger, two whose names begin and end like the site's own, and a page of no origin at all. */
export function foreigners(scope: string, origin: string): readonly string[] {
  const { protocol, host, hostname } = new URL(origin);
  const alike = hostname.includes('.') ? [`${protocol}//${scope}${ownedName(hostname)}`] : [];
  return [`https://${scope}.example`, `${protocol}//${host.replace(':', '.')}.${scope}.example`, ...alike, 'null'];
}

/** The name somebody has registered. What ends in it is the owner's own, and may well be allowed, only behind a dot. */
function ownedName(hostname: string): string {
  const labels = hostname.split('.');
  const [second = '', top = ''] = labels.slice(-2);
  // `co.uk` and `com.au` are registered beneath by everybody.
  const owned = top.length === 2 && second.length <= 3 ? 3 : 2;
  return /^[\d.]+$/.test(hostname) ? hostname : labels.slice(-owned).join('.');
}

async function fromOrigin(context: BodyContext, http: Http, url: string, origin: string): Promise<void> {
  const answer = await http.ask(url, { headers: { origin } });
  recordCors(context, answer.ok ? wrongWithCors(answer, origin) : answer.because, `a call from ${origin}`);
}

async function preflight(context: BodyContext, http: Http, url: string, origin: string): Promise<void> {
  const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
  const answer = await http.ask(url, { method: 'OPTIONS', headers });
  recordCors(context, answer.ok ? wrongWithPreflight(answer, origin) : answer.because, `a preflight from ${origin}`);
}

function wrongWithPreflight(answer: Answered, origin: string): string | null {
  if (answer.status < 200 || answer.status > 299) return `answered ${answer.status}`;
  const allowed = (answer.headers.get('access-control-allow-headers') ?? '').toLowerCase();
  if (!allowed.includes('content-type')) return 'does not allow the header Content-Type';
  const methods = (answer.headers.get('access-control-allow-methods') ?? 'POST').toUpperCase();
  return methods.includes('POST') ? wrongWithCors(answer, origin) : 'does not allow POST';
}

function wrongWithCors({ headers }: Answered, origin: string): string | null {
  const allowed = headers.get('access-control-allow-origin');
  if (allowed !== origin) return allowed === null ? 'allows no origin' : `allows ${allowed} instead`;
  return headers.get('access-control-allow-credentials') === 'true' ? null : 'does not allow credentials';
}

async function fromForeigner(context: BodyContext, http: Http, url: string, origin: string): Promise<void> {
  const answer = await http.ask(url, { headers: { origin } });
  const allowed = answer.ok ? answer.headers.get('access-control-allow-origin') : null;
  const open = allowed === origin || allowed === '*' || allowed === 'null';
  const wrong = answer.ok ? (open ? `is allowed (${allowed})` : null) : answer.because;
  recordCors(context, wrong, `a call from the foreign origin ${origin}`);
}

function recordCors(context: BodyContext, wrong: string | null, what: string): void {
  const expected = what.includes('foreign') ? 'not allowed' : 'allowed, with credentials';
  if (wrong === null) context.holds('cors', { expected, observed: `${what}: ${expected}` });
  else context.breaks('cors', `${what}: ${wrong}`, { expected, observed: wrong });
}
