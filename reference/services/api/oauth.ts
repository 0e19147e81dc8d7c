import { createHash, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';
import { log, text } from '../common/log.ts';
import type { SessionUser } from '../common/sessions.ts';
import { cookiesOf } from './csrf.ts';
import type { Deployment } from './deployment.ts';
import { dashboard } from './mail.ts';
import { userOfProvider } from './provider-accounts.ts';

export const providers = { google: 'Google', 'microsoft-entra-id': 'Microsoft Entra ID' } as const;
export type Provider = keyof typeof providers;
const isProvider = (name: string): name is Provider => name in providers;

const stateCookie = 'authjs.state';
const lifeSeconds = 600;
const pending = z.object({
  provider: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  callbackUrl: z.string(),
});
type Pending = z.infer<typeof pending>;
const returned = z.object({ state: z.string().max(500), code: z.string().max(500) });
const tokens = z.object({ id_token: z.string() });
const claims = z.object({
  sub: z.string().min(1),
  email: z.email(),
  email_verified: z.literal(true),
  name: z.string().max(200).optional(),
  nonce: z.string(),
});

export interface Doors {
  forged(request: FastifyRequest, token: unknown): boolean;
  safeUrl(wanted: string | undefined): string;
  /** Signs the person in and goes on to the page. */
  enter(request: FastifyRequest, reply: FastifyReply, user: SessionUser, callbackUrl: string): Promise<FastifyReply>;
  redirect(request: FastifyRequest, reply: FastifyReply, url: string): FastifyReply;
}

/** Signing in at an identity provider: OpenID Connect with authorization code, PKCE, state and nonce. */
export function oauth(app: FastifyInstance, deployment: Deployment, doors: Doors): void {
  app.post('/signin/:provider', async (request, reply) => {
    const { provider } = request.params as { provider: string };
    const body = (request.body ?? {}) as { csrfToken?: unknown; callbackUrl?: string };
    if (!isProvider(provider)) return reply.code(400).type('text/plain').send('Bad request.');
    if (doors.forged(request, body.csrfToken)) return doors.redirect(request, reply, failed(deployment, 'MissingCSRF'));
    const { state, url } = await begin(deployment, provider, doors.safeUrl(body.callbackUrl));
    reply.setCookie(stateCookie, state, { path: '/', httpOnly: true, sameSite: 'lax', maxAge: lifeSeconds });
    return doors.redirect(request, reply, url);
  });

  app.get('/callback/:provider', async (request, reply) => {
    const { provider } = request.params as { provider: string };
    reply.clearCookie(stateCookie, { path: '/' });
    try {
      if (!isProvider(provider)) throw new Error('unknown provider');
      const { user, callbackUrl } = await finish(deployment, provider, request);
      if (deployment.switches.on('oauth-broken')) throw new Error('planted');
      return await doors.enter(request, reply, user, callbackUrl);
    } catch (error) {
      log('warn', 'sign-in with a provider failed', { provider, error: text(error) });
      return reply.redirect(failed(deployment, 'OAuthCallbackError'), 302);
    }
  });
}

const failed = (deployment: Deployment, error: string): string => `${dashboard(deployment)}/login?error=${error}`;
const redirectUri = ({ config }: Deployment, provider: Provider): string =>
  `http://localhost:${config.ports.api}/api/auth/callback/${provider}`;
const issuer = ({ config }: Deployment, provider: Provider): string => `${config.identity.url}/${provider}`;
const key = (state: string): string => `oauth:${state}`;

async function begin(deployment: Deployment, provider: Provider, callbackUrl: string) {
  const [state, nonce, verifier] = [random(), random(), random()];
  const kept: Pending = { provider, nonce, verifier, callbackUrl };
  await deployment.redis.set(key(state), JSON.stringify(kept), 'EX', lifeSeconds);
  const url = new URL(`${issuer(deployment, provider)}/authorize`);
  url.search = new URLSearchParams({
    client_id: deployment.config.identity.clientId,
    redirect_uri: redirectUri(deployment, provider),
    response_type: 'code',
    scope: 'openid email profile',
    state,
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  return { state, url: url.href };
}

const random = (): string => randomBytes(24).toString('base64url');

async function finish(deployment: Deployment, provider: Provider, request: FastifyRequest) {
  const { state, code } = returned.parse(request.query);
  // The state must be one that this very browser was given, or somebody could be signed in to another's account.
  if (cookiesOf(request)[stateCookie] !== state) throw new Error('the state is not of this browser');
  const kept = pending.parse(JSON.parse((await deployment.redis.getdel(key(state))) ?? 'null'));
  if (kept.provider !== provider) throw new Error('the state is of another provider');
  const person = await identify(deployment, provider, code, kept);
  return { user: await userOfProvider(deployment, provider, person), callbackUrl: kept.callbackUrl };
}

async function identify(deployment: Deployment, provider: Provider, code: string, { verifier, nonce }: Pending) {
  const { clientId, clientSecret } = deployment.config.identity;
  const response = await fetch(`${issuer(deployment, provider)}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri(deployment, provider),
      client_id: clientId,
      client_secret: clientSecret,
      code_verifier: verifier,
    }),
    signal: AbortSignal.timeout(5000),
  });
  if (!response.ok) throw new Error(`the provider gave no token: HTTP ${response.status}`);
  const { id_token: token } = tokens.parse(await response.json());
  const keys = createRemoteJWKSet(new URL(`${issuer(deployment, provider)}/jwks`));
  const { payload } = await jwtVerify(token, keys, {
    issuer: issuer(deployment, provider),
    audience: clientId,
    algorithms: ['RS256'],
  });
  const person = claims.parse(payload);
  if (person.nonce !== nonce) throw new Error('the nonce is of another sign-in');
  return { subject: person.sub, email: person.email, name: person.name ?? person.email };
}
