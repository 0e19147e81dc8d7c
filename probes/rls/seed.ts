import { quoted } from '../catalogue.ts';
import { type Ask, DatabaseFailure } from '../postgres.ts';
import type { Carriers } from './carriers.ts';
import type { Keys } from './keys.ts';
import { listedValues, solveCheck, solveColumn } from './solve.ts';
import type { ForeignKey, RlsCatalogue, RlsColumn, RlsTable, TenantKey } from './types.ts';
import { candidates, literal, type Origin, usualValue, type Value, type Variant, variants } from './values.ts';

export interface SeedRow {
  readonly table: RlsTable;
  readonly tenant: string;
  readonly variant: string;
  readonly values: ReadonlyMap<string, Value>;
  /** Where it lies: `tableoid:ctid`. */
  readonly at: string;
  readonly sql: string;
}

export interface World {
  readonly ask: Ask;
  readonly catalogue: RlsCatalogue;
  readonly keys: Keys;
  readonly carriers: Carriers;
  readonly run: string;
  /** What the role under test would be called if it were this tenant's; null when roles carry nothing. */
  readonly roleOf: (tenant: string) => string | null;
}

/** Rows of ours, by the privileged role, inside the transaction that is rolled back. */
export interface Seeder {
  readonly rows: SeedRow[];
  readonly gaps: { readonly table: RlsTable; readonly variant: string; readonly why: string }[];
  /** Why a table has no row of a tenant. */
  readonly failures: Map<string, string>;
  base(table: RlsTable, tenant: string): Promise<SeedRow | null>;
  edges(table: RlsTable, tenant: string): Promise<void>;
  unowned(table: RlsTable): Promise<void>;
  /** A row that could be inserted, without leaving it there. */
  rehearse(table: RlsTable, tenant: string, change?: ReadonlyMap<string, Value>): Promise<SeedRow | string>;
  /** One more row without dependants, which stays until its savepoint is rolled back. */
  spare(table: RlsTable, tenant: string): Promise<SeedRow | string>;
  keyOf(tenant: string): Promise<Value>;
}

export function seeder(world: World): Seeder {
  const rows: SeedRow[] = [];
  const gaps: Seeder['gaps'] = [];
  const failures = new Map<string, string>();
  const bases = new Map<string, SeedRow | 'under way' | null>();
  const keysByTenant = new Map<string, Value>();
  let extra = 0;

  const base: Seeder['base'] = async (table, tenant) => {
    const id = `${table.oid} ${tenant}`;
    const known = bases.get(id);
    if (known !== undefined) return known === 'under way' ? null : known;
    bases.set(id, 'under way');
    const made = await make({ ...world, base, keyOf }, { table, tenant, variant: variants[0]!, number: 1 });
    if (typeof made === 'string') failures.set(id, made);
    else rows.push(made);
    bases.set(id, typeof made === 'string' ? null : made);
    return typeof made === 'string' ? null : made;
  };
  const keyOf: Seeder['keyOf'] = async (tenant) => {
    const known = keysByTenant.get(tenant);
    if (known !== undefined) return known;
    const key = await newKey(world, tenant, base);
    keysByTenant.set(tenant, key);
    return key;
  };
  const parts = { ...world, base, keyOf };
  const once = async (origin: Omit<Origin, 'run'>, change?: ReadonlyMap<string, Value>) => make(parts, origin, change);
  return {
    rows,
    gaps,
    failures,
    base,
    keyOf,
    rehearse: async (table, tenant, change) =>
      undone(world.ask, 'sd_rehearse', () => once({ table, tenant, variant: variants[0]!, number: 501 }, change)),
    spare: (table, tenant) => once({ table, tenant, variant: variants[4]!, number: 701 }),
    async edges(table, tenant) {
      for (const [at, variant] of usefulVariants(table, world).entries()) {
        let made = await once({ table, tenant, variant, number: at + 2 });
        if (made === alone) {
          // Where a tenant may have one such row only, another tenant has the next.
          extra += 1;
          made = await once({ table, tenant: `${tenant}${extra.toString(36)}`, variant, number: at + 2 });
        }
        if (typeof made !== 'string') rows.push(made);
        else if (made !== alone && made !== impossible) gaps.push({ table, variant: variant.name, why: made });
      }
    },
    async unowned(table) {
      const key = world.keys.of.get(table.oid);
      const column = key?.kind === 'column' ? table.columns.find(({ name }) => name === key.column) : undefined;
      if (!column || column.notNull || column.generated) return;
      for (const variant of [variants[0]!, variants[1]!, variants[3]!]) {
        const made = await once({ table, tenant: 'nn', variant, number: 901 }, new Map([[column.name, null]]));
        if (typeof made !== 'string') rows.push(made);
        else if (made !== alone && made !== impossible)
          gaps.push({ table, variant: `without a tenant, ${variant.name}`, why: made });
      }
    },
  };
}

const alone = 'a unique key lets no second row in';
const impossible = 'no such row is allowed by the constraints';

/** Listed values need more rows than true and false do. */
function usefulVariants(table: RlsTable, { catalogue }: World): readonly Variant[] {
  const texts = policyTexts(table, catalogue);
  const most = Math.max(
    0,
    ...table.columns.map((column) => Math.max(column.labels.length, listedValues(table, column, texts).length)),
  );
  return variants.slice(1, Math.max(5, most * 2 + 1));
}

const policyTexts = (table: RlsTable, { policies, tables }: RlsCatalogue): string[] => {
  const parent = tables.find(({ oid }) => oid === table.partitionOf);
  return [
    ...policies.filter((policy) => policy.table === table.oid).map(({ text }) => text),
    ...(table.bound && parent?.partitionKey ? [`${parent.partitionKey} ${table.bound}`] : []),
  ];
};

interface Parts extends World {
  readonly base: Seeder['base'];
  readonly keyOf: Seeder['keyOf'];
}

async function newKey(world: World, tenant: string, base: Seeder['base']): Promise<Value> {
  const { catalogue, keys, run } = world;
  const root = catalogue.tables.find(({ oid }) => oid === keys.root);
  if (root) return (await base(root, tenant))?.values.get(keys.rootKey!) ?? null;
  const role = world.roleOf(tenant);
  const [oid, key] = [...keys.of].find(([, one]) => one.kind === 'column') ?? [];
  const table = catalogue.tables.find((one) => one.oid === oid);
  const column = table?.columns.find(({ name }) => key?.kind === 'column' && name === key.column);
  if (!table || !column) return null;
  if (role !== null && keys.setting === null) return role;
  return solveColumn(
    world.ask,
    table,
    column,
    { run, tenant, table, number: keyNumber(tenant), variant: variants[0]! },
    [],
  );
}

const keyNumber = (tenant: string): number =>
  [...tenant].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 0) % 997;

/** Builds a row, asks the constraints, and puts it in; a text says why that could not be done. */
async function make(
  parts: Parts,
  given: Omit<Origin, 'run'>,
  change: ReadonlyMap<string, Value> = new Map(),
): Promise<SeedRow | string> {
  let origin: Origin = { ...given, run: parts.run };
  let row = await build(parts, origin, change);
  if (typeof row === 'string') return row;
  let replica = false;
  let last = '';
  for (let attempt = 0; attempt < 9; attempt += 1) {
    const made = await insert(parts, origin, row, replica);
    if (!(made instanceof DatabaseFailure)) return made;
    last = made.message;
    const check = /"([^"]+)"[^"]*$/.exec(made.message)?.[1] ?? '';
    if (made.code === '23514' && /partition/.test(made.message) && !origin.table.partitionOf) {
      if (!(await addPartition(parts, origin.table))) return last;
    } else if (
      made.code === '23514' &&
      (await solveCheck(
        parts.ask,
        origin.table,
        check,
        row,
        (column) => choices(column, origin, parts),
        fixedOf(parts, origin.table, change),
      ))
    ) {
      // The row has changed; it is tried again.
    } else if (made.code === '23514' && !origin.table.bound) return origin.variant === variants[0] ? last : impossible;
    else if (made.code === '23505' || made.code === '23P01' || (made.code === '23514' && origin.table.bound)) {
      if (attempt > 5) return alone;
      origin = { ...origin, number: origin.number + 1_000 };
      row = await build(parts, origin, change);
      if (typeof row === 'string') return row;
    } else if (!replica && parts.catalogue.superuser) replica = true;
    else return last;
  }
  return last;
}

const choices = (column: RlsColumn, origin: Origin, { catalogue }: World): Value[] => [
  ...(column.notNull ? [] : [null]),
  ...candidates(column, origin, listedValues(origin.table, column, policyTexts(origin.table, catalogue))),
];

/** What must not be changed to please a constraint: whose the row is, and what it refers to. */
const fixedOf = ({ keys, catalogue }: World, table: RlsTable, change: ReadonlyMap<string, Value>): Set<string> => {
  const key = keys.of.get(table.oid);
  return new Set([
    ...(key?.kind === 'path' ? key.columns : key ? [key.column] : []),
    ...catalogue.foreignKeys.filter((one) => one.from === table.oid && one.notNull).flatMap((one) => one.columns),
    ...change.keys(),
  ]);
};

async function build(
  parts: Parts,
  origin: Origin,
  change: ReadonlyMap<string, Value>,
): Promise<Map<string, Value> | string> {
  const { table, tenant, variant } = origin;
  const row = new Map<string, Value>();
  const key = parts.keys.of.get(table.oid);
  for (const column of table.columns.filter((one) => !one.generated)) {
    const role = roleValue(parts, origin, column);
    const isUnique = table.uniques.some(({ columns }) => columns.includes(column.name));
    const usual = variant.usual && role === null ? usualValue(column, isUnique) : undefined;
    if (variant.sparse && !column.notNull && !isKey(key, column.name)) row.set(column.name, null);
    else if (usual !== undefined) row.set(column.name, usual);
    else
      row.set(
        column.name,
        role ?? (await solveColumn(parts.ask, table, column, origin, policyTexts(table, parts.catalogue))),
      );
  }
  if (key?.kind === 'column') row.set(key.column, await parts.keyOf(tenant));
  for (const name of parts.keys.names.filter((one) => key?.kind === 'path' && row.get(one) != null))
    row.set(name, await parts.keyOf(tenant));
  const references = parts.catalogue.foreignKeys.filter((one) => one.from === table.oid);
  for (const reference of references) {
    const problem = await refer(parts, origin, row, reference);
    if (problem) return problem;
  }
  if (key?.kind === 'path' && !references.some((one) => one.columns.join() === key.columns.join())) {
    const parent = await parts.base(parts.catalogue.tables.find(({ oid }) => oid === key.to)!, tenant);
    if (!parent) return `no row of the table it hangs on could be made`;
    for (const [at, name] of key.columns.entries()) row.set(name, parent.values.get(key.refColumns[at]!) ?? null);
  }
  for (const [name, value] of change) row.set(name, value);
  return row;
}

const isKey = (key: TenantKey | undefined, name: string): boolean =>
  key?.kind === 'path' ? key.columns.includes(name) : key?.column === name;

/** A column that policies compare with the connected role holds that role's name. */
function roleValue(parts: Parts, { table, tenant }: Origin, column: RlsColumn): Value {
  const role = parts.roleOf(tenant);
  if (role === null) return null;
  const compared = parts.carriers.comparisons.some(
    (one) => one.role && one.column === column.name && (one.table === table.oid || !isTenantColumn(parts, one.column)),
  );
  return compared && /^(text|name|varchar|citext|bpchar)$/.test(column.base) ? role : null;
}

const isTenantColumn = ({ keys }: Parts, name: string): boolean => keys.names.includes(name);

async function refer(
  parts: Parts,
  origin: Origin,
  row: Map<string, Value>,
  reference: ForeignKey,
): Promise<string | null> {
  const { table, tenant, variant } = origin;
  const target = parts.catalogue.tables.find(({ oid }) => oid === reference.to);
  if (!target) return null;
  const key = parts.keys.of.get(table.oid);
  const nullable = reference.columns.filter(
    (name) => !table.columns.find((one) => one.name === name)?.notNull && !isKey(key, name),
  );
  const leaveEmpty = (): null => {
    for (const name of nullable) row.set(name, null);
    return null;
  };
  if (nullable.length > 0 && variant.sparse) return leaveEmpty();
  if (target.oid === table.oid) return ownParent(row, reference, nullable, leaveEmpty);
  const values = await parentValues(parts, target, tenant, reference);
  if (!values) {
    if (nullable.length > 0) return leaveEmpty();
    return `it refers to ${target.label}, of which no row could be made`;
  }
  for (const [at, name] of reference.columns.entries())
    if (key?.kind !== 'root' || key.column !== name) row.set(name, values[at] ?? null);
  return null;
}

/** A row may be its own parent where it must have one. */
function ownParent(
  row: Map<string, Value>,
  reference: ForeignKey,
  nullable: readonly string[],
  leaveEmpty: () => null,
): null {
  if (nullable.length > 0) leaveEmpty();
  else for (const [at, name] of reference.columns.entries()) row.set(name, row.get(reference.refColumns[at]!) ?? null);
  return null;
}

async function parentValues(
  parts: Parts,
  target: RlsTable,
  tenant: string,
  reference: ForeignKey,
): Promise<readonly Value[] | null> {
  const isTenants = parts.keys.of.has(target.oid);
  if (!isTenants) {
    const columns = reference.refColumns.map((name, at) => `${quoted(name)}::text as c${at}`).join(', ');
    const [existing] = await parts.ask(`select ${columns} from ${target.sql} limit 1`);
    if (existing) return reference.refColumns.map((_, at) => String(existing[`c${at}`]));
  }
  const parent = await parts.base(target, isTenants ? tenant : 'sh');
  return parent && reference.refColumns.map((name) => parent.values.get(name) ?? null);
}

async function insert(
  parts: Parts,
  origin: Origin,
  row: ReadonlyMap<string, Value>,
  replica: boolean,
): Promise<SeedRow | DatabaseFailure> {
  const { table, tenant, variant } = origin;
  const sql = insertSql(table, row);
  const key = parts.keys.of.get(table.oid);
  const shown = key?.kind === 'column' ? `${quoted(key.column)}::text` : `null::text`;
  const { ask } = parts;
  await ask('savepoint sd_insert');
  try {
    if (replica) await ask('set local session_replication_role = replica');
    const [made] = await ask(`${sql} returning tableoid::text || ':' || ctid::text as at, ${shown} as key`);
    if (replica) await ask('set local session_replication_role = origin');
    const kept = key?.kind !== 'column' || String(made?.key ?? null) === String(row.get(key.column) ?? null);
    if (!made || !kept) throw new DatabaseFailure('a trigger or rule changed whose row it is', 'SD001');
    await ask('release savepoint sd_insert');
    return {
      table,
      tenant,
      variant: variant.name,
      values: new Map(row),
      at: String(made.at),
      sql: replica
        ? `set local session_replication_role = replica; ${sql}; set local session_replication_role = origin`
        : sql,
    };
  } catch (error) {
    if (!(error instanceof DatabaseFailure) || error.code === null) throw error;
    await ask('rollback to savepoint sd_insert; release savepoint sd_insert');
    return error;
  }
}

/** Every value is given, so that no sequence moves; a sequence would not come back with the transaction. */
export function insertSql(table: RlsTable, row: ReadonlyMap<string, Value>, tail = ''): string {
  const columns = table.columns.filter(({ name }) => row.has(name));
  const identity = columns.some((column) => column.identity) ? ' overriding system value' : '';
  return `insert into ${table.sql} (${columns.map(({ name }) => quoted(name)).join(', ')})${identity} values (${columns.map((column) => literal(row.get(column.name) ?? null, column)).join(', ')})${tail}`;
}

async function addPartition({ ask, run }: World, table: RlsTable): Promise<boolean> {
  await ask('savepoint sd_partition');
  try {
    await ask(`create table ${quoted(table.schema, `sd_${run}_${table.oid}`)} partition of ${table.sql} default`);
    await ask('release savepoint sd_partition');
    return true;
  } catch (error) {
    if (!(error instanceof DatabaseFailure) || error.code === null) throw error;
    await ask('rollback to savepoint sd_partition');
    return false;
  }
}

export async function undone<T>(ask: Ask, name: string, work: () => Promise<T>): Promise<T> {
  await ask(`savepoint ${name}`);
  try {
    return await work();
  } finally {
    await ask(`rollback to savepoint ${name}; release savepoint ${name}`);
  }
}

/** Which rows of a table are this tenant's, as SQL; from first principles, never from policies. */
export function belongsTo(
  table: RlsTable,
  keyValue: string,
  { catalogue, keys }: Pick<World, 'catalogue' | 'keys'>,
  depth = 0,
): string {
  const key = keys.of.get(table.oid);
  if (!key || depth > 12) return 'false';
  if (key.kind !== 'path') return `${quoted(key.column)}::text = '${keyValue.replaceAll("'", "''")}'`;
  const parent = catalogue.tables.find(({ oid }) => oid === key.to)!;
  const own = key.columns.map((name) => `${quoted(name)}::text`).join(', ');
  const theirs = key.refColumns.map((name) => `${quoted(name)}::text`).join(', ');
  return `(${own}) in (select ${theirs} from ${parent.sql} where ${belongsTo(parent, keyValue, { catalogue, keys }, depth + 1)})`;
}
