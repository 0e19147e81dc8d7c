import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Session, SessionUser } from '../common/sessions.ts';
import { type SignIn, signIn } from './accounts.ts';
import {
  cookiesOf,
  csrfCookie,
  csrfCookieValue,
  csrfToken,
  doubleSubmitHolds,
  foreignOrigin,
  ownOrigins,
  sessionCsrf,
} from './csrf.ts';
import type { Deployment } from './deployment.ts';
import { endSession } from './end-session.ts';
import { oauth, providers } from './oauth.ts';
import { limited } from './refusals.ts';

const sessionCookie = 'authjs.session-token';
const callbackCookie = 'authjs.callback-url';
const credentials = z.object({
  csrfToken: z.unknown(),
  email: z.string().max(254).catch(''),
  password: z.string().max(128).catch(''),
  mfaCode: z.string().max(8).optional().catch(undefined),
  callbackUrl: z.string().max(2000).optional().catch(undefined),
});

/** The endpoints of Auth.js, by hand: the same addresses, cookies and redirects. */
export async function authjs(app: FastifyInstance, deployment: Deployment): Promise<void> {
  const { config, sessions } = deployment;
  const base = `http://localhost:${config.ports.api}`;
  await app.register(formbody, { bodyLimit: 65_536 });

  app.get('/csrf', (request, reply) => {
    const token = csrfToken(config.sessionSecret, cookiesOf(request), request.session);
    setCsrfCookie(reply, config.sessionSecret, token);
    return { csrfToken: token };
  });

  app.get('/session', ({ session }) =>
    session ? { user: session.user, expires: new Date(session.expiresAt).toISOString() } : null,
  );

  app.get('/providers', () => ({
    credentials: provider('credentials', 'Credentials', 'credentials'),
    ...Object.fromEntries(Object.entries(providers).map(([id, name]) => [id, provider(id, name, 'oidc')])),
  }));

  app.get('/signin', (request, reply) => {
    const { callbackUrl } = request.query as { callbackUrl?: string };
    return reply.redirect(`${base}/auth/signin?callbackUrl=${encodeURIComponent(safeUrl(callbackUrl))}`, 302);
  });

  app.post('/callback/credentials', async (request, reply) => {
    const allowance = await deployment.limits.auth(request.ip);
    if (allowance && limited(reply, allowance)) return reply;
    const form = credentials.parse(request.body ?? {});
    if (forged(request, form.csrfToken)) return redirect(request, reply, `${base}/auth/signin?error=MissingCSRF`);
    const byPage = request.headers['x-auth-return-redirect'] !== undefined || form.mfaCode !== undefined;
    const tried = await signIn(deployment, form, { factor: byPage || !deployment.switches.on('mfa-page-only') });
    if (!tried.ok) return redirect(request, reply, refused(tried.because, safeUrl(form.callbackUrl)));
    return enter(request, reply, tried.user, safeUrl(form.callbackUrl));
  });
  oauth(app, deployment, { forged, safeUrl, enter, redirect });

  app.post('/signout', async (request, reply) => {
    const form = credentials.parse(request.body ?? {});
    if (forged(request, form.csrfToken)) return redirect(request, reply, `${base}/auth/signin?error=MissingCSRF`);
    if (request.session) await endSession(deployment, request.session.token);
    for (const name of [sessionCookie, csrfCookie]) reply.clearCookie(name, { path: '/' });
    return redirect(request, reply, safeUrl(form.callbackUrl));
  });

  app.all('/*', (_request, reply) => reply.code(400).type('text/plain').send('Bad request.'));

  async function enter(request: FastifyRequest, reply: FastifyReply, user: SessionUser, callbackUrl: string) {
    const session = await sessions.create(user, { ip: request.ip, agent: request.headers['user-agent'] ?? '' });
    setSessionCookies(reply, session, callbackUrl);
    return redirect(request, reply, callbackUrl);
  }

  /** One text for every cause but a missing second factor, which only somebody with the right password is told of. */
  function refused(because: Extract<SignIn, { ok: false }>['because'], callbackUrl: string): string {
    const { switches } = deployment;
    if (switches.on('login-silent')) return callbackUrl;
    const told = switches.on('login-tells') && because !== 'code-needed' ? because : 'credentials';
    const quietly = switches.on('login-tells-api') && told === 'credentials' ? `refused_${because}` : told;
    const code = because === 'code-needed' ? 'mfa_required' : quietly;
    return `${base}/auth/signin?error=CredentialsSignin&code=${code}`;
  }

  function forged(request: FastifyRequest, given: unknown): boolean {
    return foreignOrigin(config, request) || !doubleSubmitHolds(config.sessionSecret, cookiesOf(request), given);
  }

  function setSessionCookies(reply: FastifyReply, session: Session, callbackUrl: string): void {
    const expires = deployment.switches.on('session-cookie-short')
      ? new Date(Date.now() + 2_000)
      : new Date(session.expiresAt);
    reply.setCookie(sessionCookie, session.token, { path: '/', httpOnly: true, sameSite: 'lax', expires });
    reply.setCookie(callbackCookie, callbackUrl, { path: '/', httpOnly: true, sameSite: 'lax' });
    setCsrfCookie(reply, config.sessionSecret, sessionCsrf(config.sessionSecret, session.token));
  }

  /** Only our own pages are gone back to; anything else ends at the dashboard. */
  function safeUrl(wanted: string | undefined): string {
    const fallback = `${base}/dashboard`;
    if (!wanted || !URL.canParse(wanted, base)) return wanted ? fallback : base;
    const url = new URL(wanted, base);
    return [...config.origins, ...ownOrigins(config)].includes(url.origin) ? url.href : fallback;
  }

  function provider(id: string, name: string, type: string) {
    return {
      id,
      name,
      type,
      signinUrl: `${base}/api/auth/signin/${id}`,
      callbackUrl: `${base}/api/auth/callback/${id}`,
    };
  }
}

function setCsrfCookie(reply: FastifyReply, secret: string, token: string): void {
  reply.setCookie(csrfCookie, csrfCookieValue(secret, token), { path: '/', httpOnly: true, sameSite: 'lax' });
}

/** Scripts that cannot read a redirect ask for the address as JSON. */
function redirect(request: FastifyRequest, reply: FastifyReply, url: string): FastifyReply {
  return request.headers['x-auth-return-redirect'] ? reply.send({ url }) : reply.redirect(url, 302);
}
