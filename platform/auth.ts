import type { Environment } from '../environment/types.ts';
import type { Answer, Answered, Http } from '../probes/http.ts';
import { under } from './health.ts';
import { isRecord, jsonOf } from './json.ts';

type Api = NonNullable<Environment['api']>;

/** Who the API takes us for. */
export interface Session {
  readonly token: string;
  /** Headers of every call made as this user: cookies, and the CSRF token where mutations want one. */
  readonly headers: Readonly<Record<string, string>>;
}

export type SignIn =
  | { readonly ok: true; readonly session: Session }
  /** `refused`: it answered, and said no. Otherwise it did not answer as agreed. */
  | {
      readonly ok: false;
      readonly refused: boolean;
      readonly because: string;
      /** Status and the query of where one is led to: all that whoever tries passwords is told. Null: no answer. */
      readonly told: string | null;
    };

/** Auth.js with credentials: CSRF token, form, redirect. Whether it worked shows in the cookie and nowhere else. */
export async function signIn(
  http: Http,
  api: Api,
  who: { readonly email: string; readonly password: string; readonly mfaCode?: string },
): Promise<SignIn> {
  const jar = new Jar();
  const csrfToken = await csrfOf(http, api, jar);
  if (!csrfToken.ok) return { ok: false, refused: false, because: `sign-in: ${csrfToken.because}`, told: null };
  const form = new URLSearchParams({
    csrfToken: csrfToken.value,
    email: who.email,
    password: who.password,
    callbackUrl: api.url,
    ...(who.mfaCode === undefined ? {} : { mfaCode: who.mfaCode }),
  });
  const answer = await http.ask(under(api.url, '/api/auth/callback/credentials'), {
    method: 'POST',
    headers: { ...baseHeaders(api), ...jar.header(), 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  if (!answer.ok) return { ok: false, refused: false, because: `sign-in: ${answer.because}`, told: null };
  jar.take(answer);
  const token = jar.first(api.sessionCookies);
  if (token === null) return { ok: false, ...whyNotSignedIn(answer) };
  return { ok: true, session: await sessionOf(http, api, jar, token) };
}

/** The CSRF token is asked for again as the signed-in user, because a careful deployment binds it to the session. */
async function sessionOf(http: Http, api: Api, jar: Jar, token: string): Promise<Session> {
  const csrf = api.csrf === 'header' ? await csrfOf(http, api, jar) : null;
  const headers: Record<string, string> = csrf?.ok ? { 'x-csrf-token': csrf.value } : {};
  return { token, headers: { ...baseHeaders(api), ...jar.header(), ...headers } };
}

/** Ends the session at the deployment, so that no copy of it outlives the run. */
export async function signOut(http: Http, api: Api, session: Session): Promise<Answer> {
  const jar = new Jar(session.headers.cookie);
  const csrf = await csrfOf(http, api, jar);
  const form = new URLSearchParams({ csrfToken: csrf.ok ? csrf.value : '' });
  return http.ask(under(api.url, '/api/auth/signout'), {
    method: 'POST',
    headers: { ...baseHeaders(api), ...jar.header(), 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
}

async function csrfOf(
  http: Http,
  api: Api,
  jar: Jar,
): Promise<{ readonly ok: true; readonly value: string } | { readonly ok: false; readonly because: string }> {
  const answer = await http.ask(under(api.url, '/api/auth/csrf'), {
    headers: { ...baseHeaders(api), ...jar.header() },
  });
  if (!answer.ok) return { ok: false, because: answer.because };
  jar.take(answer);
  const json = jsonOf(answer.body);
  if (isRecord(json) && typeof json.csrfToken === 'string') return { ok: true, value: json.csrfToken };
  return { ok: false, because: `/api/auth/csrf answered ${answer.status} without a csrfToken` };
}

function whyNotSignedIn(answer: Answered): Omit<Extract<SignIn, { ok: false }>, 'ok'> {
  const location = answer.headers.get('location') ?? '';
  const query = URL.canParse(location, answer.url) ? new URL(location, answer.url).searchParams : null;
  const error = query?.get('error') ?? null;
  const told = `${answer.status} ${query ?? ''}`.trim();
  if (error !== null) return { refused: true, because: `sign-in was refused (${error})`, told };
  return { refused: false, because: `sign-in answered ${answer.status} and set no session cookie`, told };
}

/** Behind plain HTTP the platform asks itself for the session over https unless it is told otherwise. */
export function baseHeaders({ url }: Pick<Api, 'url'>): Readonly<Record<string, string>> {
  return url.startsWith('http:') ? { 'x-forwarded-proto': 'http' } : {};
}

/** The few rules of cookies that matter here: the last value of a name counts, and an empty or expired one deletes it. */
class Jar {
  readonly #cookies = new Map<string, string>();

  constructor(header = '') {
    for (const pair of header.split('; ')) this.#set(pair);
  }

  take({ setCookies }: Answered): void {
    for (const line of setCookies) {
      const [pair = '', ...attributes] = line.split(';');
      this.#set(pair);
      if (attributes.some(endsAtOnce)) this.#cookies.delete(nameOf(pair));
    }
  }

  first(names: readonly string[]): string | null {
    return names.map((name) => this.#cookies.get(name)).find((value) => value) ?? null;
  }

  header(): Readonly<Record<string, string>> {
    const pairs = [...this.#cookies].map(([name, value]) => `${name}=${value}`);
    return pairs.length > 0 ? { cookie: pairs.join('; ') } : {};
  }

  #set(pair: string): void {
    const value = pair.slice(pair.indexOf('=') + 1).trim();
    if (pair.includes('=') && value !== '') this.#cookies.set(nameOf(pair), value);
  }
}

const nameOf = (pair: string): string => pair.slice(0, pair.indexOf('=')).trim();

function endsAtOnce(attribute: string): boolean {
  const [name = '', value = ''] = attribute.trim().split('=');
  if (name.toLowerCase() === 'max-age') return Number(value) <= 0;
  return name.toLowerCase() === 'expires' && Date.parse(value) < Date.now();
}
