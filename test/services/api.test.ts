import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { down, handle, type ReferenceHandle, up } from '../../reference/index.ts';
import { type Answer, ask, caller, outbox, register, signIn, type User } from './client.ts';

const directory = mkdtempSync(join(tmpdir(), 'shakedown-api-'));
let deployment: ReferenceHandle;
let ann: User;
let bob: User;
let room: string;

beforeAll(async () => {
  deployment = handle(
    await up({ endWithCaller: true, directory, only: ['postgres', 'redis', 'models', 'stubs', 'api'] }),
  );
  [ann, bob] = [await register(deployment), await register(deployment)];
  room = (await ann.mutate('sessions.create', {})).body.result.data.id;
}, 120_000);
afterAll(() => down(directory), 20_000);

const anonymous = () => caller(deployment);
const code = ({ body }: Answer) => body.error?.data?.code;
const trpc = (path: string, init?: RequestInit) => ask(`${deployment.api}/trpc/${path}`, init);

describe('the API', () => {
  test('is healthy, and says what of', async () => {
    const { status, body } = await ask(`${deployment.api}/health`);
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'ok',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      version: '1.0.0',
      services: { api: 'running', websocket: 'running' },
      revision: expect.stringMatching(/^[0-9a-f]{40}$/),
      uptime: expect.any(Number),
      instance: 'api',
      dependencies: { database: 'up', redis: 'up' },
    });
  });

  test.each([
    { path: 'no.such', status: 404, code: -32004, name: 'NOT_FOUND' },
    { path: 'auth.login', status: 405, code: -32005, name: 'METHOD_NOT_SUPPORTED' },
    { path: 'users.me', status: 401, code: -32001, name: 'UNAUTHORIZED' },
  ])('answers GET $path with $status in the agreed shape', async ({ path, status, code: number, name }) => {
    const answer = await trpc(path);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toEqual({
      message: expect.any(String),
      code: number,
      data: { code: name, httpStatus: status, path },
    });
  });

  test('lists the issues of bad input as JSON in the message', async () => {
    const { status, body } = await anonymous().mutate('auth.login', {});
    expect(status).toBe(400);
    const issues = JSON.parse(body.error.message);
    expect(issues[0]).toMatchObject({ code: 'invalid_type', path: ['email'], message: expect.any(String) });
  });

  test('answers a batch with one status, or 207 for several', async () => {
    const same = await trpc(`health.liveness,assetClasses.list?batch=1&input=${encodeURIComponent('{}')}`);
    const mixed = await trpc(`health.liveness,users.me?batch=1&input=${encodeURIComponent('{}')}`);
    expect([same.status, mixed.status]).toEqual([200, 207]);
    expect([same.body.length, mixed.body[1].error.data.code]).toEqual([2, 'UNAUTHORIZED']);
  });

  test('refuses what is not JSON, and too much of it', async () => {
    const send = (type: string, body: string) =>
      trpc('auth.login', { method: 'POST', headers: { 'content-type': type }, body });
    expect((await send('text/plain', '{}')).status).toBe(415);
    const big = await send('application/json', JSON.stringify({ email: 'x'.repeat(1_100_000) }));
    expect([big.status, big.body.code]).toEqual([413, 'FST_ERR_CTP_BODY_TOO_LARGE']);
  });

  test('lets its own pages in by CORS, and no others', async () => {
    const own = deployment.web.dashboard.replace(/\/$/, '');
    const preflight = (origin: string) =>
      trpc('users.me', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET' } });
    const [allowed, refused] = [await preflight(own), await preflight('https://elsewhere.example')];
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, own]);
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([404, null]);
  });
});

describe('accounts', () => {
  test('are verified by mail, never by the answer', async () => {
    const email = `mail-${Date.now()}@example.com`;
    const { body } = await anonymous().mutate('auth.register', {
      email,
      password: 'Passw0rd!x',
      name: 'M',
      organizationName: 'M',
    });
    expect(JSON.stringify(body)).not.toMatch(/[Tt]oken/);
    const [{ token }] = await outbox(email, deployment);
    const login = () => anonymous().mutate('auth.login', { email, password: 'Passw0rd!x' });
    expect((await login()).status).toBe(403);
    expect((await anonymous().mutate('auth.verifyEmail', { token })).status).toBe(200);
    expect((await login()).status).toBe(200);
    expect((await anonymous().mutate('auth.verifyEmail', { token })).status).toBe(404);
  });

  test('show nothing of themselves but who they are', async () => {
    const { body } = await ask(`${deployment.api}/api/auth/session`, { headers: { cookie: ann.cookie } });
    expect(Object.keys(body.user).sort()).toEqual(['email', 'id', 'name', 'role', 'tenantId']);
    expect(Object.keys(body).sort()).toEqual(['expires', 'user']);
  });

  test('get a cookie that scripts and foreign pages cannot use, for eight hours', async () => {
    const { answer } = await signIn(deployment, ann.email, ann.password);
    const line = answer.headers.getSetCookie().find((one) => one.startsWith('authjs.session-token='))!;
    expect(line).toMatch(/^authjs\.session-token=[0-9a-f-]{36}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
    const expires = Date.parse(/Expires=([^;]+)/.exec(line)![1]!);
    expect(Math.abs(expires - Date.now() - 8 * 3_600_000)).toBeLessThan(5_000);
  });

  test('are known to Redis while signed in, and to nobody after signing out', async () => {
    const user = await register(deployment);
    const key = `session:${user.token}`;
    expect(await deployment.redisCommand('EXISTS', key)).toBe(1);
    await user.mutate('auth.signOut', {});
    expect(await deployment.redisCommand('EXISTS', key)).toBe(0);
    expect((await user.query('users.me')).status).toBe(401);
  });
});

describe('a mutation', () => {
  test.each([
    { token: 'none', header: () => ({ 'x-csrf-token': '' }) },
    { token: 'a well-formed but made-up', header: () => ({ 'x-csrf-token': 'a'.repeat(64) }) },
    { token: "another session's", header: () => ({ 'x-csrf-token': bob.csrf }) },
    { token: 'its own, from a foreign page', header: () => ({ origin: 'https://elsewhere.example' }) },
  ])('with $token CSRF token is refused', async ({ header }) => {
    const answer = await ann.mutate('sessions.create', {}, header());
    expect([answer.status, code(answer)]).toEqual([403, 'FORBIDDEN']);
  });
});

describe('tenants', () => {
  test.each([
    { path: 'sessions.get', input: () => ({ id: room }) },
    { path: 'sessions.listMessages', input: () => ({ sessionId: room }) },
  ])('cannot read one another through $path', async ({ path, input }) => {
    expect((await ann.query(path, input())).status).toBe(200);
    expect((await bob.query(path, input())).status).toBe(404);
  });

  test.each(['sessions.end', 'sessions.delete'])('cannot change one another through %s', async (path) => {
    expect((await bob.mutate(path, { id: room })).status).toBe(404);
  });

  test('find their own documents only', async () => {
    const content = 'The lift is serviced on Mondays; deliveries arrive at the north gate.';
    const { body } = await ann.mutate('knowledge.upload', { title: 'House', content });
    expect(body.result.data.processingStats.chunksCreated).toBe(1);
    const search = async (who: User, minScore: number) =>
      (await who.query('knowledge.search', { query: 'when is the lift serviced', minScore })).body.result.data.total;
    expect([await search(ann, 0.65), await search(bob, 0)]).toEqual([1, 0]);
  });
});

describe('a question', () => {
  test('is answered from the documents, and both are kept in order', async () => {
    const { body } = await ann.mutate('chat.sendMessage', { sessionId: room, content: 'When is the lift serviced?' });
    const { userMessage, assistantMessage, usage } = body.result.data;
    expect(userMessage.content).toBe('When is the lift serviced?');
    expect(assistantMessage.content).toContain('Mondays');
    expect(assistantMessage.metadata.modelRouting.modelTier).toBe('fast');
    expect(assistantMessage.metadata.rag.chunks[0].source).toMatch(/^[0-9a-f-]{36}$/);
    expect(usage.totalTokens).toBe(usage.inputTokens + usage.outputTokens);
    const kept = (await ann.query('sessions.listMessages', { sessionId: room })).body.result.data.messages;
    expect(kept.map((message: { id: string }) => message.id)).toEqual([userMessage.id, assistantMessage.id]);
  });

  test('that cannot be answered leaves nothing behind', async () => {
    const { id } = (await ann.mutate('sessions.create', {})).body.result.data;
    await deployment.switch('models', 'down', true);
    const answer = await ann.mutate('chat.sendMessage', { sessionId: id, content: 'Are you there?' });
    await deployment.switch('models', 'down', null);
    expect([answer.status, answer.body.error.message]).toEqual([500, 'Internal server error']);
    expect((await ann.query('sessions.listMessages', { sessionId: id })).body.result.data.total).toBe(0);
  });
});

describe('a meeting token', () => {
  test('opens the one room of the caller’s tenant that was asked for', async () => {
    const { tenantId, id } = (await ann.query('auth.getSession')).body.result.data.user;
    const { token, url, roomName } = (await ann.query('livekit.getToken', { meetingId: 'm-1' })).body.result.data;
    expect([url, roomName]).toEqual([deployment.livekit.url, `tenant_${tenantId}_m-1`]);
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    expect(claims).toMatchObject({
      iss: deployment.livekit.apiKey,
      sub: id,
      video: { room: roomName, roomJoin: true },
    });
  });

  test.each(['../x', 'a b', ''])('is not given for the meeting "%s"', async (meetingId) => {
    expect((await ann.query('livekit.getToken', { meetingId })).status).toBe(400);
  });
});

describe('the settings of a widget', () => {
  const domainWhitelist = ['https://www.example.com'];

  test('are kept, one changed at a time, and seen by their tenant alone', async () => {
    const made = await ann.mutate('widgets.create', { name: 'Main', domainWhitelist, settings: { greeting: 'Hello' } });
    const { id } = made.body.result.data;
    await ann.mutate('widgets.update', { id, settings: { theme: 'dark' } });
    const { name, settings } = (await ann.query('widgets.get', { id })).body.result.data;
    expect([name, settings]).toEqual(['Main', { greeting: 'Hello', theme: 'dark' }]);
    expect(code(await bob.query('widgets.get', { id }))).toBe('NOT_FOUND');
    expect((await bob.query('widgets.list', {})).body.result.data.total).toBe(0);
  });

  test.each([{ theme: 'blue' }, { primaryColor: 'red' }])('cannot be %o', async (settings) => {
    expect((await ann.mutate('widgets.create', { name: 'Main', domainWhitelist, settings })).status).toBe(400);
  });
});

describe('roles', () => {
  test('cannot be raised above one’s own', async () => {
    const admin = await register(deployment);
    await deployment.sql("UPDATE users SET role = 'admin' WHERE email = $1", [admin.email]);
    const again = await signIn(deployment, admin.email, admin.password);
    const headers = { cookie: again.cookie };
    const csrf = (await ask(`${deployment.api}/api/auth/csrf`, { headers })).body.csrfToken;
    const as = caller(deployment, { ...headers, 'x-csrf-token': csrf });
    const { id } = (await as.query('users.me')).body.result.data;
    expect((await as.mutate('users.update', { id, role: 'owner' })).status).toBe(403);
    expect((await as.mutate('sessions.delete', { id })).status).toBe(403);
  });
});

describe('limits', () => {
  test('count each call of a batch, and say when to come back', async () => {
    const user = await register(deployment);
    await deployment.switch('api', 'limits-low', true);
    const calls = 'users.me,users.me,users.me,users.me';
    const answer = await ask(`${deployment.api}/trpc/${calls}?batch=1`, { headers: { cookie: user.cookie } });
    await deployment.switch('api', 'limits-low', null);
    expect(answer.status).toBe(429);
    expect(answer.body).toEqual({
      statusCode: 429,
      error: 'Too Many Requests',
      message: expect.any(String),
      retryAfter: expect.any(Number),
    });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('x-ratelimit-limit')).toBe('3');
  });
});

describe('planted faults', () => {
  const batch = () => trpc('health.liveness,health.liveness?batch=1&input=%7B%7D');
  test.each([
    {
      name: 'health-body',
      value: true,
      seen: async () => (await ask(`${deployment.api}/health`)).body.status === undefined,
    },
    { name: 'health-status', value: 503, seen: async () => (await ask(`${deployment.api}/health`)).status === 503 },
    {
      name: 'revision',
      value: 'other',
      seen: async () => (await ask(`${deployment.api}/health`)).body.revision === 'other',
    },
    { name: 'trpc-error-shape', value: true, seen: async () => typeof (await trpc('no.such')).body === 'string' },
    { name: 'trpc-unknown-ok', value: true, seen: async () => (await trpc('no.such')).status === 200 },
    {
      name: 'trpc-bad-input-500',
      value: true,
      seen: async () => (await anonymous().mutate('auth.login', {})).status === 500,
    },
    { name: 'trpc-batch-off', value: true, seen: async () => (await batch()).status === 404 },
    { name: 'trpc-public-broken', value: true, seen: async () => (await trpc('assetClasses.list')).status === 500 },
    { name: 'error-in-207-share', value: 1, seen: async () => (await batch()).status === 207 },
    {
      name: 'answers-cut-share',
      value: 1,
      seen: () =>
        ann.query('users.me').then(
          () => false,
          () => true,
        ),
    },
    { name: 'errors-share', value: 1, seen: async () => (await ann.query('users.me')).status === 500 },
    {
      name: 'login-broken',
      value: true,
      seen: async () => (await signIn(deployment, ann.email, ann.password)).token === '',
    },
    {
      name: 'wrong-session-share',
      value: 1,
      seen: async () => (await ann.query('sessions.get', { id: room })).body.result.data.id !== room,
    },
    {
      name: 'csrf-off',
      value: true,
      seen: async () => (await ann.mutate('sessions.create', {}, { 'x-csrf-token': '' })).status === 200,
    },
    {
      name: 'profile-not-saved',
      value: true,
      seen: async () => {
        const name = `Ann ${Math.random()}`;
        await ann.mutate('users.updateMe', { name });
        return (await ann.query('users.me')).body.result.data.name !== name;
      },
    },
    {
      name: 'settings-not-saved',
      value: true,
      seen: async () => {
        const [{ id }] = (await ann.query('widgets.list', {})).body.result.data.widgets;
        const name = `Widget ${Math.random()}`;
        await ann.mutate('widgets.update', { id, name });
        return (await ann.query('widgets.get', { id })).body.result.data.name !== name;
      },
    },
    {
      name: 'session-cookie-short',
      value: true,
      seen: async () => {
        const { answer } = await signIn(deployment, ann.email, ann.password);
        const expires = /session-token=[^;]+;.*?Expires=([^;]+)/i.exec(answer.headers.getSetCookie().join(' '))?.[1];
        return Date.parse(expires!) - Date.now() < 10_000;
      },
    },
    { name: 'api-latency-ms', value: 300, seen: async () => (await timed(() => ann.query('users.me'))) >= 300 },
    {
      name: 'search-latency-ms',
      value: 300,
      seen: async () => (await timed(() => ann.query('knowledge.search', { query: 'x' }))) >= 300,
    },
    {
      name: 'health-latency-ms',
      value: 300,
      seen: async () => (await timed(() => ask(`${deployment.api}/health`))) >= 300,
    },
  ])('$name shows while it is on, and not before or after', async ({ name, value, seen }) => {
    expect(await seen()).toBe(false);
    await deployment.switch('api', name, value);
    expect(await seen()).toBe(true);
    await deployment.switch('api', name, null);
    expect(await seen()).toBe(false);
  });

  const askTwice = async () => {
    const other = (await bob.mutate('sessions.create', {})).body.result.data.id;
    await ann.mutate('chat.sendMessage', { sessionId: room, content: 'from Ann' });
    return (await bob.mutate('chat.sendMessage', { sessionId: other, content: 'from Bob' })).body.result.data
      .userMessage.content;
  };
  test('chat-wrong-share answers with what somebody else asked', async () => {
    await deployment.switch('api', 'chat-wrong-share', 1);
    expect(await askTwice()).toBe('from Ann');
    await deployment.switch('api', 'chat-wrong-share', null);
    expect(await askTwice()).toBe('from Bob');
  });

  test('chat-silent-share never answers', async () => {
    await deployment.switch('api', 'chat-silent-share', 1);
    const asked = ann.mutate('chat.sendMessage', { sessionId: room, content: 'Hello?' }).catch(() => undefined);
    const first = await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 700, 'silence'))]);
    await deployment.switch('api', 'chat-silent-share', null);
    expect(first).toBe('silence');
  });

  test('freeze stands everything still', async () => {
    await deployment.switch('api', 'freeze', { everyMs: 300, forMs: 600 });
    const took: number[] = [];
    for (let i = 0; i < 12; i++) took.push(await timed(() => ask(`${deployment.api}/health`)).finally(() => pause(60)));
    await deployment.switch('api', 'freeze', null);
    expect(Math.max(...took)).toBeGreaterThan(300);
  });
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
