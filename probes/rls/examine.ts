import { quoted } from '../catalogue.ts';
import type { Database } from '../postgres.ts';
import { audit, auditFurther } from './audit.ts';
import { calibrate } from './calibrate.ts';
import { type Contexts, contextsOf, firstAssignment } from './contexts.ts';
import { probeShared } from './copies.ts';
import { probeDefiners } from './definers.ts';
import { type Stage, theseRows } from './ground.ts';
import type { RlsOptions } from './index.ts';
import { plantKin } from './kin.ts';
import { type Judged, probeTable } from './matrix.ts';
import { mayAnything, type Privileges, readPrivileges } from './privileges.ts';
import { keyed, same } from './probe.ts';
import { asCells, gapsOf, headOf, onePerHole, unanswered } from './report.ts';
import { inStead } from './roles.ts';
import type { Seeder, World } from './seed.ts';
import type { Context } from './stage.ts';
import { probeSwitching } from './switching.ts';
import { plantTwins } from './twins.ts';
import type { Cell, Finding, RlsReport, RlsTable } from './types.ts';
import { probeViews } from './views.ts';

export interface Examination {
  readonly database: Database;
  readonly world: World;
  readonly seeds: Seeder;
  /** Roles that the one under test can become. */
  readonly others: readonly string[];
  readonly options: RlsOptions;
}

const rowCap = 10_000;
const nobody: Context = { name: 'none', settings: new Map() };

/** The order matters: what a fresh connection shows can be seen only before a setting is set for the first time. */
export async function examineAll(all: Examination): Promise<RlsReport> {
  const { world, seeds, others, options } = all;
  const tables = chosen(world, options);
  const bare = await stagesOf(all, tables);
  await plant(all, tables, bare);
  const otherKey = (await seeds.keyOf('b')) ?? '';
  const stages = bare.map((stage): Stage => ({ ...stage, otherKey }));
  const cells: Cell[] = [];
  const findings: Finding[] = [];
  const add = (one: Judged) => {
    cells.push(...one.cells);
    findings.push(...one.findings);
  };
  const each = async (work: (stage: Stage) => Promise<Judged>) => {
    for (const stage of stages)
      add(await inStead(all.database, world, { from: options.role, to: stage.role }, () => work(stage)));
  };
  await each((stage) => everyTable(tables, (table) => probeTable(stage, table, [nobody], 'fresh')));
  await each((stage) => examine(stage, tables, options));
  const main = stages[0]!;
  const told = onePerHole(findings);
  cells.push(...asCells(options.role, findings), ...unanswered(world, stages), ...gapsOf(main));
  return { ...headOf(world, options.role, others), cells, findings: told };
}

async function stagesOf(
  { database, world, seeds, others, options }: Examination,
  tables: readonly RlsTable[],
): Promise<Stage[]> {
  if (options.latent) await grantAll(database, tables, options.role);
  const stages: Stage[] = [];
  for (const role of [options.role, ...others])
    stages.push({
      database,
      world,
      seeds,
      role,
      own: nobody,
      other: nobody,
      turnOf: async () => nobody,
      otherKey: '',
      privileges: await readPrivileges(database.bare, role),
      bySession: world.carriers.bySession,
      thorough: options.only === undefined,
      rowCap: options.disposable ? Number.MAX_SAFE_INTEGER - 1 : rowCap,
    });
  return stages;
}

/** Everything about one role. */
async function examine(stage: Stage, tables: readonly RlsTable[], options: RlsOptions): Promise<Judged> {
  const { world, seeds } = stage;
  const assignment = await calibrate(stage, firstAssignment(world.carriers, world.keys), tables);
  const contexts: Contexts = contextsOf(world, seeds, assignment);
  const ready: Stage = { ...stage, own: await contexts.of('a'), other: await contexts.of('b'), turnOf: contexts.of };
  const nobodies = await contexts.nobody();
  const near = [...new Set(seeds.rows.map(({ tenant }) => tenant).filter((one) => /^l\d$/.test(one)))];
  const strangers = [...nobodies, { ...(await contexts.of('c')), name: 'a tenant without rows' }];
  for (const tenant of near)
    strangers.push({ ...(await contexts.of(tenant)), name: 'a tenant who is called almost the same' });
  const isMain = stage.role === options.role;
  const parts = [
    await everyTable(tables, (table) => probeTable(ready, table, strangers, 'all')),
    ready.thorough ? await probeSwitching(ready, tables) : { cells: [], findings: [] },
    await probeViews(ready, [nobody, ...nobodies]),
    await probeShared(ready, tables),
    await probeDefiners(ready, options.disposable ?? false),
    { cells: [], findings: isMain ? await audit(ready) : auditFurther(ready) },
  ];
  return { cells: parts.flatMap((one) => one.cells), findings: parts.flatMap((one) => one.findings) };
}

async function everyTable(tables: readonly RlsTable[], work: (table: RlsTable) => Promise<Judged>): Promise<Judged> {
  const parts: Judged[] = [];
  for (const table of tables) parts.push(await work(table));
  return { cells: parts.flatMap((one) => one.cells), findings: parts.flatMap((one) => one.findings) };
}

async function grantAll(database: Database, tables: readonly RlsTable[], role: string): Promise<void> {
  for (const table of tables)
    await database.bare(
      `grant usage on schema ${quoted(table.schema)} to ${quoted(role)}; grant select, insert, update, delete on ${table.sql} to ${quoted(role)}`,
    );
}

const chosen = ({ catalogue, keys }: World, { only }: RlsOptions): RlsTable[] =>
  catalogue.tables.filter(({ oid, label }) => keys.of.has(oid) && (only?.includes(label) ?? true));

/** The role's own tenant first, so that its rows are the same with and without the others. */
async function plant(
  { world, seeds }: Examination,
  tables: readonly RlsTable[],
  stages: readonly Stage[],
): Promise<void> {
  const may = ({ oid }: RlsTable) => stages.some(({ privileges }) => mayAnything(privileges.get(oid)!));
  const looked = new Set(world.carriers.lookups.map(({ table }) => table));
  const reachable = tables.filter((table) => may(table) || looked.has(table.oid) || isRead(world, table, stages));
  const whole = reachable.filter(
    (table) => table.partitionOf === null || !reachable.some(({ oid }) => oid === table.partitionOf),
  );
  for (const tenant of ['a', 'b']) {
    await seeds.keyOf(tenant);
    for (const table of whole) if (await seeds.base(table, tenant)) await seeds.edges(table, tenant);
  }
  for (const table of reachable.filter((one) => !whole.includes(one)))
    for (const tenant of ['a', 'b']) await seeds.base(table, tenant);
  await seeds.keyOf('c');
  for (const table of whole) await seeds.unowned(table);
  if (stages[0]?.thorough) {
    await plantTwins(world, seeds, whole);
    await plantKin(world, seeds, whole);
  }
  // The last tenant that probes name, before nothing more may be made.
  await seeds.keyOf('d');
  await settled(world, seeds);
  seeds.freeze();
}

/** Triggers may have rewritten rows that were put in before; they lie elsewhere now. */
async function settled({ ask }: World, seeds: Seeder): Promise<void> {
  for (const [table, rows] of Map.groupBy(seeds.rows, (one) => one.table)) {
    const found = await ask(
      `select tableoid::text || ':' || ctid::text as at from ${table.sql} where ${theseRows(rows)}`,
    );
    const there = new Set(found.map(({ at }) => String(at)));
    for (const row of rows.filter(({ at }) => !there.has(at))) {
      const where = keyed(table, row) ?? same(table, row);
      const [moved] = await ask(
        `select tableoid::text || ':' || ctid::text as at from ${table.sql} where ${where} limit 2`,
      );
      seeds.rows.splice(seeds.rows.indexOf(row), 1, ...(moved ? [{ ...row, at: String(moved.at) }] : []));
    }
  }
}

/** Some role sees it through a view. */
const isRead = ({ catalogue }: World, { oid }: RlsTable, stages: readonly Stage[]): boolean =>
  catalogue.views.some(
    (view) => view.reads.includes(oid) && stages.some(({ privileges }) => sees(privileges.get(view.oid))),
  );

const sees = (one: Privileges | undefined): boolean => one !== undefined && one.selectable.length > 0;
