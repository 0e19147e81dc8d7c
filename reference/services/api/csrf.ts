import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../common/config.ts';
import { parseCookies } from '../common/cookies.ts';
import type { Session } from '../common/sessions.ts';

/**
 * Two tokens, one rule: a token is what `GET /api/auth/csrf` gives.
 * Without a session it is random, and stands signed in the cookie `token|hmac` (double submit), good for signing in.
 * With a session it is an HMAC of the session token: nothing to store, the same on every instance, worthless in another
 * session and after the end of its own.
 */
export const csrfCookie = 'authjs.csrf-token';

export function csrfToken(
  secret: string,
  cookies: Readonly<Record<string, string>>,
  session: Session | undefined,
): string {
  if (session) return sessionCsrf(secret, session.token);
  return signedToken(secret, cookies[csrfCookie]) ?? randomBytes(32).toString('hex');
}

export const sessionCsrf = (secret: string, sessionToken: string): string => hmac(secret, `csrf:${sessionToken}`);
export const csrfCookieValue = (secret: string, token: string): string => `${token}|${hmac(secret, `cookie:${token}`)}`;

/** The Auth.js endpoints: the token in the body is the one in the cookie, and we signed that. */
export function doubleSubmitHolds(secret: string, cookies: Readonly<Record<string, string>>, given: unknown): boolean {
  const token = signedToken(secret, cookies[csrfCookie]);
  return token !== undefined && typeof given === 'string' && same(given, token);
}

/** Procedures: the header carries the token of this very session. */
export function csrfHolds(secret: string, request: FastifyRequest, session: Session): boolean {
  const given = request.headers['x-csrf-token'] ?? request.headers['x-xsrf-token'];
  return typeof given === 'string' && same(given, sessionCsrf(secret, session.token));
}

/** Browsers name the page's origin on every mutation; what is neither ours nor absent is another site's page. */
export function foreignOrigin(config: Config, request: FastifyRequest): boolean {
  const { origin } = request.headers;
  return origin !== undefined && !config.origins.includes(origin) && !ownOrigins(config).includes(origin);
}

export const ownOrigins = (config: Config): string[] =>
  ['localhost', '127.0.0.1', '[::1]'].map((host) => `http://${host}:${config.ports.api}`);

export const cookiesOf = (request: FastifyRequest): Record<string, string> => parseCookies(request.headers.cookie);

function signedToken(secret: string, cookie: string | undefined): string | undefined {
  const [token, hash] = (cookie ?? '').split('|');
  return token && hash && same(hash, hmac(secret, `cookie:${token}`)) ? token : undefined;
}

const hmac = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('hex');

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
