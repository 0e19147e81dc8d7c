import { quoted } from '../catalogue.ts';
import { ownerColumns, sourcesOf } from './keys.ts';
import { softReferences } from './references.ts';
import type { Parts } from './seed.ts';
import { holds, solveColumn } from './solve.ts';
import type { ForeignKey, RlsCatalogue, RlsColumn, RlsTable, TenantKey } from './types.ts';
import { literal, type Origin, usualValue, type Value } from './values.ts';

type Row = Map<string, Value>;

/** A row of one tenant's; a text says why there can be none. */
export async function build(parts: Parts, origin: Origin, change: ReadonlyMap<string, Value>): Promise<Row | string> {
  const { table } = origin;
  const row: Row = new Map();
  for (const column of table.columns.filter((one) => !one.generated))
    row.set(column.name, await plainValue(parts, origin, column));
  await name(parts, origin, row);
  const references = parts.catalogue.foreignKeys.filter((one) => one.from === table.oid);
  for (const reference of references) {
    const problem = await refer(parts, origin, row, reference);
    if (problem) return problem;
  }
  // Where the database enforces nothing, a row that refers to nobody is a row too.
  for (const reference of softReferences(parts.catalogue, parts.keys, table))
    await refer(parts, origin, row, reference);
  const problem = await hangOn(parts, origin, row, references);
  if (problem) return problem;
  for (const [column, value] of change) row.set(column, value);
  return row;
}

async function plainValue(parts: Parts, origin: Origin, column: RlsColumn): Promise<Value> {
  const { table, variant } = origin;
  const role = roleValue(parts, origin, column);
  const isUnique = table.uniques.some(({ columns }) => columns.includes(column.name));
  const usual = variant.usual && role === null ? usualValue(column, isUnique) : undefined;
  if (variant.sparse && !column.notNull && !isKey(parts.keys.of.get(table.oid), column.name)) return null;
  if (usual !== undefined) return usual;
  return role ?? solveColumn(parts.all, table, column, origin, policyTexts(table, parts.catalogue));
}

/** The columns that say whose it is. */
async function name(parts: Parts, { table, tenant }: Origin, row: Row): Promise<void> {
  const { keys } = parts;
  const key = keys.of.get(table.oid);
  if (key?.kind === 'root' && parts.given(tenant) !== undefined) row.set(key.column, parts.given(tenant)!);
  if (key?.kind === 'column') await setKey(parts, { table, tenant }, key.column, row);
  if (key?.kind === 'column' || key?.kind === 'root')
    for (const part of keys.parts.filter((one) => row.has(one))) row.set(part, await parts.partOf(tenant, part));
  if (key?.kind === 'path')
    for (const other of keys.names.filter((one) => row.get(one) != null)) row.set(other, await parts.keyOf(tenant));
}

async function setKey(
  parts: Parts,
  { table, tenant }: Pick<Origin, 'table' | 'tenant'>,
  column: string,
  row: Row,
): Promise<void> {
  const key = await parts.keyOf(tenant);
  if (table.columns.find((one) => one.name === column)?.generated) await draw(parts, table, column, key, row);
  else row.set(column, key);
}

/** Values of other columns from which the database draws this one: the key alone, or before one of the literals it is cut at. */
async function draw({ all }: Parts, table: RlsTable, name: string, key: Value, row: Row): Promise<void> {
  const column = table.columns.find((one) => one.name === name)!;
  const marks = [...(column.default ?? '').matchAll(/'([^']{1,40})'/g)].map((match) => match[1]!);
  for (const source of sourcesOf(table, name)) {
    const own = row.get(source) ?? '';
    const shapes = [
      key,
      ...marks.flatMap((mark) => [`${key}${mark}${own}`, `${own}${mark}${key}`, `{"${mark}": "${key}"}`]),
    ];
    for (const value of shapes) {
      const values = [...row, [source, value] as const].map(([at, one]) => [at, one] as const);
      const list = table.columns
        .filter((one) => !one.generated)
        .map((one) => `${literal(new Map(values).get(one.name) ?? null, one)} as ${quoted(one.name)}`);
      const checks = table.checks
        .filter((one) => one.columns.includes(source))
        .map(({ expression }) => ` and (${expression})`);
      const sql = `select true from (select ${list.join(', ')}) as ${quoted(table.name)} where (${column.default})::text = ${literal(key, { type: 'text' })}${checks.join('')}`;
      if (!(await holds(all, sql))) continue;
      row.set(source, value);
      return;
    }
  }
}

const isKey = (key: TenantKey | undefined, column: string): boolean => {
  if (!key || key.kind === 'through') return false;
  return key.kind === 'path' ? key.columns.includes(column) : key.column === column;
};

/** A column that policies compare with the connected role holds that role's name. */
function roleValue(parts: Parts, { table, tenant }: Origin, column: RlsColumn): Value {
  const role = parts.roleOf(tenant);
  if (role === null) return null;
  const compared = parts.carriers.comparisons.some(
    (one) =>
      one.role && one.column === column.name && (one.table === table.oid || !parts.keys.names.includes(one.column)),
  );
  return compared && /^(text|name|varchar|citext|bpchar)$/.test(column.base) ? role : null;
}

async function refer(parts: Parts, origin: Origin, row: Row, reference: ForeignKey): Promise<string | null> {
  const { table, tenant, variant } = origin;
  const target = parts.catalogue.tables.find(({ oid }) => oid === reference.to);
  if (!target) return null;
  const key = parts.keys.of.get(table.oid);
  const nullable = reference.columns.filter(
    (column) => !table.columns.find((one) => one.name === column)?.notNull && !isKey(key, column),
  );
  const leaveEmpty = (): null => {
    for (const column of nullable) row.set(column, null);
    return null;
  };
  if (nullable.length > 0 && variant.sparse) return leaveEmpty();
  if (target.oid === table.oid && !(await isSister(parts, origin)))
    return ownParent(row, reference, nullable, leaveEmpty);
  const whose = target.oid === table.oid ? 'sh' : tenant;
  const further = isFurtherMember(parts, origin, target) ? origin.number : undefined;
  const values = await parentValues(parts, target, whose, reference, further);
  if (!values) {
    if (nullable.length > 0) return leaveEmpty();
    return `it refers to ${target.label}, of which no row could be made`;
  }
  for (const [at, column] of reference.columns.entries())
    if ((key?.kind !== 'root' || key.column !== column) && row.has(column)) row.set(column, values[at] ?? null);
  return null;
}

/** Tenants that stand in a tree stand beside each other in it: what is below the same parent is not one's own either. */
async function isSister(parts: Parts, { table, tenant, number }: Origin): Promise<boolean> {
  const isTenant = parts.keys.of.get(table.oid)?.kind === 'root' && number === 1 && /^[ab]$/.test(tenant);
  return isTenant && (await parts.base(table, 'sh')) !== null;
}

/** Members of other kinds are other people: an administrator beside a guest. */
function isFurtherMember({ keys }: Parts, { table, number }: Origin, target: RlsTable): boolean {
  const key = keys.of.get(target.oid);
  return key?.kind === 'through' && key.by === table.oid && number > 1 && number < mostMembers;
}

const mostMembers = 100;

/** A row may be its own parent where it must have one. */
function ownParent(row: Row, reference: ForeignKey, nullable: readonly string[], leaveEmpty: () => null): null {
  if (nullable.length > 0) leaveEmpty();
  else for (const [at, name] of reference.columns.entries()) row.set(name, row.get(reference.refColumns[at]!) ?? null);
  return null;
}

async function parentValues(
  parts: Parts,
  target: RlsTable,
  tenant: string,
  reference: ForeignKey,
  number?: number,
): Promise<readonly Value[] | null> {
  const isTenants = parts.keys.of.has(target.oid);
  if (!isTenants) {
    const columns = reference.refColumns.map((name, at) => `${quoted(name)}::text as c${at}`).join(', ');
    const [existing] = await parts.ask(`select ${columns} from ${target.sql} limit 1`);
    if (existing) return reference.refColumns.map((_, at) => String(existing[`c${at}`]));
  }
  const parent =
    (number !== undefined && (await parts.another(target, tenant, number))) ||
    (await parts.base(target, isTenants ? tenant : 'sh'));
  return parent && reference.refColumns.map((name) => parent.values.get(name) ?? null);
}

/** A row whose tenant is told by another row, without a reference that the database knows. */
async function hangOn(
  parts: Parts,
  { table, tenant }: Origin,
  row: Row,
  references: readonly ForeignKey[],
): Promise<string | null> {
  const key = parts.keys.of.get(table.oid);
  if (key?.kind !== 'path' || references.some((one) => one.columns.join() === key.columns.join())) return null;
  const parent = await parts.base(parts.catalogue.tables.find(({ oid }) => oid === key.to)!, tenant);
  if (!parent) return 'no row of the table it hangs on could be made';
  for (const [at, column] of key.columns.entries()) row.set(column, parent.values.get(key.refColumns[at]!) ?? null);
  return null;
}

export const policyTexts = (table: RlsTable, { policies, tables }: RlsCatalogue): string[] => {
  const parent = tables.find(({ oid }) => oid === table.partitionOf);
  return [
    ...policies.filter((policy) => policy.table === table.oid).map(({ text }) => text),
    ...(table.bound && parent?.partitionKey ? [`${parent.partitionKey} ${table.bound}`] : []),
  ];
};

/** What must not be changed to please a constraint: whose the row is, and what it refers to. */
export const fixedOf = (
  { keys, catalogue }: Pick<Parts, 'keys' | 'catalogue'>,
  table: RlsTable,
  change: ReadonlyMap<string, Value>,
): Set<string> =>
  new Set([
    ...ownerColumns(keys, table),
    ...catalogue.foreignKeys.filter((one) => one.from === table.oid && one.notNull).flatMap((one) => one.columns),
    ...change.keys(),
  ]);
