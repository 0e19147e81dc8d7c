import { quoted } from '../catalogue.ts';
import { type Ask, DatabaseFailure } from '../postgres.ts';
import { ownerColumns } from './keys.ts';
import { build, fixedOf, policyTexts } from './rows.ts';
import type { Parts, SeedRow, World } from './seed.ts';
import { listedValues, solveCheck } from './solve.ts';
import type { RlsColumn, RlsTable } from './types.ts';
import { candidates, literal, type Origin, type Value, variants } from './values.ts';

export const alone = 'a unique key lets no second row in';
export const impossible = 'no such row is allowed by the constraints';
const attempts = 9;

/** Builds a row, asks the constraints, and puts it in; a text says why that could not be done. */
export async function make(
  parts: Parts,
  given: Omit<Origin, 'run'>,
  change: ReadonlyMap<string, Value> = new Map(),
): Promise<SeedRow | string> {
  let origin: Origin = { ...given, run: parts.run };
  let row = await build(parts, origin, change);
  let replica = false;
  let last = '';
  for (let attempt = 0; attempt < attempts && typeof row !== 'string'; attempt += 1) {
    const made = await insert(parts, origin, row, replica);
    if (!(made instanceof DatabaseFailure)) return made;
    last = made.message;
    const next = await remedy(parts, { origin, row, change, attempt, replica }, made);
    if (typeof next === 'string') return next;
    if (next.again) {
      origin = { ...origin, number: origin.number + 1_000 };
      row = await build(parts, origin, change);
    }
    replica = next.replica;
  }
  return typeof row === 'string' ? row : last;
}

interface Try {
  readonly origin: Origin;
  readonly row: Map<string, Value>;
  readonly change: ReadonlyMap<string, Value>;
  readonly attempt: number;
  readonly replica: boolean;
}

interface Next {
  /** Another row altogether. */
  readonly again: boolean;
  readonly replica: boolean;
}

/** What to do about a row that was refused; a text when nothing can be done. */
async function remedy(parts: Parts, tried: Try, { code, message }: DatabaseFailure): Promise<Next | string> {
  const { origin, row, change, attempt, replica } = tried;
  const { table } = origin;
  const same = { again: false, replica };
  if (code === '23514' && /partition/.test(message) && !table.partitionOf)
    return (await addPartition(parts, table)) ? same : message;
  if (code === '23514') {
    const check = /"([^"]+)"[^"]*$/.exec(message)?.[1] ?? '';
    const options = (column: RlsColumn) => choices(column, origin, parts);
    if (await solveCheck(parts.all, table, check, row, options, fixedOf(parts, table, change))) return same;
    if (!table.bound) return origin.variant === variants[0] ? message : impossible;
  }
  if (code === '23505' && otherLabel(parts, tried, message)) return same;
  if (code === '23505' || code === '23P01' || code === '23514') return attempt > 5 ? alone : { again: true, replica };
  return !replica && parts.catalogue.superuser ? { again: false, replica: true } : message;
}

/** Of flags and listed values there may be one a time: `unique (is_default) where is_default`. */
function otherLabel({ keys }: Parts, { origin, row, change, attempt }: Try, message: string): boolean {
  const { table } = origin;
  const unique = table.uniques.find(({ name }) => message.includes(`"${name}"`));
  const column = table.columns.find(
    ({ name, base, labels }) =>
      unique?.columns.includes(name) &&
      (base === 'bool' || labels.length > 0) &&
      row.get(name) != null &&
      !change.has(name) &&
      !ownerColumns(keys, table).includes(name),
  );
  if (!column || attempt > 3) return false;
  const options = column.base === 'bool' ? ['true', 'false'] : column.labels;
  row.set(column.name, options[(options.indexOf(row.get(column.name)!) + 1) % options.length]!);
  return true;
}

const choices = (column: RlsColumn, origin: Origin, { catalogue }: World): Value[] => [
  ...(column.notNull ? [] : [null]),
  ...candidates(column, origin, listedValues(origin.table, column, policyTexts(origin.table, catalogue))),
];

async function insert(
  parts: Parts,
  { table, tenant, variant }: Origin,
  row: ReadonlyMap<string, Value>,
  replica: boolean,
): Promise<SeedRow | DatabaseFailure> {
  const sql = insertSql(table, row);
  const whole = `set local session_replication_role = replica; ${sql}; set local session_replication_role = origin`;
  try {
    const at = await stored(parts, { table, tenant }, row, replica ? whole : sql);
    return { table, tenant, variant: variant.name, values: new Map(row), at, sql: replica ? whole : sql };
  } catch (error) {
    if (!(error instanceof DatabaseFailure) || error.code === null) throw error;
    await parts.ask('rollback to savepoint sd_insert; release savepoint sd_insert');
    return error;
  }
}

/** Puts it in and sees that it still is whose it was meant to be. */
async function stored(
  parts: Parts,
  { table, tenant }: Pick<Origin, 'table' | 'tenant'>,
  row: ReadonlyMap<string, Value>,
  sql: string,
): Promise<string> {
  const key = parts.keys.of.get(table.oid);
  const column = key?.kind === 'column' ? key.column : null;
  const wanted = column === null ? null : row.has(column) ? row.get(column) : await parts.keyOf(tenant);
  const shown = column === null ? 'null::text' : `${quoted(column)}::text`;
  const returning = ` returning tableoid::text || ':' || ctid::text as at, ${shown} as key`;
  const insertion = insertSql(table, row);
  const results = await parts.all(`savepoint sd_insert; ${sql.replace(insertion, () => `${insertion}${returning}`)}`);
  const made = results.flat().find((one) => 'at' in one);
  if (!made || String(made.key ?? null) !== String(wanted ?? null))
    throw new DatabaseFailure('a trigger or rule changed whose row it is', 'SD001');
  await parts.ask('release savepoint sd_insert');
  return String(made.at);
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
