import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseEnvironment } from '../../environment/load.ts';
import type { Environment } from '../../environment/types.ts';
import { type Making, makeTenant, removeLater } from '../../platform/accounts.ts';
import { removeLeftovers } from '../../platform/leftovers.ts';
import { openHttp } from '../../probes/http.ts';
import { down, up } from '../../reference/index.ts';

/** What is removed after a check is what the check made, also where the deployment puts new users among those it has. */
let directory: string;
let environment: Environment;
let client: pg.Client;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'shakedown-cleanup-'));
  const { environmentFile } = await up({ directory });
  const parsed = parseEnvironment(readFileSync(environmentFile, 'utf8'), environmentFile, {});
  environment = parsed.environment!;
  client = new pg.Client({ connectionString: environment.database.serviceUrl! });
  await client.connect();
}, 120_000);

afterAll(async () => {
  await client?.end();
  await down(directory);
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

const scope = 'sd-cleanup';

async function tenantOf(name: string, ...emails: string[]): Promise<void> {
  const { rows } = await client.query(`insert into tenants (name, api_key) values ($1, $1) returning id`, [name]);
  for (const email of emails)
    await client.query(`insert into users (tenant_id, email, role) values ($1, $2, 'member')`, [rows[0].id, email]);
}

async function left(): Promise<Readonly<Record<string, readonly string[]>>> {
  const { rows } = await client.query(
    `select t.name, array_agg(u.email order by u.email) filter (where u.email is not null) as emails
     from tenants t left join users u on u.tenant_id = t.id where t.name like '%cleanup%' group by t.name order by t.name`,
  );
  return Object.fromEntries(rows.map(({ name, emails }) => [name, emails ?? []]));
}

function making(
  signal = AbortSignal.timeout(60_000),
): Making & { readonly undo: (() => Promise<void>)[]; readonly residues: string[] } {
  const undo: (() => Promise<void>)[] = [];
  const residues: string[] = [];
  return {
    undo,
    residues,
    environment,
    scope,
    signal,
    now: () => performance.now(),
    cleanup: (one) => void undo.push(one),
    residue: (what, id, why) => void residues.push(`${what} ${id}: ${why}`),
  };
}

test('a user whom a provider made in a tenant with other people goes alone; one with a tenant of their own goes with it', async () => {
  await tenantOf('cleanup-of-somebody', 'owner@cleanup.example', `${scope}-google-1@example.com`);
  await tenantOf('cleanup-own', `${scope}-google-2@example.com`);
  const run = making();
  for (const i of [1, 2, 3]) expect(removeLater(run, { email: `${scope}-google-${i}@example.com` })).toBeNull();
  for (const undo of run.undo) await undo();
  expect(await left()).toEqual({ 'cleanup-of-somebody': ['owner@cleanup.example'] });
  expect(run.residues).toEqual([]);
}, 60_000);

test('what an ended process left behind goes by its names, and nobody else with it', async () => {
  await tenantOf('cleanup-with-guest', 'boss@cleanup.example', `${scope}-a@example.com`);
  await tenantOf('cleanup-theirs', `${scope}-b@example.com`, `${scope}-c@example.com`);
  await tenantOf(`${scope}-x`, 'moved@cleanup.example');
  expect(await removeLeftovers(environment, scope)).toBeNull();
  expect(await left()).toEqual({
    'cleanup-of-somebody': ['owner@cleanup.example'],
    'cleanup-with-guest': ['boss@cleanup.example'],
  });
}, 60_000);

test('a tenant goes although the deployment is still at work in it, in the other order', async () => {
  const run = making();
  const http = openHttp(run);
  const made = await makeTenant(run, http);
  await http.close();
  expect(made.kind).toBe('account');
  const { rows } = await client.query(`select id from tenants where name like '${scope}-%'`);
  await client.query('begin');
  await client.query('update users set name = name where tenant_id = $1', [rows[0].id]);
  const removed = Promise.all(run.undo.map((undo) => undo()));
  // Whoever began to wait first is the first to look for a deadlock, a second later, and is ended for it.
  await sleep(500);
  await client.query('select from tenants where id = $1 for update', [rows[0].id]);
  await client.query('commit');
  await removed;
  expect(run.residues).toEqual([]);
  expect(Object.keys(await left())).not.toContainEqual(expect.stringMatching(new RegExp(`^${scope}-`)));
}, 60_000);

test('a tenant whose registration was under way at the end goes too', async () => {
  const before = await left();
  const stop = new AbortController();
  const run = making(stop.signal);
  const http = openHttp(run);
  const asked = makeTenant(run, http);
  setTimeout(() => stop.abort(), 20);
  expect(await asked).toMatchObject({ kind: 'failed' });
  await http.close();
  for (const undo of run.undo) await undo();
  await sleep(1_000);
  expect(await left()).toEqual(before);
  expect(run.residues).toEqual([]);
}, 60_000);
