import { labelOf, quoted, type Table } from './catalogue.ts';
import { type Database, DatabaseFailure, type Row } from './postgres.ts';

/** A table in which a migration runner keeps what it has done. */
export type Ledger =
  | { readonly kind: 'read'; readonly label: string; readonly applied: number; readonly failed: readonly string[] }
  | { readonly kind: 'hidden'; readonly label: string };

const names =
  /^(_*(schema|drizzle|prisma|knex|sequelize|typeorm|pg)?_*migrations?|sequelizemeta|flyway_schema_history|databasechangelog|schema_version|goose_db_version|alembic_version|migration_history)$/i;

export async function readLedgers(database: Database, tables: readonly Table[]): Promise<readonly Ledger[]> {
  const ledgers: Ledger[] = [];
  for (const table of tables.filter((one) => names.test(one.name))) ledgers.push(await readLedger(database, table));
  return ledgers;
}

async function readLedger(database: Database, table: Table): Promise<Ledger> {
  const label = labelOf(table);
  try {
    const rows = await database.rows(
      `select to_jsonb(l) as entry from ${quoted(table.schema, table.name)} l limit 10000`,
    );
    return { kind: 'read', label, ...summaryOf(rows.map((row) => row.entry as Row)) };
  } catch (error) {
    if (error instanceof DatabaseFailure && error.code === '42501') return { kind: 'hidden', label };
    throw error;
  }
}

/** Each runner has its own columns; what they have in common is a name or number, and some way to say that it went wrong. */
export function summaryOf(entries: readonly Row[]): { readonly applied: number; readonly failed: readonly string[] } {
  const failed = entries.filter(isUnfinished);
  // golang-migrate keeps one row: the number it has come to.
  const only = entries.length === 1 && 'dirty' in entries[0]! ? Number(entries[0]!.version) : Number.NaN;
  const done = new Set(entries.filter((entry) => !isUnfinished(entry)).map(nameOf));
  const reached = Number.isSafeInteger(only) && only < 10_000 && failed.length === 0 ? only : 0;
  return { applied: Math.max(done.size, reached), failed: failed.map(nameOf) };
}

function isUnfinished(entry: Row): boolean {
  if (entry.dirty === true || entry.success === false || entry.applied === false || entry.is_applied === false)
    return true;
  if ('finished_at' in entry && entry.finished_at === null && !entry.rolled_back_at) return true;
  return typeof entry.status === 'string' && /fail|error|dirty|pending|running|started/i.test(entry.status);
}

function nameOf(entry: Row): string {
  const key = ['version', 'version_id', 'migration_name', 'name', 'filename', 'hash', 'id', 'script'].find(
    (one) => entry[one] != null,
  );
  return key ? String(entry[key]) : JSON.stringify(entry);
}
