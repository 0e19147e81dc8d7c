// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to variables are what is tested here.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { initialEnvironment } from '../../environment/init.ts';
import { formatProblems, loadEnvironment, parseEnvironment } from '../../environment/load.ts';
import { certificate } from '../servers/certificates.ts';
import { deployment } from './deployment.ts';

const directory = mkdtempSync(join(tmpdir(), 'shakedown-environment-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const variables = {
  GIT_SHA: '9f2c1e7',
  PASSWORD: 'correct-horse',
  DATABASE_URL: 'postgres://app:s3cr%40t-word@db.example/app',
};
const checkIds = new Set(['smoke.api.health', 'smoke.ops.backups']);

function told(yaml: string, more = ''): string[] {
  const { problems } = parseEnvironment(yaml, 'staging.yaml', variables, { checkIds });
  return formatProblems('staging.yaml', problems ?? [])
    .split('\n')
    .slice(1)
    .map((line) => line.trim().concat(more));
}

const good = 'name: staging\nkind: staging\napi: { url: https://api.example }\n';

test('every problem of a file is told at once, in the order of its lines, with what was expected and found', () => {
  const yaml = `name: staging
kind: prod
revision: \${NOT_SET}
parts: { meting: true, widget: maybe }
api:
  url: http://api.example
  login: authjs
  login: authjs
realtime:
  urls:
    - http://realtime.example
    - ws://rt.example
meetings: { url: "wss://u:\${PASSWORD}@x.example", tokens: {} }
database: { appUrl: mysql://a:hunter22@x/y }
budget: { requests: -5, usd: 1e9 }
expect: { postgres: 16.7.x, tables: many }
addresses: ["*", api.example/x]
waivers: [{ check: smoke.ops.backup, reason: none yet, until: 2026-02-30 }, later]
adresses: [x]
`;
  const { problems } = parseEnvironment(yaml, 'staging.yaml', variables, { checkIds });
  expect(formatProblems('staging.yaml', problems!)).toBe(`staging.yaml does not describe a deployment:
  kind (line 2): expected disposable, staging or production, got "prod"
  revision (line 3): expected the environment variable NOT_SET to be set, got nothing
  parts.widget (line 4): expected true or false, got "maybe"
  parts.meting (line 4): expected one of the keys api, realtime, meeting, agent, landing, dashboard, widget, database, redis, knowledge, pooler, got "meting"; did you mean meeting?
  api.url (line 6): expected https:// (or tls.allowPlain: true), got "http://api.example"
  api.login (line 8): expected each key once, got "login" again
  realtime.urls[0] (line 11): expected a wss:// address, got "http://realtime.example"
  realtime.urls[1] (line 12): expected wss:// (or tls.allowPlain: true), got "ws://rt.example"
  meetings.url (line 13): expected a wss:// address without user name and password, got the value of "wss://u:\${PASSWORD}@x.example"
  meetings.tokens (line 13): expected either mint or procedure, got neither
  database.appUrl (line 14): expected a postgres:// address, got "mysql://a:[redacted]@x/y"
  budget.requests (line 15): expected a whole number from 0 to 1000000000, got "-5"
  budget.usd (line 15): expected a number from 0 to 100000, got "1e9"
  expect.tables (line 16): expected a whole number from 0 to 100000, got "many"
  expect.postgres (line 16): expected a version like 16.7, got "16.7.x"
  addresses[0] (line 17): expected host, host:port or *.domain, got "*"
  addresses[1] (line 17): expected host, host:port or *.domain, got "api.example/x"
  waivers[0].owner (line 18): expected a text, got nothing
  waivers[0].until (line 18): expected a date like 2026-03-01, got "2026-02-30"
  waivers[1] (line 18): expected a mapping, got "later"
  waivers[0].check (line 18): expected the id of a check (shakedown checks lists them), got "smoke.ops.backup"; did you mean smoke.ops.backups?
  adresses (line 19): expected one of the keys name, kind, revision, allow, addresses, budget, timeoutMs, tls, parts, api, realtime, meetings, web, accounts, database, isolation, redis, outbox, identity, clock, surveys, models, cloud, watch, agent, logs, expect, waivers, got "adresses"; did you mean addresses?`);
});

describe('one problem each', () => {
  test.each([
    ['no name', 'kind: staging\napi: { url: https://a.example }', 'name: expected a text, got nothing'],
    [
      'nothing to visit',
      'name: a\nkind: staging',
      'the file: expected at least one of api, realtime, meetings, web, database, redis, got none of them',
    ],
    ['a list', '- a\n- b', 'the file: expected a mapping, got a list'],
    ['a word', 'staging', 'the file: expected a mapping, got "staging"'],
    ['only a comment', '# nothing', 'the file: expected a description of a deployment, got an empty file'],
    [
      'a tab',
      'name: a\n\tkind: b',
      'the file (line 2): expected well-formed YAML, got tabs are not allowed as indentation',
    ],
    [
      'two documents',
      `${good}---\n${good}`,
      'the file (line 4): expected well-formed YAML, got source contains multiple documents; please use YAML.parseAllDocuments()',
    ],
    [
      'an alias of nothing',
      `${good}revision: *x`,
      'revision (line 4): expected an alias of an anchor before it, got *x',
    ],
    [
      'a key that is a list',
      `${good}? [a]\n: b`,
      'the file (line 4): expected keys that are plain words, got a list or mapping as a key',
    ],
    ['a key again', `${good}kind: production`, 'kind (line 4): expected each key once, got "kind" again'],
    ['a text where a mapping belongs', `${good}budget: 5`, 'budget (line 4): expected a mapping, got "5"'],
    ['a mapping where a list belongs', `${good}allow: { e2e: true }`, 'allow (line 4): expected a list, got a mapping'],
    [
      'an unknown suite',
      `${good}allow: [everything]`,
      'allow[0] (line 4): expected smoke, e2e, load, soak, security, stress or drills, got "everything"',
    ],
    [
      'a half reference',
      `${good}revision: "\${GIT_SHA"`,
      'revision (line 4): expected ${NAME} or ${NAME:-default} ($${ stands for a literal ${), got nothing',
    ],
    [
      'a bad name of a variable',
      `${good}revision: \${git-sha}`,
      'revision (line 4): expected ${NAME} or ${NAME:-default} ($${ stands for a literal ${), got nothing',
    ],
    ['a time-out of nothing', `${good}timeoutMs: 0`, 'timeoutMs (line 4): expected at least 1, got "0"'],
    [
      'no realtime address',
      `${good}realtime: { urls: [] }`,
      'realtime.urls (line 4): expected at least one wss:// address, got an empty list',
    ],
    [
      'an https address among the plain ones',
      `${good}web: { plain: [https://www.example] }`,
      'web.plain[0] (line 4): expected a plain http:// address, got "https://www.example"',
    ],
    [
      'both token sources',
      `${good}meetings: { url: wss://m.example, tokens: { procedure: a.b, mint: { key: k, secret: s } } }`,
      'meetings.tokens (line 4): expected either mint or procedure, got both',
    ],
    [
      'a procedure that is asked for and missing',
      `${good}accounts: { create: true, cleanup: procedure }`,
      'accounts.cleanupProcedure (line 4): expected the procedure that accounts.cleanup asks for, got nothing',
    ],
    [
      'a password that is a list',
      `${good}accounts: { given: [{ tenant: a, role: owner, email: a@b.c, password: [x] }] }`,
      'accounts.given[0].password (line 4): expected a text, got a list',
    ],
    [
      'an unknown role',
      `${good}accounts: { given: [{ tenant: a, role: root, email: a@b.c, password: xyz }] }`,
      'accounts.given[0].role (line 4): expected owner, admin or member, got "root"',
    ],
    [
      'an authority that is not there',
      `${good}tls: { ca: no-such.pem }`,
      'tls.ca (line 4): expected a file of PEM certificates, got a file that cannot be read (ENOENT)',
    ],
    [
      'a redis address of another kind',
      `${good}redis: { url: http://r.example }`,
      'redis.url (line 4): expected a redis:// or rediss:// address, got "http://r.example"',
    ],
    ['a key that JavaScript knows', `${good}__proto__: x`, 'the file: nothing'],
  ])('%s', (_, yaml, expected) => {
    if (expected.endsWith(': nothing'))
      expect(told(yaml)[0]).toMatch(/^__proto__ \(line 4\): expected one of the keys /);
    else expect(told(yaml)).toEqual([expected]);
  });

  test.each([
    ['an invalid unicode file', Buffer.from([0x6e, 0xff, 0xfe]), 'UTF-8 text, got other bytes'],
    ['an empty file', Buffer.from(' \n'), 'a description of a deployment, got an empty file'],
    ['a large file', Buffer.alloc(300_000, '#'), 'at most 262144 bytes, got 300000'],
  ])('%s', (name, content, expected) => {
    const file = join(directory, `${name}.yaml`);
    writeFileSync(file, content);
    expect(formatProblems('x', loadEnvironment(file, {}).problems!)).toContain(`the file: expected ${expected}`);
  });

  test('a directory, a device and no file', () => {
    const found = (file: string) => loadEnvironment(file, {}).problems!.map(({ found }) => found);
    expect(found(directory)).toEqual(['a directory']);
    expect(found('/dev/zero')).toEqual(['a device']);
    expect(found(join(directory, 'none.yaml'))).toEqual(['no file of the name none.yaml']);
    expect(found(join(directory, 'a\0b'))).toEqual(['the error ERR_INVALID_ARG_VALUE']);
  });

  test('a file that may not be read', () => {
    const file = join(directory, 'secret.yaml');
    writeFileSync(file, good);
    chmodSync(file, 0);
    // Root may read everything, so root becomes somebody else for the moment.
    const root = process.getuid?.() === 0;
    if (root) process.seteuid!(65534);
    try {
      expect(loadEnvironment(file, {}).problems![0]!.found).toBe('permission denied');
    } finally {
      if (root) process.seteuid!(0);
    }
  });
});

test('a bomb of aliases is refused in no time', () => {
  const levels = Array.from({ length: 15 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`);
  const started = performance.now();
  expect(told(`${good}a0: &a0 x\n${levels.join('\n')}`).join()).toMatch(/expected at most 100 aliases/);
  expect(told(`${good}a: &a [*a]`).join()).toMatch(/expected at most 20 levels|alias of an anchor/);
  expect(told(`${good}a: ${'['.repeat(50_000)}`)).not.toEqual([]);
  expect(told(`${good}a: ${'['.repeat(5_000)}${']'.repeat(5_000)}`)).not.toEqual([]);
  expect(performance.now() - started).toBeLessThan(10_000);
});

const namesOfSessions = ['authjs', 'next-auth'].flatMap((name) =>
  ['', '__Secure-', '__Host-'].map((prefix) => `${prefix}${name}.session-token`),
);

test('what is not said takes its default', () => {
  const environment = deployment(
    'api: { url: https://api.example/ }\nweb: { dashboard: https://app.example/x }\nrealtime: { urls: wss://rt.example }',
  );
  expect(environment).toMatchObject({
    revision: null,
    allow: [],
    budget: { requests: 20_000, aiMessages: 200, usd: 1 },
    timeoutMs: 5_000,
    parts: { api: true, knowledge: true },
    api: {
      url: 'https://api.example',
      trpcPath: '/trpc',
      healthPath: '/health',
      publicQuery: 'assetClasses.list',
      csrf: 'header',
    },
    realtime: { urls: ['wss://rt.example'], cookies: namesOfSessions, origin: 'https://app.example' },
    meetings: null,
    database: { appUrl: null, serviceUrl: null, adminUrl: null, poolerUrl: null },
    isolation: { setting: null, tenantKeys: {}, shared: [] },
    redis: null,
    expect: { tables: 28, policies: 76, postgres: '16.7', redis: '7.4.2', migrations: 12, seed: null, relaxed: [] },
  });
});

test('a floor that is lowered is listed, one that is raised is not', () => {
  const { expect: floors } = deployment(
    'redis: { url: redis://r.example }\nexpect: { tables: 27, policies: 124, postgres: 16.10, redis: 7.0.15 }',
  );
  expect(floors.relaxed).toEqual(['tables: 28 → 27', 'redis: 7.4.2 → 7.0.15']);
  expect(floors.postgres).toBe('16.10');
});

describe('variables', () => {
  const revision = (yaml: string, set: Record<string, string> = {}) =>
    deployment(`redis: { url: redis://r.example }\nrevision: ${yaml}`, set).revision;

  test.each<[string, string, Record<string, string>, string | null]>([
    ['is filled in', '${A}', { A: 'x' }, 'x'],
    ['stays a text, whatever it looks like', '${A}', { A: '0012e3' }, '0012e3'],
    ['cannot change the structure', '${A}', { A: 'x\nkind: production #"' }, 'x\nkind: production #"'],
    ['falls back', '${A:-y}', {}, 'y'],
    ['falls back when empty', '${A:-y}', { A: '' }, 'y'],
    ['falls back to nothing', '${A:-}', {}, null],
    ['is a part of a text', 'v-${A}-${B:-2}', { A: '1' }, 'v-1-2'],
    ['is not a variable when escaped', '$${A}', { A: 'x' }, '${A}'],
    ['in a comment is not asked for', 'x # ${NOT_SET}', {}, 'x'],
    ['does not fill itself in again', '${A}', { A: '${B}' }, '${B}'],
  ])('a reference %s', (_, yaml, set, expected) => {
    expect(revision(yaml, set)).toBe(expected);
  });

  test('stand in flow mappings without quotes', () => {
    const environment = deployment('database: { appUrl: ${DB}, serviceUrl: "${NONE:-}" }\nbudget: { requests: ${N} }', {
      DB: variables.DATABASE_URL,
      N: '7',
    });
    expect(environment.database).toEqual({
      appUrl: variables.DATABASE_URL,
      serviceUrl: null,
      adminUrl: null,
      poolerUrl: null,
    });
    expect(environment.budget.requests).toBe(7);
  });
});

test('plain transport is for this machine, for disposable deployments, and for who says so', () => {
  const yaml = (kind: string, host: string, more = '') =>
    `name: a\nkind: ${kind}\n${more}\napi: { url: "http://${host}" }\nrealtime: { urls: ["ws://${host}/ws"] }`;
  expect(told(yaml('staging', 'api.example'))).toHaveLength(2);
  expect(told(yaml('staging', '10.0.0.1'))).toHaveLength(2);
  expect(told(yaml('production', 'api.example', 'tls: { allowPlain: true }'))).toEqual([]);
  expect(told(yaml('disposable', 'api'))).toEqual([]);
  for (const host of ['localhost:3001', '127.0.0.1', '[::1]:80', 'api.localhost'])
    expect(told(yaml('production', host))).toEqual([]);
});

test('both columns of the contract can be described', () => {
  const asBuilt = deployment(`
api: { url: http://localhost:3001, trpcPath: /api/trpc, healthPath: /healthz, csrf: none, sessionCookies: [next-auth.session-token] }
realtime: { urls: [ws://localhost:3002/ws], cookie: __Secure-next-auth.session-token, origin: http://localhost:5174 }
meetings: { url: ws://localhost:7880, tokens: { mint: { key: devkey, secret: devsecret-devsecret } } }
parts: { agent: false, widget: false }`);
  expect(asBuilt.api).toMatchObject({ trpcPath: '/api/trpc', healthPath: '/healthz', csrf: 'none' });
  expect(asBuilt.realtime?.cookies).toEqual(['__Secure-next-auth.session-token']);
  expect(asBuilt.meetings?.tokens).toEqual({ mint: { key: 'devkey', secret: 'devsecret-devsecret' } });
  expect(asBuilt.parts).toMatchObject({ agent: false, widget: false, meeting: true });
});

test('secrets are known, whether written or brought in, and public words are none', () => {
  const { secrets } = deployment(
    `database: { appUrl: \${DATABASE_URL}, serviceUrl: "postgres://postgres:postgres@db.example/app?sslpassword=pem-pass" }
redis: { url: "redis://:redis-pass@r.example" }
meetings: { url: wss://m.example, tokens: { mint: { key: devkey, secret: \${MINT_SECRET} } } }
accounts: { given: [{ tenant: a, role: owner, email: a@b.c, password: \${PASSWORD} }] }
revision: \${GIT_SHA}`,
    { ...variables, MINT_SECRET: 'mint-secret' },
  );
  expect([...secrets].sort()).toEqual([
    'correct-horse',
    'mint-secret',
    'pem-pass',
    'redis-pass',
    's3cr%40t-word',
    's3cr@t-word',
  ]);
});

test('a certificate authority is read from beside the file, and must be one', async () => {
  const { ca, key } = await certificate({ names: ['localhost'] });
  mkdirSync(join(directory, 'tls'), { recursive: true });
  const found = (content: string) => {
    writeFileSync(join(directory, 'tls', 'ca.pem'), content);
    const file = join(directory, 'tls', 'env.yaml');
    writeFileSync(file, `${good}tls: { ca: ./ca.pem }\nlogs: [{ service: api, file: api.log }]`);
    return loadEnvironment(file, {});
  };
  expect(found(ca).environment?.tls).toEqual({ ca, caPath: join(directory, 'tls', 'ca.pem'), allowPlain: false });
  expect(found(ca).environment?.logs).toEqual([{ service: 'api', file: join(directory, 'tls', 'api.log') }]);
  expect(found(key).problems?.[0]?.found).toBe('a file without a PEM certificate');
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  expect(found(broken).problems?.[0]?.found).toBe('a certificate that cannot be parsed');
});

test('the file that init writes describes a deployment as it stands', () => {
  const { environment, problems } = parseEnvironment(initialEnvironment('demo'), 'demo.yaml', {});
  expect(problems).toBeUndefined();
  expect(environment).toMatchObject({ name: 'demo', revision: null, redis: null, database: { appUrl: null } });
  const granted = parseEnvironment(initialEnvironment(), 'staging.yaml', {
    GIT_SHA: '1',
    APP_DATABASE_URL: variables.DATABASE_URL,
    REDIS_URL: 'redis://r.example',
  });
  expect(granted.environment).toMatchObject({
    redis: { url: 'redis://r.example' },
    database: { appUrl: variables.DATABASE_URL },
  });
});

test('its commented examples are right too', () => {
  const uncommented = initialEnvironment().replace(
    /^(\s*)# (?=(tls|cloud|logs|expect|waivers|csrf|sessionCookies|cookie|given):)/gm,
    '$1',
  );
  const yaml = uncommented.replace(/^given:.*$/m, '').replace(/^tls:.*$/m, '');
  expect(parseEnvironment(yaml, 'staging.yaml', {}).problems).toBeUndefined();
});

describe('any input ends in an environment or in a problem, never in an exception', () => {
  const holds = (text: string) => {
    const { environment, problems } = parseEnvironment(text, 'any.yaml', variables, { checkIds });
    expect(environment === undefined).toBe(problems !== undefined && problems.length > 0);
    if (problems) expect(formatProblems('any.yaml', problems)).not.toMatch(/undefined|\[object|correct-horse/);
  };

  test('any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), holds), { numRuns: 200 });
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...'{}[]:,-?&*!|>\'"%@`#\n \tab$~.')).map((parts) => parts.join('')),
        holds,
      ),
      { numRuns: 200 },
    );
  });

  test('any bytes', () => {
    const file = join(directory, 'bytes.yaml');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        writeFileSync(file, bytes);
        const { environment, problems } = loadEnvironment(file, {});
        expect(environment === undefined && problems!.length > 0).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test('any value under any known key', () => {
    const keys = [
      'name',
      'kind',
      'allow',
      'budget',
      'tls',
      'parts',
      'api',
      'realtime',
      'meetings',
      'web',
      'accounts',
      'database',
      'redis',
      'cloud',
      'logs',
      'expect',
      'waivers',
      'url',
      'urls',
      'tokens',
      'mint',
      'secret',
      'given',
      'ca',
      'check',
      'until',
      '__proto__',
      'constructor',
    ];
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('map'), tie('list')),
      leaf: fc.oneof(
        fc.constantFrom(
          'true',
          'https://x.example',
          'wss://u:correct-horse@x',
          '${PASSWORD}',
          '${NO}',
          '',
          null,
          '2026-01-01',
          'postgres://a:b@c/d',
        ),
        fc.string(),
        fc.double(),
        fc.boolean(),
      ),
      list: fc.array(tie('value'), { maxLength: 3 }),
      map: fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 5, noNullPrototype: true }),
    }));
    fc.assert(
      fc.property(value, (any) => holds(JSON.stringify(any) ?? '')),
      { numRuns: 500 },
    );
  });

  test('a good file with some bytes cut out, doubled or changed', () => {
    const whole = initialEnvironment();
    const at = fc.nat(whole.length - 1);
    fc.assert(
      fc.property(at, fc.nat(30), fc.string({ maxLength: 5 }), (from, length, between) =>
        holds(whole.slice(0, from) + between + whole.slice(from + length)),
      ),
      { numRuns: 200 },
    );
  });
});
