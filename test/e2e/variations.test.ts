import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseEnvironment } from '../../environment/load.ts';
import type { Environment } from '../../environment/types.ts';
import { down, up } from '../../reference/index.ts';
import { fileIn, reportIn, shakedown, temporary } from '../cli/shakedown.ts';
import type { TestServer } from '../servers/listen.ts';
import { before, said, type Variation } from './varied.ts';

/** The promises of the contract, kept in other ways than the reference deployment keeps them; and broken in ways that look alike. */
let directory: string;
let environment: Environment;
let file: string;
const servers: TestServer[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'shakedown-varied-'));
  const { environmentFile } = await up({ directory });
  file = environmentFile;
  environment = parseEnvironment(readFileSync(environmentFile, 'utf8'), environmentFile, {}).environment!;
}, 120_000);

afterAll(async () => {
  for (const server of servers) await server.close();
  await down(directory);
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

/** The deployment with an API of another make. */
async function varied(variation: Variation, timeoutMs = environment.timeoutMs): Promise<Environment> {
  const server = await before(environment.api!.url, variation);
  servers.push(server);
  return { ...environment, timeoutMs, api: { ...environment.api!, url: server.url } };
}

describe('agents are told of escalations', () => {
  const noWatch: Variation = {
    instead: ({ path }) =>
      path.includes('escalations.watch')
        ? { status: 404, body: '{}', headers: { 'content-type': 'application/json' } }
        : null,
  };

  test('by the streams in Redis, where there is no stream of events', async () => {
    expect(await said('escalation.handoff', await varied(noWatch))).toEqual({
      ...{ notified: ['ok'], seen: ['ok'], taken: ['ok'], replied: ['ok'], resolved: ['ok'] },
    });
  }, 120_000);

  test('where nothing of it can be seen, it says what it takes to see it', async () => {
    const { notified, ...rest } = await said('escalation.handoff', {
      ...(await varied(noWatch, 1_000)),
      redis: null,
    });
    expect(notified).toEqual([
      expect.stringMatching(/^needs .*escalations.watch answered 404.*redis.url is not given/),
    ]);
    expect(rest).toEqual({ seen: ['ok'], taken: ['ok'], replied: ['ok'], resolved: ['ok'] });
  }, 120_000);
});

describe('a second factor', () => {
  test('is enrolled by its picture alone, where the secret stands nowhere else', async () => {
    const pictureAlone: Variation = {
      answered: ({ path }, given) => {
        if (!path.includes('mfa.setup')) return given;
        const { data } = (JSON.parse(given.body) as { result: { data: Record<string, unknown> } }).result;
        const { qrCodeDataUrl, backupCodes } = data;
        return { ...given, body: JSON.stringify({ result: { data: { qrCodeDataUrl, backupCodes } } }) };
      },
    };
    const { api } = await varied(pictureAlone);
    const given = parse(readFileSync(file, 'utf8')) as Record<string, object>;
    const work = temporary();
    const env = fileIn(work, 'environment.yaml', stringify({ ...given, api: { ...given.api, url: api!.url } }));
    const out = join(work, 'run');
    await shakedown(['e2e', '--env', env, '--only', 'e2e.auth.mfa', '--out', out]);
    const [check] = reportIn(out).checks;
    expect(check!.assertions.map(({ name, status, why }) => [name, status, why])).toEqual(
      check!.assertions.map(({ name }) => [name, 'pass', expect.any(String)]),
    );
    expect(check!.status).toBe('pass');
  }, 240_000);
});

describe('a search with a plan that cannot be raised', () => {
  const refusing = (from: number): Variation => {
    let asked = 0;
    const body = JSON.stringify({ statusCode: 429, error: 'Too Many Requests', message: 'retry later' });
    return {
      instead: ({ path }) =>
        path.includes('knowledge.search') && asked++ >= from
          ? { status: 429, body, headers: { 'content-type': 'application/json' } }
          : null,
    };
  };

  test('is judged by what was allowed, and fails for nothing that was not', async () => {
    const { found, gone, 'T-search': timed, ...rest } = await said('knowledge.search', await varied(refusing(30)));
    expect({ found, gone, timed, rest }).toEqual({ found: ['ok'], gone: ['ok'], timed: ['ok'], rest: {} });
  }, 120_000);

  test('that allows nothing is not verified', async () => {
    const words = await said('knowledge.search', await varied(refusing(0)));
    expect(words).toEqual({ '*': [expect.stringMatching(/^needs a plan of the tenant .*429/)] });
  }, 120_000);
});

describe('an answer that rests on a document which the tenant had before', () => {
  const welcome = crypto.randomUUID();
  const json = { 'content-type': 'application/json' };
  /** The answer cites one more document, which `get` gives or does not. */
  const citing = (document: object | null): Variation => ({
    instead: ({ path }) =>
      document !== null && path.includes('knowledge.get') && path.includes(welcome)
        ? { status: 200, body: JSON.stringify({ result: { data: { id: welcome, ...document } } }), headers: json }
        : null,
    answered: ({ path }, given) =>
      path.includes('chat.sendMessage')
        ? { ...given, body: given.body.replace('"chunks":[', `"chunks":[{"source":"${welcome}","score":0.9},`) }
        : given,
  });

  test('is good when the tenant can open it, and wrong when it cannot or it says whose it is', async () => {
    const look = async (document: object | null) =>
      (await said('knowledge.answer', await varied(citing(document))))['own-sources'];
    expect(await look({ title: 'Welcome' })).toEqual(['ok']);
    for (const foreign of [null, { title: 'Rules', tenantId: crypto.randomUUID() }])
      expect(await look(foreign)).toEqual(['an answer names 1 sources that are no documents of its tenant']);
  }, 120_000);
});

describe('a platform that gives each new tenant something to begin with', () => {
  const give = `CREATE FUNCTION give_welcome() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO knowledge_documents (tenant_id, title, content) VALUES (new.id, 'Welcome', 'How to begin.');
      INSERT INTO widgets (tenant_id, name, domain_whitelist) VALUES (new.id, 'First widget', '["https://example.com"]');
      RETURN new; END $$;
    CREATE TRIGGER give_welcome AFTER INSERT ON tenants FOR EACH ROW EXECUTE FUNCTION give_welcome();`;

  test('has lists that agree with what is there', async () => {
    const client = new pg.Client({ connectionString: environment.database.adminUrl! });
    await client.connect();
    await client.query(give);
    const words = await said('lists', environment);
    await client.query('DROP FUNCTION give_welcome CASCADE');
    await client.end();
    expect(words).toEqual({ totals: ['ok'], paging: ['ok'], filters: ['ok'], order: ['ok'] });
  }, 120_000);
});
