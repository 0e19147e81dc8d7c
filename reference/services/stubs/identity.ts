import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { z } from 'zod';
import type { Config } from '../common/config.ts';
import { answer, read } from './http.ts';
import { signInPage } from './page.ts';

const names = { google: 'Google', 'microsoft-entra-id': 'Microsoft' } as const;
type Provider = keyof typeof names;

/** What a client asks for at the door, and gets back with the code. */
const asked = z.object({
  client_id: z.string(),
  redirect_uri: z.url(),
  response_type: z.literal('code'),
  state: z.string().min(1).max(500),
  nonce: z.string().max(500).optional(),
  code_challenge: z.string().max(200),
  code_challenge_method: z.literal('S256'),
  scope: z.string().max(200),
  login_hint: z.string().max(254).optional(),
});
const person = z.object({ email: z.email().max(254), name: z.string().trim().min(1).max(100) });
const exchanged = z.object({
  grant_type: z.literal('authorization_code'),
  code: z.string(),
  redirect_uri: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
  code_verifier: z.string(),
});

type Grant = z.infer<typeof asked> & z.infer<typeof person> & { readonly until: number };
const lifeMs = 60_000;

/** In place of Google and Microsoft: OpenID Connect with authorization code and PKCE, for whoever one says one is. */
export class Identity {
  readonly #config: Config;
  readonly #keys = generateKeyPair('RS256', { extractable: true });
  readonly #grants = new Map<string, Grant>();

  constructor(config: Config) {
    this.#config = config;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.#config.identity.url);
    const [, name = '', ...rest] = url.pathname.split('/');
    if (!(name in names)) return answer(response, 404, { error: 'not found' });
    const provider = name as Provider;
    const route = `${request.method} ${rest.join('/')}`;
    if (route === 'GET .well-known/openid-configuration') return answer(response, 200, this.#discovery(provider));
    if (route === 'GET jwks') return answer(response, 200, { keys: [await this.#publicKey()] });
    if (route === 'GET authorize') return this.#show(provider, url.searchParams, response);
    if (route === 'POST authorize') return this.#grant(url.searchParams, await form(request), response);
    if (route === 'POST token') return this.#exchange(provider, await form(request), response);
    answer(response, 404, { error: 'not found' });
  }

  #issuer = (provider: Provider): string => `${this.#config.identity.url}/${provider}`;

  #discovery(provider: Provider) {
    const issuer = this.#issuer(provider);
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      scopes_supported: ['openid', 'email', 'profile'],
    };
  }

  async #publicKey() {
    return { ...(await exportJWK((await this.#keys).publicKey)), kid: 'stub', use: 'sig', alg: 'RS256' };
  }

  #show(provider: Provider, query: URLSearchParams, response: ServerResponse): void {
    const request = asked.parse(Object.fromEntries(query));
    const cancel = new URL(request.redirect_uri);
    cancel.search = new URLSearchParams({ error: 'access_denied', state: request.state }).toString();
    const page = signInPage({ provider: names[provider], email: request.login_hint ?? '', cancel: cancel.href });
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(page);
  }

  #grant(query: URLSearchParams, fields: Record<string, string>, response: ServerResponse): void {
    const request = asked.parse(Object.fromEntries(query));
    const code = randomBytes(24).toString('base64url');
    this.#grants.set(code, { ...request, ...person.parse(fields), until: Date.now() + lifeMs });
    setTimeout(() => this.#grants.delete(code), lifeMs).unref();
    const back = new URL(request.redirect_uri);
    back.search = new URLSearchParams({ code, state: request.state }).toString();
    response.writeHead(303, { location: back.href, 'cache-control': 'no-store' }).end();
  }

  async #exchange(provider: Provider, fields: Record<string, string>, response: ServerResponse): Promise<void> {
    const wanted = exchanged.safeParse(fields);
    const grant = wanted.success ? this.#grants.get(wanted.data.code) : undefined;
    if (wanted.success) this.#grants.delete(wanted.data.code);
    if (!wanted.success || !grant || !this.#matches(grant, wanted.data))
      return answer(response, 400, { error: 'invalid_grant' });
    answer(response, 200, {
      access_token: randomBytes(24).toString('base64url'),
      token_type: 'Bearer',
      expires_in: 3600,
      id_token: await this.#idToken(provider, grant),
    });
  }

  #matches(grant: Grant, wanted: z.infer<typeof exchanged>): boolean {
    const { clientId, clientSecret } = this.#config.identity;
    const challenge = createHash('sha256').update(wanted.code_verifier).digest('base64url');
    return (
      grant.until > Date.now() &&
      grant.redirect_uri === wanted.redirect_uri &&
      grant.code_challenge === challenge &&
      [grant.client_id, wanted.client_id].every((id) => id === clientId) &&
      wanted.client_secret === clientSecret
    );
  }

  async #idToken(provider: Provider, { email, name, nonce, client_id }: Grant): Promise<string> {
    const subject = createHash('sha256').update(`${provider}:${email.toLowerCase()}`).digest('hex').slice(0, 32);
    return new SignJWT({ email, email_verified: true, name, ...(nonce === undefined ? {} : { nonce }) })
      .setProtectedHeader({ alg: 'RS256', kid: 'stub' })
      .setIssuer(this.#issuer(provider))
      .setAudience(client_id)
      .setSubject(subject)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign((await this.#keys).privateKey);
  }
}

async function form(request: IncomingMessage): Promise<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(await read(request)));
}
