import http, { type RefinedResponse } from 'k6/http';
import { begin, count, counted, forget, good, lost, now, spend } from 'k6/x/shakedown';
import { noAnswer } from './answer.ts';
import { isRecord, parsed, sending } from './calls.ts';
import { given, type Person, type Session } from './given.ts';

/** So often may a sign-in be limited before sessions made before the run are used without asking again. */
const limitedAtMost = 3;

/**
 * Signs in as a browser would: token, form, cookie. A sign-in beyond the deployment's limit is an expected refusal, and
 * the session made before the run takes its place; any other failure is an error, and the journey goes on likewise.
 */
export function signIn(person: Person): Session {
  if (counted('sign-in-limited') >= limitedAtMost || !spend('requests', 3)) return person.session;
  const operation = begin('', now(), false);
  const attempt = attemptSignIn(person);
  if (typeof attempt !== 'string') {
    good(operation, 0);
    count('sign-ins');
    return attempt;
  }
  if (attempt === 'limited') {
    forget(operation);
    count('sign-in-limited');
  } else lost(operation, `sign-in-${attempt}`);
  return person.session;
}

/** Name → value, as they would lie in a browser's jar. */
type Cookies = Map<string, string>;

function attemptSignIn({ email, password }: Person): Session | string {
  const cookies: Cookies = new Map();
  const token = csrfToken(cookies);
  if (!token.ok) return token.cause;
  const form = { csrfToken: token.value, email, password, callbackUrl: given.api.url };
  const response = http.post(`${given.api.url}/api/auth/callback/credentials`, form, asking('sign-in', cookies));
  const trouble = troubleOf(response);
  if (trouble !== '') return trouble;
  keep(cookies, response);
  const session = given.api.sessionCookies.map((name) => cookies.get(name)).find((value) => value);
  if (session === undefined) return refusalOf(response);
  const bound = given.api.csrf ? csrfToken(cookies) : null;
  if (bound !== null && !bound.ok) return bound.cause;
  const headers = { ...given.api.headers, cookie: cookieHeader(cookies) };
  return { token: session, headers: bound === null ? headers : { ...headers, 'x-csrf-token': bound.value } };
}

type Token = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly cause: string };

function csrfToken(cookies: Cookies): Token {
  const response = http.get(`${given.api.url}/api/auth/csrf`, asking('csrf', cookies));
  const trouble = troubleOf(response);
  if (trouble !== '') return { ok: false, cause: trouble };
  keep(cookies, response);
  const json = parsed(response.body);
  if (isRecord(json) && typeof json.csrfToken === 'string') return { ok: true, value: json.csrfToken };
  return { ok: false, cause: 'no-token' };
}

function asking(name: string, cookies: Cookies) {
  const headers = cookies.size > 0 ? { ...given.api.headers, cookie: cookieHeader(cookies) } : given.api.headers;
  return sending(name, headers, given.timeoutMs);
}

const cookieHeader = (cookies: Cookies): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

function troubleOf(response: RefinedResponse<'text'>): string {
  if (response.status === 429) return 'limited';
  return response.status >= 500 ? `http-${response.status}` : noAnswer(response);
}

/** The platform never answers 401 here: a failure is a redirect that names its error. */
function refusalOf(response: RefinedResponse<'text'>): string {
  const location = String(response.headers.Location ?? '');
  return /[?&]error=([A-Za-z]+)/.exec(location)?.[1] ?? 'no-cookie';
}

function keep(cookies: Cookies, response: RefinedResponse<'text'>): void {
  for (const [name, values] of Object.entries(response.cookies)) {
    const value = values.at(-1)?.value ?? '';
    if (value === '') cookies.delete(name);
    else cookies.set(name, value);
  }
}
