import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../probes/postgres.ts';
import { isHole, proveIsolation, type RlsReport } from '../../probes/rls/index.ts';
import { driftFrom, policySnapshot } from '../../probes/rls/snapshot.ts';
import { catalogueChecksum } from '../../reference/database/checksum.ts';
import { withClient } from '../../reference/database/provision.ts';
import { down, handle, type ReferenceStatus, up } from '../../reference/index.ts';
import { shakedown } from '../cli/shakedown.ts';
import { environmentWith } from '../smoke-data/environment.ts';
import { adversary } from './lab/adversary.ts';
import { secondAdversary, secondTraps } from './lab/adversary-two.ts';
import { classes } from './lab/classes.ts';
import { cleans } from './lab/clean.ts';
import { furtherHoles } from './lab/further-holes.ts';
import { holes } from './lab/holes.ts';
import { type Lab, labOn } from './lab/lab.ts';
import { rest } from './lab/rest.ts';
import { softCleans, softHoles } from './lab/soft-references.ts';
import { traps } from './lab/traps.ts';
import { whole } from './lab/whole.ts';

/** One real server; each variant in a database of its own. All of the lab runs in bench/rls, a cross-section of it here. */
const directory = mkdtempSync(join(tmpdir(), 'sd-rls-'));
let reference: ReferenceStatus;
let lab: Lab;

/** A starved machine is no finding; how long it takes is measured in bench/rls. */
const patienceMs = 600_000;

beforeAll(async () => {
  reference = await up({ endWithCaller: true, directory, only: ['postgres'] });
  lab = labOn(reference.postgres.adminUrl);
}, 120_000);

afterAll(async () => {
  await down(directory);
  rmSync(directory, { recursive: true, force: true });
}, 30_000);

const count = (report: RlsReport, verdict: string) => report.cells.filter((cell) => cell.verdict === verdict).length;

/** One hole a rule, each from the newest part of the lab that has one. */
const all = [...adversary, ...rest, ...furtherHoles, ...holes];
const oneOfEach = [...all.filter((hole, at) => all.findIndex(({ rule }) => rule === hole.rule) === at), ...softHoles];
const telling = [
  'people add themselves to any team',
  'one draws others into one’s own tree',
  'the tree of whoever is above',
  'a form that writes by half of the key',
  'a pattern made of the list',
  'a list of organisations in the session',
  'shared with whom it is shared',
  'sites told by their host',
];
const oneARule = [...oneOfEach, ...secondAdversary.filter(({ name }) => telling.includes(name))];
const someClean = [
  ...secondTraps.filter(({ name }) => telling.includes(name)),
  ...softCleans,
  ...cleans.filter((_, at) => at % 8 === 0),
  ...traps.filter((_, at) => at % 6 === 1),
];

describe('holes are found where they are', { concurrent: true }, () => {
  test.each(oneARule.map((hole, at) => ({ ...hole, at })))(
    '$rule $name ($base.name)',
    async ({ at, base, sql, where, note }) => {
      const report = await lab.look(`h${at}`, base, sql);
      const place = where.replaceAll('ROLE', `app_h${at}`);
      const told = report.findings.filter((finding) => finding.where.includes(place) && (note || isHole(finding)));
      expect(told.length).toBeGreaterThan(0);
    },
    patienceMs,
  );
});

describe('clean variants raise no alarm, and nothing of them stays unprobed', { concurrent: true }, () => {
  test.each(someClean.map((variant, at) => ({ ...variant, at })))(
    '$name ($base.name)',
    async ({ at, base, sql }) => {
      const report = await lab.look(`c${at}`, base, sql);
      expect(report.findings.filter(isHole)).toEqual([]);
      expect(report.cells.filter(({ verdict }) => verdict !== 'HOLD')).toEqual([]);
      expect(count(report, 'HOLD')).toBeGreaterThan(20);
    },
    patienceMs,
  );
});

describe('the reference schema', () => {
  test(
    'holds in every cell, and is the same afterwards to the byte',
    async () => {
      const before = await sums();
      const report = await prove('app_user');
      expect(report.cells.filter(({ verdict }) => verdict !== 'HOLD')).toEqual([]);
      expect(count(report, 'HOLD')).toBeGreaterThan(1_000);
      expect(await sums()).toEqual(before);
    },
    patienceMs,
  );

  test(
    'a role that no policy binds is told at once',
    async () => {
      const report = await prove('platform_service');
      expect(report.findings.filter(({ rule, severity }) => rule === 'R30' && severity === 'critical').length).toBe(1);
    },
    patienceMs,
  );

  test(
    'the script of a finding shows the leak when it is pasted',
    async () => {
      const hole = 'create policy wide on public.widgets for select using (is_active)';
      await withClient(reference.postgres.adminUrl, (client) => client.query(hole));
      const report = await prove('app_user');
      const found = report.findings.find(({ where }) => where === 'public.widgets SELECT');
      const shown = await withClient(reference.postgres.adminUrl, async (client) => {
        const results = (await client.query(found!.reproduce!)) as unknown as { command: string; rowCount: number }[];
        return results.filter(({ command }) => command === 'SELECT').at(-1)!.rowCount;
      });
      await withClient(reference.postgres.adminUrl, (client) => client.query('drop policy wide on public.widgets'));
      expect(shown).toBeGreaterThan(0);
    },
    patienceMs,
  );
});

describe('the lab', () => {
  test('has two variants or more of every class that a probe or the catalogue can see', () => {
    const seen = Object.entries(classes).filter(([rule, { mark }]) => /probe|catalogue/.test(mark) && rule !== 'R49');
    const few = seen.filter(([rule]) => whole.filter(({ hole }) => hole?.rule === rule).length < 2);
    expect(few.map(([rule]) => rule)).toEqual([]);
    expect(whole.filter(({ hole }) => hole === null).length).toBeGreaterThanOrEqual(200);
  });
});

describe('a snapshot of the policies', () => {
  test.each([
    {
      name: 'a wider policy',
      sql: 'create policy wide on public.widgets for select using (true)',
      where: 'policy widgets',
    },
    {
      name: 'row level security off',
      sql: 'alter table public.widgets disable row level security',
      where: 'table widgets',
    },
    { name: 'a grant', sql: 'grant truncate on public.widgets to app_user', where: 'grant on' },
  ])(
    '$name is told as drift (R49), and nothing when nothing changed',
    async ({ sql, where }) => {
      await withClient(reference.postgres.adminUrl, async (client) => {
        const ask = async (text: string) => (await client.query(text)).rows;
        const before = await policySnapshot(ask);
        expect(driftFrom(before, await policySnapshot(ask))).toEqual([]);
        await client.query(`begin; ${sql}`);
        const drift = driftFrom(before, await policySnapshot(ask));
        await client.query('rollback');
        expect(drift.filter((one) => one.rule === 'R49' && one.where === where).length).toBeGreaterThan(0);
      });
    },
    60_000,
  );
});

describe('the command', () => {
  test.each([
    { name: 'no role', args: ['--url', 'postgresql://127.0.0.1:1/x'], code: 64 },
    { name: 'nobody answers', args: ['--url', 'postgresql://127.0.0.1:1/x', '--as-role', 'x'], code: 64 },
    { name: 'no URL', args: ['--url', 'nonsense', '--as-role', 'x'], code: 64 },
  ])('$name: $code', async ({ args, code }) => {
    expect((await shakedown(['rls', ...args])).code).toBe(code);
  });

  test(
    'a role that does not exist: 64; a role above all policies: 1',
    async () => {
      const url = ['--url', reference.postgres.adminUrl];
      expect((await shakedown(['rls', ...url, '--as-role', 'nobody'])).code).toBe(64);
      expect((await shakedown(['rls', '--url', reference.postgres.appUrl, '--as-role', 'app_user'])).code).toBe(64);
      const above = await shakedown(['rls', ...url, '--as-role', 'platform_service', '--json']);
      expect(above.code).toBe(1);
      expect(JSON.parse(above.stdout).verdict).toBe('fail');
    },
    patienceMs,
  );
});

async function prove(role: string): Promise<RlsReport> {
  const url = reference.postgres.adminUrl;
  const database = await openDatabase(url, { environment: environmentWith({ appUrl: url, timeoutMs: 60_000 }) });
  try {
    return await proveIsolation(database, { role });
  } finally {
    await database.close();
  }
}

/** The catalogue, every row of every table, and where each sequence stands. */
async function sums(): Promise<unknown> {
  const deployment = handle(reference);
  const tables = await deployment.sql(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'migrations') order by 1",
  );
  const rows: unknown[] = [];
  for (const { name } of tables)
    rows.push(
      await deployment.sql(`select count(*)::int, md5(string_agg(x::text, '|' order by x::text)) from ${name} x`),
    );
  return [await catalogueChecksum(deployment), rows, await deployment.sql('select * from pg_sequences order by 1, 2')];
}
