import http from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { contradictionIn, faultOfHealth, isSameRevision, revisionsOf } from '../../platform/health.ts';
import { deployment } from '../environment/deployment.ts';
import { listen } from '../servers/listen.ts';
import { observe } from './observe.ts';

const good = {
  status: 'ok',
  timestamp: '2026-01-02T03:04:05.678Z',
  version: '1.0.0',
  services: { api: 'running', websocket: 'running' },
};
const environment = deployment('api: { url: http://127.0.0.1:1 }');
const answer = (body: unknown, status = 200) => ({
  status,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});

describe('the health answer', () => {
  test.each([
    { name: 'as agreed', body: good, wrong: null },
    {
      name: 'with more besides',
      body: { ...good, uptime: 7, services: { ...good.services, redis: 'up' } },
      wrong: null,
    },
    { name: 'no JSON', body: '<html>', wrong: /not a JSON object/ },
    { name: 'a list', body: [], wrong: /not a JSON object/ },
    { name: 'another status', body: { ...good, status: 'degraded' }, wrong: /status "degraded"/ },
    { name: 'no time', body: { ...good, timestamp: 17 }, wrong: /timestamp/ },
    { name: 'no version', body: { ...good, version: undefined }, wrong: /version/ },
    { name: 'no services', body: { ...good, services: undefined }, wrong: /no services/ },
    {
      name: 'a service that is down',
      body: { ...good, services: { api: 'running', websocket: 'stopped' } },
      wrong: /websocket is "stopped"/,
    },
  ])('$name', ({ body, wrong }) => {
    const found = faultOfHealth(answer(body), environment);
    if (wrong === null) expect(found).toBeNull();
    else expect(found).toMatch(wrong);
  });

  test.each([
    [{ dependencies: { database: 'up', redis: 'up' } }, null],
    [{ dependencies: { database: 'up', redis: 'down' } }, 'says it is ok and that its redis is down'],
    [{ checks: { database: { status: 'unhealthy' } } }, 'says it is ok and that its database is unhealthy'],
    [{ services: { ...good.services, postgres: 'error' } }, 'says it is ok and that its postgres is error'],
    // What is optional, slow or of a word nobody agreed on is not held against it.
    [{ dependencies: { s3: 'unavailable', redis: 'slow', database: true } }, null],
  ])('ok beside %j: %s', (more, said) => expect(contradictionIn(answer({ ...good, ...more }))).toBe(said));

  test('ok beside a database that is down is no good form', async () => {
    // Timing it four hundred times is another test's; what comes after the first answer ends that at once.
    let answers = 0;
    const environment = await against((_, response) =>
      json(response, answers++ === 0 ? 200 : 500, { ...good, dependencies: { database: 'down' } }),
    );
    const { said } = await observe('smoke.api.health', environment);
    expect(said.form?.[0]).toBe('says it is ok and that its database is down');
  });

  test('503 is no health', () => expect(faultOfHealth(answer(good, 503), environment)).toBe('answered 503'));
});

test.each([
  ['9f2c0aa1', '9f2c0aa1', true],
  ['9f2c0aa', '9f2c0aa1b2c3', true],
  ['9F2C0AA1b2c3', '9f2c0aa', true],
  ['9f2c0a', '9f2c0aa1', false],
  ['v1.2.3', 'v1.2', false],
  ['9f2c0aa1', '9f2c0aa2', false],
])('%s is %s: %s', (a, b, same) => expect(isSameRevision(a, b)).toBe(same));

test('a revision may stand in the body or in a header, the package version last', () => {
  const headers = new Headers({ 'x-revision': 'abc1234' });
  expect(revisionsOf({ headers, body: Buffer.from('{"version":"1.0.0","commit":"def5678"}') })).toEqual([
    { where: 'commit', revision: 'def5678' },
    { where: 'header x-revision', revision: 'abc1234' },
    { where: 'version', revision: '1.0.0' },
  ]);
});

type Serve = (request: http.IncomingMessage, response: http.ServerResponse) => void;

async function against(serve: Serve, more = '') {
  const server = await listen(http.createServer(serve), 'http');
  onTestFinished(() => server.close());
  return deployment(`api: { url: ${server.url} }\ntimeoutMs: 400\n${more}`);
}

const json = (response: http.ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

describe('the revision', () => {
  const serve: Serve = (_, response) => json(response, 200, { ...good, revision: '9f2c0aa1' });
  test.each([
    { name: 'is the expected one', expected: 'revision: 9f2c0aa1', said: { revision: ['ok'] } },
    {
      name: 'is another',
      expected: 'revision: 11111111',
      said: { revision: ["the deployment's revision is 9f2c0aa1, expected 11111111"] },
    },
  ])('$name', async ({ expected, said }) => {
    expect((await observe('smoke.api.version', await against(serve, expected))).said).toEqual(said);
  });

  test('is not named although one is expected', async () => {
    const silent: Serve = (_, response) => json(response, 200, { status: 'ok' });
    const { said } = await observe('smoke.api.version', await against(silent, 'revision: 9f2c0aa1'));
    expect(said.revision).toEqual(['the deployment names no revision anywhere in /health']);
  });

  test.each([
    {
      name: 'a build number, a tag and a package version beside the commit',
      body: { ...good, revision: 'v1.4.2', commit: '9f2c0aa1', build: '2026.41' },
      said: 'ok',
    },
    { name: 'the expected build number, and not that of its commit', body: { ...good, build: '9f2c0aa1' }, said: 'ok' },
    {
      name: 'another commit beside the expected build number',
      body: { ...good, commit: '11111111', build: '9f2c0aa1' },
      said: "the deployment's commit is 11111111, expected 9f2c0aa1",
    },
    {
      name: 'nothing but a version',
      body: good,
      said: "the deployment's version is 1.0.0, expected 9f2c0aa1; it names no revision besides its version",
    },
  ])('is told from $name', async ({ body, said: expected }) => {
    const serves: Serve = (_, response) => {
      response.setHeader('x-version', '1.4.2');
      json(response, 200, body);
    };
    const plain: Serve = (_, response) => json(response, 200, body);
    const environment = await against(body === good ? plain : serves, 'revision: 9f2c0aa1');
    expect((await observe('smoke.api.version', environment)).said.revision).toEqual([expected]);
  });

  test('is that of every instance behind the address', async () => {
    let connections = 0;
    const server = http.createServer();
    const instances = new WeakMap<object, string>();
    server.on('connection', (socket) => instances.set(socket, connections++ % 3 === 2 ? '11111111' : '9f2c0aa1'));
    server.on('request', (request, response) =>
      json(response, 200, { ...good, revision: instances.get(request.socket) }),
    );
    const { url, close } = await listen(server, 'http');
    onTestFinished(() => close());
    const environment = deployment(`api: { url: ${url} }\ntimeoutMs: 400\nrevision: 9f2c0aa1`);
    expect((await observe('smoke.api.version', environment)).said.revision).toEqual([
      "the deployment's revision is 11111111, expected 9f2c0aa1",
    ]);
  });

  test('is noted where none is expected', async () => {
    const { entries } = await observe('smoke.api.version', await against(serve));
    expect(entries.find(({ kind }) => kind === 'note')).toMatchObject({ detail: /9f2c0aa1/ });
  });
});

/** A small tRPC server of our own, so that each answer can be bent by itself. */
function trpcServer(
  bend: (asked: string, right: { status: number; body: unknown }) => { status: number; body: unknown },
): Serve {
  return (request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const names = url.pathname.slice('/trpc/'.length).split(',');
    const answers = names.map((name) => procedure(name, request.method ?? 'GET'));
    const statuses = new Set(answers.map(({ status }) => status));
    const batch = url.searchParams.has('batch');
    const right = batch
      ? { status: statuses.size === 1 ? answers[0]!.status : 207, body: answers.map(({ body }) => body) }
      : answers[0]!;
    const asked = batch ? `batch ${names.length}` : names[0]!;
    const { status, body } = bend(asked, right);
    json(response, status, body);
  };
}

function procedure(name: string, method: string): { status: number; body: unknown } {
  if (name === 'assetClasses.list' && method === 'GET') return { status: 200, body: { result: { data: [] } } };
  if (name === 'assetClasses.list') return refusal(405, -32005, 'METHOD_NOT_SUPPORTED', 'no');
  const issues = [{ code: 'invalid_type', path: ['email'], message: 'expected string' }];
  if (name === 'auth.login') return refusal(400, -32600, 'BAD_REQUEST', JSON.stringify(issues));
  return refusal(404, -32004, 'NOT_FOUND', 'no such procedure');
}

const refusal = (httpStatus: number, code: number, word: string, message: string) => ({
  status: httpStatus,
  body: { error: { message, code, data: { code: word, httpStatus, path: 'x' } } },
});

describe('tRPC', () => {
  test('as agreed', async () => {
    const { word } = await observe('smoke.api.trpc', await against(trpcServer((_, right) => right)));
    expect(word).toBe('ok');
  });

  test.each([
    { name: 'plain errors', bend: 'assetClasses.list', to: { status: 500, body: 'oops' }, broken: ['query', 'verb'] },
    {
      name: 'an unknown procedure that answers',
      bend: /^shakedown/,
      to: { status: 200, body: { result: { data: null } } },
      broken: ['unknown'],
    },
    {
      name: 'an unknown procedure without the error form',
      bend: /^shakedown/,
      to: { status: 404, body: { message: 'Not Found', statusCode: 404 } },
      broken: ['unknown'],
    },
    {
      name: 'bad input as a crash',
      bend: 'auth.login',
      to: refusal(500, -32603, 'INTERNAL_SERVER_ERROR', 'x'),
      broken: ['input'],
    },
    {
      name: 'bad input without issues',
      bend: 'auth.login',
      to: refusal(400, -32600, 'BAD_REQUEST', 'bad'),
      broken: ['input'],
    },
    { name: 'a batch that is not there', bend: /^batch/, to: { status: 404, body: {} }, broken: ['batch', 'mixed'] },
    {
      name: 'a batch that answers one of two',
      bend: /^batch/,
      to: { status: 200, body: [{ result: { data: 1 } }] },
      broken: ['batch', 'mixed'],
    },
  ])('$name', async ({ bend, to, broken }) => {
    const bent = trpcServer((asked, right) =>
      (typeof bend === 'string' ? asked === bend : bend.test(asked)) ? to : right,
    );
    const { said } = await observe('smoke.api.trpc', await against(bent));
    expect(
      Object.keys(said)
        .filter((assertion) => !said[assertion]!.every((word) => word === 'ok'))
        .sort(),
    ).toEqual(broken.sort());
  });

  test('a public query that takes no input at all is asked without any, in a batch as well', async () => {
    const strict: Serve = (request, response) => {
      const url = new URL(request.url ?? '', 'http://x');
      const given = JSON.parse(url.searchParams.get('input') ?? 'null') as unknown;
      const inputs = url.searchParams.has('batch') ? Object.values(given ?? {}) : [given];
      const isGiven = request.method === 'GET' && inputs.some((one) => one !== null && one !== undefined);
      const refused = refusal(400, -32600, 'BAD_REQUEST', '[{"code":"x","path":[],"message":"expected nothing"}]');
      trpcServer((_, right) => (isGiven && url.pathname.includes('assetClasses') ? refused : right))(request, response);
    };
    const { word, said } = await observe('smoke.api.trpc', await against(strict));
    expect([word, said]).toMatchObject(['ok', { batch: ['ok'], mixed: ['ok'] }]);
  });

  test('a deployment that never answers is asked once, not six times', async () => {
    const started = performance.now();
    const { word, said } = await observe('smoke.api.trpc', await against(() => undefined));
    expect(word).toBe('broke');
    expect(Object.keys(said).length).toBe(6);
    expect(performance.now() - started).toBeLessThan(1500);
  });
});

describe('health, timed', () => {
  test('all errors end at once and never as good', async () => {
    const { said, entries } = await observe(
      'smoke.api.health',
      await against((_, response) => json(response, 500, {})),
    );
    expect(said).toEqual({ form: ['answered 500'], latency: ['answered 500'] });
    expect(entries.length).toBeLessThan(10);
  });

  test('hanging ends within its time-outs, with three lost', async () => {
    const { entries } = await observe('smoke.api.health', await against(() => undefined));
    const lost = entries.filter((entry) => entry.kind === 'measurement' && entry.assertion === 'latency');
    expect(lost.length).toBe(3);
    expect(lost.every((entry) => entry.kind === 'measurement' && !entry.ok)).toBe(true);
  });
});
