import { createHash, randomBytes } from 'node:crypto';
import { quoted } from '../catalogue.ts';
import type { Database } from '../postgres.ts';
import { audit } from './audit.ts';
import { calibrate } from './calibrate.ts';
import { carriersOf } from './carriers.ts';
import { readRlsCatalogue } from './catalogue.ts';
import { type Contexts, contextsOf, firstAssignment } from './contexts.ts';
import { probeDefiners } from './definers.ts';
import { type KeyAnswers, keysOf } from './keys.ts';
import { probeTable, type Stage } from './matrix.ts';
import { probeShared, probeViews } from './objects.ts';
import { mayAnything, readPrivileges } from './privileges.ts';
import { type Seeder, seeder, type World } from './seed.ts';
import { text } from './stage.ts';
import type { Cell, Finding, RlsReport, RlsTable } from './types.ts';

export type { Cell, Finding, RlsReport } from './types.ts';

export interface RlsOptions {
  readonly role: string;
  readonly answers?: Partial<KeyAnswers>;
  /** Nothing of value is in it: no cap on rows, and functions are called whatever they do. */
  readonly disposable?: boolean;
  /** Only these tables (`schema.table`), and what they need; for a policy changed on purpose. */
  readonly only?: readonly string[];
  /** Also what only the lack of a privilege keeps back today: the role is granted all four commands, in the transaction. */
  readonly latent?: boolean;
  /** Eight hexadecimal digits; makes every value of the run. */
  readonly run?: string;
}

const rowCap = 10_000;

/** Proves, for one role, that no tenant reaches another's rows. One transaction, rolled back whatever happens. */
export async function proveIsolation(database: Database, options: RlsOptions): Promise<RlsReport> {
  return database.undone(async () => {
    await database.bare(
      'set local idle_in_transaction_session_timeout = 0; set local client_min_messages = error; set local search_path = pg_catalog',
    );
    await refuseStrangers(database, options.role);
    const world = await worldOf(database, options);
    await usualPath(database, options.role);
    const seeds = seeder(world);
    await makeRoles(database, world, options.role);
    if (options.latent) await grantAll(database, chosen(world, options), options.role);
    const privileges = await readPrivileges(database.bare, options.role);
    const reachable = chosen(world, options).filter(({ oid }) => mayAnything(privileges.get(oid)!));
    await plant(world, seeds, reachable);
    const stage: Stage = {
      database,
      world,
      seeds,
      role: options.role,
      own: nobody,
      otherKey: (await seeds.keyOf('b')) ?? '',
      privileges,
      bySession: world.carriers.bySession,
      rowCap: options.disposable ? Number.MAX_SAFE_INTEGER - 1 : rowCap,
    };
    return examine(stage, options);
  }, 'read write');
}

const nobody = { name: 'none', settings: new Map<string, string>() };

/** The order matters: what a fresh connection shows can be seen only before a setting is set for the first time. */
async function examine(stage: Stage, options: RlsOptions): Promise<RlsReport> {
  const { world, seeds } = stage;
  const cells: Cell[] = [];
  const findings: Finding[] = [];
  const add = (one: { readonly cells: readonly Cell[]; readonly findings: readonly Finding[] }) => {
    cells.push(...one.cells);
    findings.push(...one.findings);
  };
  const tables = chosen(world, options);
  for (const table of tables) add(await probeTable(stage, table, [nobody], 'fresh'));
  const assignment = await calibrate(stage, firstAssignment(world.carriers, world.keys), tables);
  const contexts: Contexts = contextsOf(world, seeds, assignment);
  const ready: Stage = { ...stage, own: await contexts.of('a') };
  const nobodies = await contexts.nobody();
  const strangers = [...nobodies, { ...(await contexts.of('c')), name: 'a tenant without rows' }];
  for (const table of tables) add(await probeTable(ready, table, strangers, 'all'));
  add(await probeViews(ready, [nobody, ...nobodies]));
  add(await probeShared(ready));
  add(await probeDefiners(ready, options.disposable ?? false));
  findings.push(...(await audit(ready)));
  cells.push(...asCells(stage.role, findings), ...unanswered(world, stage), ...gapsOf(stage));
  return { ...headOf(world, options.role), cells, findings: onePerHole(findings) };
}

/** Names are read in full; functions of policies are then called with the path the role would have. */
async function usualPath(database: Database, role: string): Promise<void> {
  const [found] =
    await database.bare(`select substring(setting from 13) as path from (select s.setrole, s.setdatabase, unnest(s.setconfig) as setting from pg_db_role_setting s
    where s.setdatabase in (0, (select oid from pg_database where datname = current_database())) and s.setrole in (0, (select oid from pg_roles where rolname = ${text(role)}))) all_settings
    where setting like 'search_path=%' order by setrole = 0, setdatabase = 0 limit 1`);
  await database.bare(`set local search_path = ${found ? String(found.path) : '"$user", public'}`);
}

async function refuseStrangers(database: Database, role: string): Promise<void> {
  const [found] = await database.bare(
    `select exists (select from pg_roles where rolname = ${text(role)}) as there, pg_has_role(session_user, (select oid from pg_roles where rolname = ${text(role)}), 'member') as may, (select rolsuper or rolbypassrls from pg_roles where rolname = session_user) as above`,
  );
  if (!found?.there) throw new RlsRefusal(`there is no role "${role}"`);
  if (!found.may) throw new RlsRefusal(`the role of the URL cannot become "${role}"`);
  if (!found.above)
    throw new RlsRefusal(
      "the role of the URL is bound by row level security itself, and could not count other tenants' rows: it must be a superuser or have BYPASSRLS",
    );
}

/** What was asked for cannot be done with what was given. */
export class RlsRefusal extends Error {}

async function worldOf(database: Database, { answers = {}, run, role }: RlsOptions): Promise<World> {
  const catalogue = await readRlsCatalogue(database.bare);
  const carriers = carriersOf(catalogue);
  const given: KeyAnswers = {
    columns: answers.columns ?? new Map(),
    ...(answers.setting && { setting: answers.setting }),
  };
  const keys = keysOf(catalogue, carriers, given);
  const id = run ?? randomBytes(4).toString('hex');
  const byRole = carriers.byRole || carriers.bySession;
  return {
    ask: database.bare,
    catalogue,
    keys,
    carriers,
    run: id,
    roleOf: (tenant) =>
      byRole && tenant !== 'sh'
        ? `sd_${id}_${tenant}_${createHash('sha256').update(role).digest('hex').slice(0, 4)}`
        : null,
  };
}

const tenantTables = ({ catalogue, keys }: World): RlsTable[] => catalogue.tables.filter(({ oid }) => keys.of.has(oid));

async function grantAll(database: Database, tables: readonly RlsTable[], role: string): Promise<void> {
  for (const table of tables)
    await database.bare(
      `grant usage on schema ${quoted(table.schema)} to ${quoted(role)}; grant select, insert, update, delete on ${table.sql} to ${quoted(role)}`,
    );
}

const chosen = (world: World, { only }: RlsOptions): RlsTable[] =>
  tenantTables(world).filter(({ label }) => only?.includes(label) ?? true);

/** Roles that stand for tenants exist in the transaction alone. */
async function makeRoles(database: Database, world: World, role: string): Promise<void> {
  if (world.roleOf('a') === null) return;
  for (const tenant of ['a', 'b', 'c', 'nn'])
    await database.bare(`create role ${quoted(world.roleOf(tenant)!)} in role ${quoted(role)}`);
}

/** The role's own tenant first, so that its rows are the same with and without the others. */
async function plant(world: World, seeds: Seeder, reachable: readonly RlsTable[]): Promise<void> {
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
  void world;
}

function headOf({ keys, carriers, catalogue }: World, role: string) {
  const label = (oid: string) => catalogue.tables.find((one) => one.oid === oid)?.label ?? oid;
  return {
    role,
    carriers: [
      ...carriers.settings,
      ...(carriers.byRole ? ['current_user'] : []),
      ...(carriers.bySession ? ['session_user'] : []),
    ],
    tenantColumn: keys.names[0] ?? null,
    tenantTables: [...keys.of.keys()].map(label).sort(),
    sharedTables: catalogue.tables
      .filter(({ oid }) => !keys.of.has(oid) && !keys.questions.has(oid))
      .map(({ label: name }) => name),
    questions: [...keys.questions.values()],
  };
}

/** From medium on a finding of the catalogue is a hole, like a row that was seen. */
const asCells = (role: string, findings: readonly Finding[]): Cell[] =>
  findings
    .filter((one) => one.check === 'sec.rls.catalog' && isHole(one))
    .map((one) => ({
      role,
      where: one.where,
      command: 'CATALOGUE',
      context: 'any',
      variant: one.rule,
      verdict: 'LEAK',
      because: one.what,
    }));

export const isHole = ({ severity }: Finding): boolean => ['critical', 'high', 'medium'].includes(severity);

function unanswered({ keys, catalogue, carriers }: World, { role, privileges }: Stage): Cell[] {
  const cell = (where: string, because: string): Cell => ({
    role,
    where,
    command: 'any',
    context: 'any',
    variant: 'any',
    verdict: 'UNPROBED',
    because,
  });
  const questions = [...keys.questions]
    .filter(([oid]) => mayAnything(privileges.get(oid)!))
    .map(([oid, question]) => cell(catalogue.tables.find((one) => one.oid === oid)!.label, question));
  if (keys.of.size === 0) questions.push(cell('the database', 'no table with rows of tenants was found'));
  else if (carriers.settings.length === 0 && !carriers.byRole && !carriers.bySession)
    questions.push(cell('the database', 'no policy reads a setting or a role that says whose turn it is'));
  return questions;
}

const gapsOf = ({ seeds, role }: Stage): Cell[] =>
  seeds.gaps.map(({ table, variant, why }) => ({
    role,
    where: table.label,
    command: 'any',
    context: 'any',
    variant: `row "${variant}"`,
    verdict: 'UNPROBED',
    because: `the row could not be made: ${why}`,
  }));

/** One hole shows in many cells; the first finding of each place and rule stands for them. */
function onePerHole(findings: readonly Finding[]): Finding[] {
  const groups = Map.groupBy(findings, (one) => `${one.rule} ${one.where}`);
  return [...groups.values()].map((group) => ({
    ...group[0]!,
    what: group.length > 1 ? `${group[0]!.what} (and ${group.length - 1} more ways)` : group[0]!.what,
  }));
}
