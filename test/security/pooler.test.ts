import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../probes/postgres.ts';
import { withClient } from '../../reference/database/provision.ts';
import { down, type ReferenceStatus, up } from '../../reference/index.ts';
import { eachServerConnection, type Left, tracesOf } from '../../suites/security/isolation/left.ts';
import { environmentWith } from '../smoke-data/environment.ts';

/** A real PostgreSQL behind a real PgBouncer in transaction mode, as the API of the reference deployment has them. */
const directory = mkdtempSync(join(tmpdir(), 'sd-pooler-'));
const setting = 'app.current_tenant_id';
let reference: ReferenceStatus;
let clients: Database[] = [];

beforeAll(async () => {
  reference = await up({ endWithCaller: true, directory, only: ['postgres', 'pgbouncer'] });
  await withClient(reference.postgres.adminUrl, (client) =>
    client.query('grant temporary on database platform to app_user'),
  );
  const environment = environmentWith({ appUrl: reference.postgres.poolerUrl!, timeoutMs: 20_000 });
  for (let n = 0; n < 4; n += 1) clients.push(await openDatabase(reference.postgres.poolerUrl!, { environment }));
}, 300_000);

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
  await down(directory);
  rmSync(directory, { recursive: true, force: true });
}, 120_000);

const poolSize = 4;
const look = (): Promise<readonly Left[]> => eachServerConnection(clients, [setting]);

/** Each test begins on server connections that nobody has used. */
beforeEach(() =>
  withClient(reference.postgres.adminUrl, (client) =>
    client.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'app_user'`),
  ),
);

describe('what is left on a server connection of the pooler', () => {
  test('as many are met as clients hold one at once, and nothing is left on them', async () => {
    const left = await look();
    expect(new Set(left.map(({ pid }) => pid)).size).toBe(poolSize);
    expect(left.flatMap(tracesOf)).toEqual([]);
    expect(new Set(left.map(({ identity }) => identity)).size).toBe(1);
  }, 120_000);

  test.each([
    {
      name: 'a tenant',
      leave: `select set_config('${setting}', '11111111-1111-4111-8111-111111111111', false)`,
      trace: `a tenant (${setting})`,
    },
    { name: 'an advisory lock', leave: 'select pg_advisory_lock(4711)', trace: 'advisory locks' },
    { name: 'a temporary table', leave: 'create temp table kept as select 1 as one', trace: 'temporary tables' },
    {
      name: 'a cursor',
      leave: 'begin; declare kept cursor with hold for select 1; commit',
      trace: 'open cursors',
    },
    { name: 'a prepared statement', leave: 'prepare kept as select 1', trace: 'prepared statements' },
    { name: 'a channel', leave: 'listen kept', trace: 'channels it listens on' },
  ])(
    '$name of a client that has gone is found by the next',
    async ({ leave, trace }) => {
      await withClient(reference.postgres.poolerUrl!, (client) => client.query(leave));
      expect((await look()).flatMap(tracesOf)).toEqual([trace]);
    },
    120_000,
  );

  test.each([
    { name: 'a search path', leave: 'set search_path = pg_temp' },
    { name: 'row security', leave: 'set row_security = off' },
  ])(
    '$name that one client has set makes its server connection differ from the others',
    async ({ leave }) => {
      await look();
      await withClient(reference.postgres.poolerUrl!, (client) => client.query(leave));
      expect(new Set((await look()).map(({ identity }) => identity)).size).toBe(2);
    },
    120_000,
  );
});
