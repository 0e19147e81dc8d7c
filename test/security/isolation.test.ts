import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEnvironment } from '../../environment/load.ts';
import { withClient } from '../../reference/database/provision.ts';
import { down, type ReferenceStatus, up } from '../../reference/index.ts';
import { toolPaths } from '../../setup/tools.mjs';
import { judged } from './observe.ts';

/** A small database unlike the reference's on a real server: shops and their orders, told by app.shop. */
const directory = mkdtempSync(join(tmpdir(), 'sd-sec-rls-'));
let reference: ReferenceStatus;
const at = (user = 'postgres') => {
  const url = new URL(reference.postgres.adminUrl);
  url.pathname = '/shops';
  if (user !== 'postgres') [url.username, url.password] = [user, 'plain'];
  return url.href;
};

const own = (column: string) => `using (${column} = nullif(current_setting('app.shop', true), '')::int)`;
const schema = `
  create table shops (id int primary key, name text not null);
  create table orders (id bigint primary key, shop_id int not null references shops on delete cascade, total numeric not null default 0, note text);
  create table payments (id bigint primary key, order_id bigint not null references orders on delete cascade, amount int not null);
  alter table shops enable row level security; alter table shops force row level security;
  alter table orders enable row level security; alter table orders force row level security;
  alter table payments enable row level security; alter table payments force row level security;
  create policy own on shops ${own('id')};
  create policy own on orders ${own('shop_id')};
  create policy own on payments using (exists (select from orders o where o.id = order_id and o.shop_id = nullif(current_setting('app.shop', true), '')::int));
  grant select, insert, update, delete on shops, orders, payments to shop_app;
  insert into shops values (900001, 'one'), (900002, 'two'); insert into orders values (1, 900001), (2, 900002);`;

beforeAll(async () => {
  reference = await up({ directory, only: ['postgres'], endWithCaller: true });
  await withClient(reference.postgres.adminUrl, async (client) => {
    await client.query(`create role shop_app login password 'plain'`);
    await client.query(`create role shop_service login password 'plain' bypassrls`);
    await client.query('create database shops template template1');
  });
  await withClient(at(), (client) =>
    client.query(`${schema}; grant select, insert, update, delete on shops, orders, payments to shop_service`),
  );
}, 300_000);

afterAll(async () => {
  await down(directory);
  rmSync(directory, { recursive: true, force: true });
}, 30_000);

function environment(more: Record<string, unknown> = {}) {
  const text = JSON.stringify({
    name: 'shops',
    kind: 'disposable',
    timeoutMs: 20_000,
    parts: { api: false, pooler: false },
    database: { appUrl: at('shop_app'), adminUrl: at() },
    ...more,
  });
  const { environment: found, problems } = parseEnvironment(text, 'shops', {});
  if (!found) throw new Error(JSON.stringify(problems));
  return found;
}

const all = ['sec.rls.catalog', 'sec.rls.matrix', 'sec.rls.context', 'sec.rls.bypass'];

async function changed(plant: string, lift: string, work: () => Promise<void>): Promise<void> {
  await withClient(at(), (client) => client.query(plant));
  try {
    await work();
  } finally {
    await withClient(at(), (client) => client.query(lift));
  }
}

test('a database that holds passes all four, every cell of the census named', async () => {
  const { report, row } = await judged(all, environment());
  expect(report.checks.map(({ id, status }) => `${id} ${status}`)).toEqual(all.map((id) => `${id} pass`));
  expect(row('sec.rls.matrix', 'cells').why).toMatch(/^all of \d{2,} cells held, none unprobed$/);
  expect(row('sec.rls.bypass', 'cells').samples).toBeGreaterThan(40);
}, 300_000);

describe('a hole is told where it is', () => {
  test.each([
    {
      name: 'a role above all policies',
      plant: 'alter role shop_app bypassrls',
      lift: 'alter role shop_app nobypassrls',
      red: ['catalog bound', 'catalog cells', 'matrix cells', 'context cells', 'bypass cells'],
    },
    {
      name: 'a table without row level security',
      plant: 'alter table orders disable row level security',
      lift: 'alter table orders enable row level security',
      red: ['catalog cells', 'matrix cells', 'context cells', 'bypass cells'],
    },
    {
      name: 'a command that is let through',
      plant: 'create policy wide on payments for delete using (true)',
      lift: 'drop policy wide on payments',
      red: ['matrix cells', 'context cells'],
    },
    {
      name: 'a tenant that every connection begins with',
      plant: `alter role shop_app set app.shop = '900001'`,
      lift: 'alter role shop_app reset app.shop',
      red: ['catalog cells', 'bypass fresh', 'bypass reused', 'bypass cells'],
    },
  ])(
    '$name',
    async ({ plant, lift, red }) => {
      await changed(plant, lift, async () => {
        const { report, entries } = await judged(all, environment());
        const failed = report.checks.flatMap(({ id, assertions }) =>
          assertions.filter(({ status }) => status === 'fail').map(({ name }) => `${id.slice(8)} ${name}`),
        );
        expect(failed.filter((one) => !one.endsWith('findings'))).toEqual(red);
        const findings = entries.filter((entry) => entry.kind === 'finding');
        for (const { severity, reproduce, fix } of findings.filter((one) => one.severity === 'critical'))
          expect({ severity, reproduce, fix }).toEqual({
            severity,
            reproduce: expect.stringMatching(/\w/),
            fix: expect.stringMatching(/\w/),
          });
      });
    },
    120_000,
  );
});

/** What `psql` prints when the script is pasted into it; null when it stopped at an error. */
function pasted(script: string): string | null {
  const psql = join(toolPaths().postgres, 'bin', 'psql');
  const { status, stdout } = spawnSync(psql, [at(), '-qAtX', '-v', 'ON_ERROR_STOP=1'], {
    input: script,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : null;
}

test('the script of what is read, stored, changed or deleted, pasted into psql, shows the leak while it is there and not afterwards', async () => {
  const plant = `create policy read on shops for select using (true); create policy put on orders for insert with check (true); create policy wipe on payments for delete using (true); create policy change on orders for update using (true) with check (true); create view takings as select shop_id, total, note from orders; grant select on takings to shop_app`;
  const lift =
    'drop policy read on shops; drop policy put on orders; drop policy wipe on payments; drop policy change on orders; drop view takings';
  const shown = new Map<string, { readonly script: string; readonly printed: string | null }>();
  await changed(plant, lift, async () => {
    const { entries } = await judged(['sec.rls.matrix'], environment());
    for (const entry of entries)
      if (entry.kind === 'finding' && entry.severity === 'critical' && !shown.has(entry.where))
        shown.set(entry.where, { script: entry.reproduce!, printed: pasted(entry.reproduce!) });
  });
  expect([...shown.keys()].sort()).toEqual(
    expect.arrayContaining([
      'public.orders INSERT',
      'public.orders UPDATE',
      'public.payments DELETE',
      'public.shops SELECT',
      'public.takings',
    ]),
  );
  for (const [where, { script, printed }] of shown) {
    expect({ where, printed }).toEqual({ where, printed: expect.stringMatching(/./) });
    expect({ where, printed: pasted(script) }).not.toEqual({ where, printed });
  }
}, 300_000);

describe('what nobody could look at is never green', () => {
  test('a service role that may not become the app: says which grant is missing', async () => {
    const url = { database: { appUrl: at('shop_app'), serviceUrl: at('shop_service') } };
    const refused = await judged(['sec.rls.matrix'], environment(url));
    expect(refused.row('sec.rls.matrix', 'cells')).toMatchObject({ status: 'not-verified' });
    expect(refused.row('sec.rls.matrix', 'cells').why).toContain('cannot become "shop_app"');
    await changed('grant shop_app to shop_service', 'revoke shop_app from shop_service', async () => {
      const granted = await judged(['sec.rls.matrix'], environment(url));
      expect(granted.row('sec.rls.matrix', 'cells')).toMatchObject({ status: 'pass' });
    });
  }, 300_000);

  test('another database than the app is in', async () => {
    const database = { appUrl: at('shop_app'), adminUrl: reference.postgres.adminUrl };
    const { row } = await judged(['sec.rls.matrix'], environment({ database }));
    expect(row('sec.rls.matrix', 'cells').why).toContain('the same database');
  }, 300_000);

  test('whose a row is, is asked, and the answer in the environment file settles it', async () => {
    const plant = `create table transfers (id int primary key, from_shop int not null references shops, to_shop int not null references shops);
      grant select on transfers to shop_app; alter table transfers enable row level security; alter table transfers force row level security; create policy own on transfers ${own('from_shop')}`;
    const odd = `${plant}; drop policy own on transfers; create policy own on transfers using (nullif(current_setting('app.shop', true), '')::int in (from_shop, to_shop))`;
    await changed(odd, 'drop table transfers', async () => {
      const open = await judged(['sec.rls.catalog'], environment());
      expect(open.row('sec.rls.catalog', 'keys').why).toMatch(
        /isolation: which column .* public\.transfers .*from_shop or to_shop/,
      );
    });
    await changed(plant, 'drop table transfers', async () => {
      const isolation = { tenantKeys: ['public.transfers=from_shop'] };
      const { row } = await judged(['sec.rls.catalog', 'sec.rls.matrix'], environment({ isolation }));
      expect([row('sec.rls.catalog', 'keys').status, row('sec.rls.matrix', 'cells').status]).toEqual(['pass', 'pass']);
    });
  }, 300_000);

  test('an answer about a table or a column that is not there answers nothing', async () => {
    const isolation = { tenantKeys: ['public.orders=shop'], shared: ['public.nothing'] };
    const { row } = await judged(['sec.rls.catalog'], environment({ isolation }));
    expect(row('sec.rls.catalog', 'keys').why).toContain('names column shop of public.orders');
    expect(row('sec.rls.catalog', 'keys').why).toContain('names public.nothing, and there is no such table');
  }, 300_000);

  test('where it is not disposable, a large table is not written to without a WHERE, and that is said', async () => {
    const fill = `insert into orders select n, 900001 from generate_series(1000, 11000) n`;
    await changed(fill, 'delete from orders where id >= 1000', async () => {
      const { row } = await judged(['sec.rls.matrix'], environment({ kind: 'staging' }));
      expect(row('sec.rls.matrix', 'cells')).toMatchObject({ status: 'not-verified' });
      expect(row('sec.rls.matrix', 'cells').why).toMatch(/public\.orders: the table holds more than 10000 rows/);
    });
  }, 300_000);
});
