import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Environment } from '../../environment/types.ts';
import { withClient } from '../../reference/database/provision.ts';
import { down, type ReferenceStatus, up } from '../../reference/index.ts';
import type { Body } from '../../runners/body.ts';
import { bodiesOf } from './bodies.ts';
import { environmentWith } from './environment.ts';
import { type Observed, observe } from './observe.ts';

/** Databases that keep the contract in another way than the reference does, or do not keep it, in one real server. */
const directory = mkdtempSync(join(tmpdir(), 'sd-variants-'));
let reference: ReferenceStatus;
let db: ReadonlyMap<string, Body>;
let redis: ReadonlyMap<string, Body>;

beforeAll(async () => {
  [db, redis] = [await bodiesOf('db'), await bodiesOf('redis')];
  reference = await up({ endWithCaller: true, directory, only: ['postgres', 'redis'] });
}, 120_000);

afterAll(async () => {
  await down(directory);
  rmSync(directory, { recursive: true, force: true });
}, 30_000);

const urlFor = (database: string, user?: string, password = 'pw'): string => {
  const url = new URL(reference.postgres.adminUrl);
  url.pathname = `/${database}`;
  if (user) [url.username, url.password] = [user, password];
  return url.href;
};

async function build(database: string, sql: string): Promise<void> {
  await withClient(reference.postgres.adminUrl, async (client) => {
    await client.query(`create database ${database}`);
  });
  await withClient(urlFor(database), async (client) => {
    await client.query(sql);
  });
}

const look = (check: string, environment: Environment): Promise<Observed> =>
  observe(db.get(check) ?? redis.get(check)!, environment);

const brokenCells = (seen: Observed, assertion: string) =>
  seen.broke.filter((one) => one.assertion === assertion).map(({ cell }) => cell);

describe('a database as the deploy scripts leave it: tables, no policies, and the app as superuser', () => {
  let environment: Environment;
  beforeAll(async () => {
    await build(
      'as_built',
      `create extension vector;
       create table tenants (id uuid primary key, name text);
       create table users (id uuid primary key, tenant_id uuid references tenants, email text, role text);
       create table asset_classes (id uuid primary key, name text);
       insert into tenants values ('11111111-1111-4111-8111-111111111111', 'Acme');
       insert into users values (gen_random_uuid(), '11111111-1111-4111-8111-111111111111', 'a@b.c', 'owner')`,
    );
    environment = environmentWith({ appUrl: urlFor('as_built'), serviceUrl: urlFor('as_built') });
  }, 60_000);

  test('row security is missing from each tenant table, the role is not bound, and rows are seen without a tenant', async () => {
    const seen = await look('smoke.db.forced', environment);
    expect(brokenCells(seen, 'forced')).toEqual(['public.tenants', 'public.users']);
    expect(brokenCells(seen, 'hidden')).toEqual(['public.tenants', 'public.users']);
    expect(seen.broke.find(({ assertion }) => assertion === 'bound')?.because).toContain('it is a superuser');
    expect(seen.held).toEqual([]);
    expect(seen.notes[0]?.detail).toContain('public.asset_classes');
  });

  test.each([
    'smoke.db.policies',
    'smoke.db.function',
    'smoke.db.extensions',
    'smoke.db.vector',
    'smoke.db.migrations',
    'smoke.db.tables',
  ])('%s breaks', async (check) => {
    expect((await look(check, environment)).broke.length).toBeGreaterThan(0);
  });

  test('without a table of migrations the catalogue speaks, and says so', async () => {
    const seen = await look('smoke.db.migrations', environment);
    expect(seen.notes.map(({ what }) => what)).toContain('no table of migrations');
    expect(seen.broke.map(({ because }) => because)).toContain(
      'the migrations have not made the tenant helper function',
    );
  });

  test('seed tenants are found, connections work', async () => {
    expect((await look('smoke.db.seed', environment)).broke).toEqual([]);
    expect((await look('smoke.db.pool', environment)).broke).toEqual([]);
  });
});

describe('a sound database with schemas, names and paths of its own', () => {
  let environment: Environment;
  beforeAll(async () => {
    await build(
      'elsewhere',
      `create schema core; create schema ext; create schema "Odd ""Schema";
       create extension vector schema ext; create extension "uuid-ossp" schema ext;
       create role other_app login password 'pw'; create role other_service login bypassrls password 'pw';
       grant usage on schema core, ext, "Odd ""Schema" to other_app, other_service;
       create function core.current_tenant() returns uuid language plpgsql stable as
         $$ begin return nullif(current_setting('app.tenant', true), '')::uuid; end $$;
       create table core.tenants (id uuid primary key default gen_random_uuid(), name text);
       create table core.users (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references core.tenants on delete cascade, email text, role text);
       create table core.sessions (id uuid primary key, user_id uuid not null references core.users);
       create table "Odd ""Schema"."Odd ""Table" (id uuid primary key, session uuid references core.sessions, embedding ext.vector(1024));
       create index on "Odd ""Schema"."Odd ""Table" using hnsw (embedding ext.vector_cosine_ops);
       create table core.verification_tokens (identifier text, token text);
       create policy everybody on core.verification_tokens using (true);
       create policy own on core.tenants using (id = core.current_tenant());
       create policy register on core.tenants for insert with check (true);
       create policy own on core.users using (tenant_id = core.current_tenant());
       create policy own on core.sessions using (exists (select from core.users u where u.id = user_id and u.tenant_id = core.current_tenant()));
       create policy own on "Odd ""Schema"."Odd ""Table" using (exists
         (select from core.sessions s join core.users u on u.id = s.user_id where s.id = session and u.tenant_id = core.current_tenant()));
       do $$ declare t regclass; begin
         for t in select oid from pg_class where relkind = 'r' and relnamespace::regnamespace::text in ('core', '"Odd ""Schema"') loop
           execute format('alter table %s enable row level security; alter table %1$s force row level security', t);
           execute format('grant select, insert, update, delete on %s to other_app, other_service', t);
         end loop; end $$;
       with t as (insert into core.tenants (name) values ('Somebody') returning id)
         insert into core.users (tenant_id, email, role) select id, 'o@example.com', 'owner' from t`,
    );
    const open = environmentWith({
      appUrl: urlFor('elsewhere', 'other_app'),
      serviceUrl: urlFor('elsewhere', 'other_service'),
    });
    environment = { ...open, expect: { ...open.expect, tables: 5, policies: 6 } };
  }, 60_000);

  test.each([
    'smoke.db.forced',
    'smoke.db.policies',
    'smoke.db.function',
    'smoke.db.extensions',
    'smoke.db.vector',
    'smoke.db.seed',
    'smoke.db.pool',
    'smoke.db.tables',
  ])('%s holds', async (check) => {
    const seen = await look(check, environment);
    expect(seen.broke).toEqual([]);
    expect(seen.unmet).toEqual([]);
    expect(seen.held.length).toBeGreaterThan(0);
  });

  test('the tenant tables are those four', async () => {
    const seen = await look('smoke.db.forced', environment);
    const cells = seen.held.filter(({ assertion }) => assertion === 'forced').map(({ cell }) => cell);
    expect(cells).toEqual(['Odd "Schema.Odd "Table', 'core.sessions', 'core.tenants', 'core.users']);
  });

  test('a seed that a run of this harness made does not count', async () => {
    const admin = urlFor('elsewhere');
    const rename = (from: string, to: string) =>
      withClient(admin, (client) => client.query('update core.tenants set name = $2 where name = $1', [from, to]));
    await rename('Somebody', 'sd-1a2b3c-99');
    const seen = await look('smoke.db.seed', environment);
    await rename('sd-1a2b3c-99', 'Somebody');
    expect(seen.broke.map(({ assertion }) => assertion)).toEqual(['tenants', 'users']);
  });

  test('a service role that is bound itself is no evidence that there are no seeds', async () => {
    const seen = await look('smoke.db.seed', {
      ...environment,
      database: { ...environment.database, serviceUrl: urlFor('elsewhere', 'other_app') },
    });
    expect(seen.broke).toEqual([]);
    expect(seen.unmet.length).toBe(1);
  });

  test.each([
    {
      hole: 'alter table "Odd ""Schema"."Odd ""Table" no force row level security',
      mend: 'alter table "Odd ""Schema"."Odd ""Table" force row level security',
      check: 'smoke.db.forced',
    },
    {
      hole: "create policy wide on core.sessions for select using (length('x') = 1)",
      mend: 'drop policy wide on core.sessions',
      check: 'smoke.db.policies',
    },
    {
      hole: 'create policy wide on core.users for delete using (tenant_id = core.current_tenant() or 1 = 1)',
      mend: 'drop policy wide on core.users',
      check: 'smoke.db.policies',
    },
    {
      hole: 'create table core.devices (id uuid primary key, user_id uuid not null)',
      mend: 'drop table core.devices',
      check: 'smoke.db.forced',
    },
    {
      hole: 'alter function core.current_tenant() immutable',
      mend: 'alter function core.current_tenant() stable',
      check: 'smoke.db.function',
    },
    {
      hole: "alter role other_app in database elsewhere set app.tenant = '11111111-1111-4111-8111-111111111111'",
      mend: 'alter role other_app in database elsewhere reset app.tenant',
      check: 'smoke.db.pool',
    },
    {
      hole: 'create table core.schema_migrations (version bigint, dirty boolean); grant select on core.schema_migrations to other_app; insert into core.schema_migrations values (23, true)',
      mend: 'drop table core.schema_migrations',
      check: 'smoke.db.migrations',
    },
    {
      hole: 'revoke usage on schema ext from other_app',
      mend: 'grant usage on schema ext to other_app',
      check: 'smoke.db.extensions',
    },
  ])('$check sees: $hole', async ({ hole, mend, check }) => {
    const admin = urlFor('elsewhere');
    await withClient(admin, (client) => client.query(hole));
    const seen = await look(check, environment);
    await withClient(admin, (client) => client.query(mend));
    expect(seen.broke.length).toBeGreaterThan(0);
  });
});

describe('an empty database', () => {
  test('breaks every check but version and pool, and none of them crashes', async () => {
    await build('empty', 'select 1');
    const environment = environmentWith({ appUrl: urlFor('empty'), serviceUrl: urlFor('empty') });
    for (const [check, body] of db) {
      const seen = await observe(body, environment);
      const broke = !['smoke.db.version', 'smoke.db.pool'].includes(check);
      expect([check, seen.broke.length > 0]).toEqual([check, broke]);
    }
  });
});

describe('access that is not as it should be', () => {
  test('a wrong password is told in words, and not itself', async () => {
    const seen = await look(
      'smoke.db.version',
      environmentWith({ appUrl: urlFor('platform', 'postgres', 'wrong-9f8e') }),
    );
    expect(seen.broke.map(({ because }) => because)).toEqual([
      'the database turned the sign-in away: wrong user or password',
    ]);
    const url = new URL(reference.redis.url);
    url.password = 'wrong-9f8e';
    const ping = await look('smoke.redis.ping', environmentWith({ redisUrl: url.href }));
    expect(ping.broke[0]?.because).toBe('Redis turned the sign-in away: wrong user or password');
    expect(JSON.stringify([seen, ping])).not.toContain('9f8e');
  });

  test('a database that does not exist', async () => {
    const seen = await look('smoke.db.tables', environmentWith({ appUrl: urlFor('nowhere') }));
    expect(seen.broke[0]?.because).toBe('the database of that name does not exist');
  });

  test('a Redis that hides its configuration is not verified where only that could tell', async () => {
    const admin = reference.redis.url;
    const { withRedis } = await import('../../reference/parts/redis.ts');
    await withRedis(admin, (client) => client.call('ACL', 'SETUSER', 'guest', 'on', '>pw', '~*', '+@all', '-config'));
    const url = new URL(admin);
    [url.username, url.password] = ['guest', 'pw'];
    const seen = await look('smoke.redis.persistence', environmentWith({ redisUrl: url.href }));
    expect(seen.broke).toEqual([]);
    expect(seen.unmet).toEqual([{ needs: 'redis.url of a user that may ask CONFIG GET save', assertion: 'rdb' }]);
    expect((await look('smoke.redis.policy', environmentWith({ redisUrl: url.href }))).held.length).toBe(1);
  });
});

describe('a table that somebody has locked', () => {
  test.each(['smoke.db.forced', 'smoke.db.policies'])('%s does not wait, and does not pass over it', async (check) => {
    const environment = environmentWith({
      appUrl: reference.postgres.appUrl,
      serviceUrl: reference.postgres.serviceUrl,
    });
    await withClient(reference.postgres.adminUrl, async (client) => {
      await client.query('begin; lock table widgets in access exclusive mode');
      const seen = await look(check, environment);
      await client.query('rollback');
      expect(seen.broke.length).toBeGreaterThan(0);
      expect(seen.broke[0]?.because).toContain('locked for longer than 200 ms');
    });
  });
});
