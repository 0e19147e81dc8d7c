import { quoted } from '../catalogue.ts';
import type { Database } from '../postgres.ts';
import { uncast } from './carriers.ts';
import { belongsTo } from './ownership.ts';
import { mayAnything, type Privileges } from './privileges.ts';
import type { Seeder, SeedRow, World } from './seed.ts';
import { type Context, type Scene, text } from './stage.ts';
import type { RlsTable } from './types.ts';

export interface Stage {
  readonly database: Database;
  readonly world: World;
  readonly seeds: Seeder;
  readonly role: string;
  readonly own: Context;
  /** The second tenant's turn. */
  readonly other: Context;
  /** Whoever's turn. */
  readonly turnOf: (tenant: string) => Promise<Context>;
  /** What says that it is another tenant's turn. */
  readonly otherKey: string;
  readonly privileges: ReadonlyMap<string, Privileges>;
  readonly bySession: boolean;
  /** False for a policy changed on purpose, which the plain matrix shows: hundreds of mutants are looked at one after the other. */
  readonly thorough: boolean;
  /** No more rows than this are touched without a WHERE, unless the deployment is disposable. */
  readonly rowCap: number;
}

/** What lies in a table before a probe, as the privileged role counts it. */
export interface Ground {
  readonly table: RlsTable;
  readonly privileges: Privileges;
  readonly all: readonly SeedRow[];
  readonly mine: readonly SeedRow[];
  /** Rows of a context that is neither nobody's nor the first tenant's. */
  readonly own: readonly SeedRow[];
  readonly foreign: readonly SeedRow[];
  /** Columns that the table's policies look at. */
  readonly spoken: ReadonlySet<string>;
  readonly total: number;
  /** A part that has room for this tenant's rows, and for none of the first one's. */
  readonly only?: string;
}

export async function groundOf(stage: Stage, table: RlsTable): Promise<Ground | string> {
  const privileges = stage.privileges.get(table.oid);
  if (!privileges || !mayAnything(privileges)) return 'no privilege';
  const family = familyOf(stage.world.catalogue.tables, table);
  const rows = stage.seeds.rows.filter(
    (row) => family.has(row.table.oid) || family.has(row.at.slice(0, row.at.indexOf(':'))),
  );
  const mine = rows.filter(({ tenant }) => tenant === 'a');
  const seeded = rows.filter(({ tenant }) => tenant !== 'a' && tenant !== 'sh');
  const foreign = seeded.length > 0 ? seeded : await madeElsewhere(stage, table, 'b');
  const before = await unseeded(stage, table, rows, 'a');
  const only = table.bound !== null && mine.length + before.length === 0 ? foreign[0]?.tenant : undefined;
  if (only === undefined && (foreign.length === 0 || mine.length + before.length === 0)) {
    const why = stage.seeds.failures.get(`${table.oid} b`) ?? stage.seeds.failures.get(`${table.oid} a`);
    return `no row of a tenant could be made: ${why ?? 'nothing could be put there'}`;
  }
  const [count] = await stage.database.bare(
    `select count(*)::int as n from (select from ${table.sql} limit ${stage.rowCap + 1}) as capped`,
  );
  const all = [...rows, ...before, ...(seeded.length > 0 ? [] : foreign)];
  const spoken = spokenOf(stage, table);
  const total = Number(count?.n);
  return { table, privileges, all, mine: [...mine, ...before], own: [], foreign, spoken, total, ...(only && { only }) };
}

const mostBefore = 2_000;

function spokenOf({ world }: Stage, table: RlsTable): Set<string> {
  const texts = world.catalogue.policies.filter((one) => one.table === table.oid).map((one) => one.text);
  const all = uncast(texts.join(' ').replaceAll(/'[^']*'/g, ''));
  return new Set(
    table.columns
      .map(({ name }) => name)
      .filter((name) => new RegExp(`\\b${name.replaceAll(/\W/g, '.')}\\b`).test(all)),
  );
}

/** A tenant's rows that we did not put there: where tenants come from a fixed list, and where a trigger made some. */
export async function unseeded(
  stage: Stage,
  table: RlsTable,
  ours: readonly SeedRow[],
  tenant: string,
): Promise<SeedRow[]> {
  const known = new Set(ours.map(({ at }) => at));
  const found = await stage.database.bare(
    `select tableoid::text || ':' || ctid::text as at from ${table.sql} where ${await ownedBy(stage, table, tenant)} limit ${mostBefore}`,
  );
  return found
    .map(({ at }) => String(at))
    .filter((at) => !known.has(at))
    .map((at) => ({ table, tenant, variant: 'there before', values: new Map(), at, sql: '' }));
}

/** Rows that none of ours let in beside them, for a trigger had made them already: with what they hold, as if they were ours. */
async function madeElsewhere(stage: Stage, table: RlsTable, tenant: string): Promise<SeedRow[]> {
  const plain = table.columns.filter(({ generated }) => !generated);
  const values = plain.map(({ name }) => `${quoted(name)}::text`).join(', ');
  const found = await stage.database.bare(
    `select tableoid::text || ':' || ctid::text as at, array[${values}] as held from ${table.sql} where ${await ownedBy(stage, table, tenant)} limit ${mostKinds}`,
  );
  return found.map(({ at, held }) => ({
    table,
    tenant,
    variant: 'made by a trigger',
    values: new Map(plain.map(({ name }, index) => [name, (held as (string | null)[])[index] ?? null])),
    at: String(at),
    sql: '',
  }));
}

const mostKinds = 20;

/** A row put in through a table may lie in one of its parts. */
export function familyOf(tables: readonly RlsTable[], table: RlsTable): Set<string> {
  const family = new Set([table.oid]);
  for (let before = 0; before !== family.size; ) {
    before = family.size;
    for (const one of tables) if (one.partitionOf && family.has(one.partitionOf)) family.add(one.oid);
  }
  return family;
}

/** Which of these rows still lie where they lay; a row that was written or deleted does not. */
export function survivors(table: RlsTable, rows: readonly SeedRow[]): string {
  return `select count(*)::int as n from ${table.sql} where ${theseRows(rows)}`;
}

/** A condition that these rows alone meet. */
export function theseRows(rows: readonly SeedRow[]): string {
  const tids = rows.map(({ at }) => `"${at.slice(at.indexOf(':') + 1)}"`).join(',');
  const places = rows.map(({ at }) => `"${at}"`).join(',');
  return `ctid = any (${text(`{${tids}}`)}::tid[]) and tableoid::text || ':' || ctid::text = any (${text(`{${places}}`)}::text[])`;
}

export const allForeign = ({ seeds }: Stage): SeedRow[] =>
  seeds.rows.filter(({ tenant }) => tenant !== 'a' && tenant !== 'sh');

/** How many rows that are not the role's own still lie where they lay, over all tables. */
export function allSurvivors(stage: Stage): { readonly sql: string; readonly total: number } {
  const groups = [...Map.groupBy(allForeign(stage), (one) => one.table)];
  const sql = `select (${groups.map(([table, rows]) => `(${survivors(table, rows)})`).join(' + ') || '0'})::int as n`;
  return { sql, total: groups.reduce((sum, [, rows]) => sum + rows.length, 0) };
}

export async function ownedBy({ world, seeds }: Stage, table: RlsTable, tenant: string): Promise<string> {
  return belongsTo(table, await seeds.identityOf(tenant), world);
}

/** Where roles are tenants, rows that are not ours may be the role's own. */
export const rolesAreTenants = ({ world }: Stage): boolean => world.carriers.byRole || world.carriers.bySession;

export const sceneOf = (stage: Stage, context: Context, more: Partial<Scene> = {}): Scene => ({
  role: stage.role,
  context,
  bySession: stage.bySession,
  seedsOnly: rolesAreTenants(stage),
  ...more,
});
