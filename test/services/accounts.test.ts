import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEnvironment } from '../../environment/load.ts';
import { down, handle, type ReferenceHandle, up } from '../../reference/index.ts';
import { type Answer, ask, caller, cookiesOf, moveClock, outbox, register, signIn, type User } from './client.ts';

const directory = mkdtempSync(join(tmpdir(), 'shakedown-accounts-'));
let deployment: ReferenceHandle;

beforeAll(async () => {
  deployment = handle(await up({ directory, only: ['postgres', 'redis', 'stubs', 'api'] }));
}, 120_000);
afterAll(() => down(directory), 20_000);

const anonymous = () => caller(deployment);
const code = ({ body }: Answer) => body.error?.data?.code;
const login = (email: string, password: string, mfaCode?: string) =>
  anonymous().mutate('auth.login', { email, password, ...(mfaCode ? { mfaCode } : {}) });
const location = ({ headers }: Answer) => headers.get('location') ?? '';
const newest = async (to: string) => (await outbox(to, deployment)).at(-1);
const another = 'An0ther!pass';

async function planted<T>(name: string, look: () => Promise<T>): Promise<T> {
  await deployment.switch('api', name, true);
  try {
    return await look();
  } finally {
    await deployment.switch('api', name, null);
  }
}

describe('a refused sign-in', () => {
  const words = async (user: User) => {
    const answers = [await login(user.email, 'wrong'), await login(`no-${user.email}`, 'wrong')];
    return answers.map(({ status, body }) => [status, body.error.message]);
  };

  test('sounds the same for an unknown address and for a wrong password', async () => {
    const [one, other] = await words(await register(deployment));
    expect(one).toEqual([401, 'Invalid email or password']);
    expect(other).toEqual(one);
    const [wrong, unknown] = await planted('login-tells', async () => words(await register(deployment)));
    expect(wrong).not.toEqual(unknown);
  });

  test('says so to the browser', async () => {
    const user = await register(deployment);
    const refused = async () => (await signIn(deployment, user.email, 'wrong')).answer;
    expect(location(await refused())).toContain('error=CredentialsSignin');
    expect(location(await planted('login-silent', refused))).not.toContain('error');
  });
});

describe('five wrong passwords', () => {
  const tries = async (user: User, count: number) => {
    const codes: unknown[] = [];
    for (let i = 0; i < count; i++) codes.push(code(await login(user.email, 'wrong')));
    return codes;
  };

  test('lock the account for a quarter of an hour, on either way in', async () => {
    const user = await register(deployment);
    await deployment.sql('UPDATE users SET email_verified = now() WHERE email = $1', [user.email]);
    expect(await tries(user, 6)).toEqual([...Array(5).fill('UNAUTHORIZED'), 'FORBIDDEN']);
    expect((await signIn(deployment, user.email, user.password)).token).toBe('');
    await moveClock(user.email, 16 * 60_000, deployment);
    expect((await login(user.email, user.password)).status).toBe(200);
  });

  test('do nothing where the lock is off', async () => {
    const user = await register(deployment);
    expect(await planted('lock-off', () => tries(user, 7))).toEqual(Array(7).fill('UNAUTHORIZED'));
  });
});

describe('a new password', () => {
  const reset = (token: string, password = another) => anonymous().mutate('auth.resetPassword', { token, password });

  test('is chosen with a token that came by mail, works once and ends all sessions', async () => {
    const user = await register(deployment);
    const asked = await anonymous().mutate('auth.resetPasswordRequest', { email: user.email });
    const unknown = await anonymous().mutate('auth.resetPasswordRequest', { email: `no-${user.email}` });
    expect(asked.body.result.data).toEqual(unknown.body.result.data);
    const { token, link, kind } = await newest(user.email);
    expect([kind, link]).toEqual(['reset', expect.stringMatching(/^https:.*\/reset-password\?token=[0-9a-f]{64}$/)]);
    expect((await reset(token)).status).toBe(200);
    expect((await user.query('users.me')).status).toBe(401);
    expect((await reset(token)).status).toBe(404);
    expect((await signIn(deployment, user.email, another)).token).not.toBe('');
  });

  test('is not chosen after an hour', async () => {
    const user = await register(deployment);
    await anonymous().mutate('auth.resetPasswordRequest', { email: user.email });
    await moveClock(user.email, 61 * 60_000, deployment);
    expect((await reset((await newest(user.email)).token)).status).toBe(400);
  });

  test.each([
    { name: 'reset-token-reusable', seen: async (_: User, token: string) => (await reset(token)).status === 200 },
    { name: 'reset-keeps-sessions', seen: async (user: User) => (await user.query('users.me')).status === 200 },
  ])('$name shows while it is on', async ({ name, seen }) => {
    const user = await register(deployment);
    await anonymous().mutate('auth.resetPasswordRequest', { email: user.email });
    const { token } = await newest(user.email);
    expect(await planted(name, async () => [(await reset(token)).status, await seen(user, token)])).toEqual([
      200,
      true,
    ]);
  });
});

describe('a session', () => {
  const lastActivity = async ({ token }: User): Promise<number> =>
    JSON.parse(String(await deployment.redisCommand('GET', `session:${token}`))).lastActivityAt;

  test.each([
    { ends: 'after half an hour of doing nothing', keepsMinutes: [29], endsMinutes: 60 },
    {
      ends: 'after eight hours, however busy',
      keepsMinutes: Array.from({ length: 19 }, (_, i) => 25 * (i + 1)),
      endsMinutes: 481,
    },
  ])(
    'ends $ends',
    async ({ keepsMinutes, endsMinutes }) => {
      const user = await register(deployment);
      const at = async (minutes: number) => {
        await moveClock(user.email, minutes * 60_000, deployment);
        return (await user.query('users.me')).status;
      };
      for (const minutes of keepsMinutes) {
        expect(await at(minutes)).toBe(200);
        // The activity is written beside the answer, not before it.
        while ((await lastActivity(user)) < Date.now() + (minutes - 1) * 60_000) await sleep(10);
      }
      expect(await at(endsMinutes)).toBe(401);
    },
    90_000,
  );

  test('ends when signing out, unless planted otherwise', async () => {
    const [user, other] = [await register(deployment), await register(deployment)];
    await user.mutate('auth.signOut', {});
    expect((await user.query('users.me')).status).toBe(401);
    await planted('sign-out-keeps', () => other.mutate('auth.signOut', {}));
    expect((await other.query('users.me')).status).toBe(200);
  });
});

describe('a second factor', () => {
  const now = (secret: string) => new TOTP({ secret }).generate();
  const mfaLogin = (user: User, mfaCode?: string) => signIn(deployment, user.email, user.password, mfaCode);

  async function enrolled() {
    const user = await register(deployment);
    const { secret, backupCodes, qrCodeDataUrl } = (await user.mutate('mfa.setup', {})).body.result.data;
    const enable = (verificationCode: string, password = user.password) =>
      user.mutate('mfa.enable', { verificationCode, password });
    return { user, secret, backupCodes, qrCodeDataUrl, enable };
  }

  test('is enrolled with a code of the secret shown, and asked for from then on', async () => {
    const { user, secret, backupCodes, qrCodeDataUrl, enable } = await enrolled();
    expect(backupCodes).toHaveLength(10);
    expect(qrCodeDataUrl).toMatch(/^data:image\/svg\+xml;base64,/);
    expect([(await enable('000000')).status, (await enable(now(secret), 'Wr0ng!pass')).status]).toEqual([400, 401]);
    expect((await planted('mfa-enable-broken', () => enable(now(secret)))).status).toBe(400);
    expect((await enable(now(secret))).status).toBe(200);
    expect((await user.query('mfa.status')).body.result.data).toEqual({ enabled: true });
    const [none, wrong, right] = [
      await mfaLogin(user),
      await mfaLogin(user, '000000'),
      await mfaLogin(user, now(secret)),
    ];
    expect([none.token, wrong.token]).toEqual(['', '']);
    expect(location(none.answer)).toContain('code=mfa_required');
    expect(right.token).not.toBe('');
    expect(code(await login(user.email, user.password))).toBe('FORBIDDEN');
    expect(await planted('mfa-skipped', async () => (await mfaLogin(user)).token)).not.toBe('');
  });

  test('has backup codes that work once', async () => {
    const { user, secret, backupCodes, enable } = await enrolled();
    await enable(now(secret));
    const enters = async (index: number) => (await mfaLogin(user, backupCodes[index])).token !== '';
    expect([await enters(0), await enters(0), await enters(1)]).toEqual([true, false, true]);
    expect(await planted('backup-code-reusable', async () => [await enters(2), await enters(2)])).toEqual([true, true]);
  });

  test('goes away with the password', async () => {
    const { user, secret, enable } = await enrolled();
    await enable(now(secret));
    expect((await user.mutate('mfa.disable', { password: 'Wr0ng!pass' })).status).toBe(401);
    expect((await user.mutate('mfa.disable', { password: user.password })).status).toBe(200);
    expect((await mfaLogin(user)).token).not.toBe('');
  });
});

describe('signing in at a provider', () => {
  const provider = () => new URL(loadEnvironment(deployment.environmentFile, {}).environment!.identity!.url).origin;

  /** As a browser does: each redirect followed by hand, cookies kept. */
  async function walk(name: string, email: string, spoil: (url: URL) => void = () => {}) {
    const csrf = await ask(`${deployment.api}/api/auth/csrf`);
    const begun = await ask(`${deployment.api}/api/auth/signin/${name}`, {
      method: 'POST',
      headers: {
        cookie: cookiesOf(csrf),
        'content-type': 'application/x-www-form-urlencoded',
        'x-auth-return-redirect': '1',
      },
      body: new URLSearchParams({ csrfToken: csrf.body.csrfToken, callbackUrl: deployment.web.dashboard }).toString(),
    });
    expect(begun.body.url).toMatch(new RegExp(`^${provider()}/${name}/authorize`));
    const page = await ask(begun.body.url);
    expect(page.body).toContain('<button>Continue</button>');
    const granted = await ask(begun.body.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ email, name: 'Person' }).toString(),
    });
    const back = new URL(location(granted));
    spoil(back);
    return ask(back.href, { headers: { cookie: cookiesOf(begun) } });
  }
  const me = async (answer: Answer) =>
    (await ask(`${deployment.api}/api/auth/session`, { headers: { cookie: cookiesOf(answer) } })).body?.user;
  const address = () => `oauth-${Math.random().toString(36).slice(2)}@example.com`;

  test.each(['google', 'microsoft-entra-id'])('%s makes an account the first time and finds it again', async (name) => {
    const email = address();
    const first = await walk(name, email);
    expect(location(first)).toBe(deployment.web.dashboard);
    const [one, again] = [await me(first), await me(await walk(name, email))];
    expect(one).toMatchObject({ email, role: 'owner' });
    expect(again.id).toBe(one.id);
  });

  test('takes an address over from whoever registered it without proof', async () => {
    const squatter = await register(deployment);
    const owner = await me(await walk('google', squatter.email));
    expect(owner.email).toBe(squatter.email);
    expect((await squatter.query('users.me')).status).toBe(401);
    expect((await signIn(deployment, squatter.email, squatter.password)).token).toBe('');
  });

  test.each([
    { what: 'another state', spoil: (url: URL) => url.searchParams.set('state', 'x') },
    { what: 'another code', spoil: (url: URL) => url.searchParams.set('code', 'x') },
    { what: 'a refusal of the provider', spoil: (url: URL) => url.searchParams.delete('code') },
  ])('with $what ends at the login page with an error', async ({ spoil }) => {
    const answer = await walk('google', address(), spoil);
    expect(location(answer)).toBe(`${deployment.web.dashboard}login?error=OAuthCallbackError`);
    expect(await me(answer)).toBeUndefined();
  });
});

test('the outbox and the clock open to nobody without their token', async () => {
  const { outbox: box, clock } = loadEnvironment(deployment.environmentFile, {}).environment!;
  expect((await ask(box!.url)).status).toBe(401);
  expect((await ask(clock!.url, { method: 'POST', body: '{"aheadMs":0}' })).status).toBe(401);
});
