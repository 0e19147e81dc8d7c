import type { Carriers } from './carriers.ts';
import { plural } from './key-names.ts';
import { pairsIn } from './pairs.ts';
import type { ForeignKey, RlsCatalogue, RlsColumn, RlsTable, TenantKey } from './types.ts';

export interface KeyAnswers {
  readonly setting?: string;
  /** `schema.table` → column; the column '-' says: shared by design. */
  readonly columns: ReadonlyMap<string, string>;
}

export function answered(table: RlsTable, { columns }: KeyAnswers): TenantKey | 'shared' | null {
  const column = columns.get(table.label) ?? columns.get(table.name);
  if (column === undefined) return null;
  return column === '-' ? 'shared' : { kind: 'column', column };
}

/** Tables without a column of their own, and those whose column may be empty while a reference may not. */
export function follow(
  { tables, foreignKeys }: RlsCatalogue,
  of: Map<string, TenantKey>,
  questions: ReadonlyMap<string, string>,
  answers: KeyAnswers,
): void {
  const open = (table: RlsTable) =>
    !of.has(table.oid) && !questions.has(table.oid) && answered(table, answers) !== 'shared';
  for (const strength of ['never empty', 'may be empty', 'by name'] as const)
    for (let before = -1; before !== of.size; ) {
      before = of.size;
      const found = tables.filter(open).flatMap((table) => {
        const path = pathFrom(table, strength, { tables, foreignKeys, of });
        return path ? [[table.oid, path] as const] : [];
      });
      for (const [oid, path] of found) of.set(oid, path);
      if (strength !== 'never empty' && found.length > 0)
        for (let grown = -1; grown !== of.size; ) grown = settle(tables.filter(open), foreignKeys, of, tables);
    }
  for (const table of tables) {
    const key = of.get(table.oid);
    const column = key?.kind === 'column' ? table.columns.find(({ name }) => name === key.column) : undefined;
    if (!column || column.notNull || answers.columns.has(table.label)) continue;
    const path = pathFrom(table, 'never empty', {
      tables,
      foreignKeys: foreignKeys.filter((one) => !one.columns.includes(column.name)),
      of,
    });
    if (path && path.kind === 'path' && of.get(path.to)?.kind !== 'root') of.set(table.oid, path);
  }
}

/** Whatever hangs on a table found by a weaker path hangs on it as firmly as its own references say. */
function settle(
  open: readonly RlsTable[],
  foreignKeys: readonly ForeignKey[],
  of: Map<string, TenantKey>,
  tables: readonly RlsTable[],
): number {
  for (const table of open) {
    const path = of.has(table.oid) ? null : pathFrom(table, 'never empty', { tables, foreignKeys, of });
    if (path) of.set(table.oid, path);
  }
  return of.size;
}

interface Around {
  readonly tables: readonly RlsTable[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly of: ReadonlyMap<string, TenantKey>;
}

function pathFrom(
  table: RlsTable,
  strength: 'never empty' | 'may be empty' | 'by name',
  { tables, foreignKeys, of }: Around,
): TenantKey | null {
  if (strength === 'by name') return byName(table, tables, of);
  const key = foreignKeys.find(
    (one) =>
      one.from === table.oid &&
      one.to !== table.oid &&
      of.has(one.to) &&
      (strength === 'may be empty' || one.notNull) &&
      (one.notNull || !one.columns.every(namesAPerson)),
  );
  return key ? { kind: 'path', columns: key.columns, to: key.to, refColumns: key.refColumns } : null;
}

/** `updated_by` says who wrote a shared row, not whose row it is. */
export const namesAPerson = (column: string): boolean => /(_by|By)$|^author|^reviewer|^approver/.test(column);

function byName(table: RlsTable, tables: readonly RlsTable[], of: ReadonlyMap<string, TenantKey>): TenantKey | null {
  for (const column of table.columns.filter((one) => one.notNull)) {
    const parent = tables.find((one) => of.has(one.oid) && one.oid !== table.oid && isNamedAfter(column, one));
    const key = parent?.uniques.find((one) => one.primary)?.columns[0];
    if (parent && key) return { kind: 'path', columns: [column.name], to: parent.oid, refColumns: [key] };
  }
  return null;
}

function isNamedAfter(column: RlsColumn, table: RlsTable): boolean {
  const stem = /^(.+?)_?(id|uuid|no|nr)$/i.exec(column.name)?.[1]?.toLowerCase();
  const key = table.uniques.find((one) => one.primary && one.columns.length === 1)?.columns[0];
  const type = table.columns.find(({ name }) => name === key)?.base;
  return stem !== undefined && plural(stem).includes(table.name.toLowerCase()) && type === column.base;
}

/** Nothing says yet whose its rows are, nobody is to be asked about it, and nobody said that they are everybody's. */
const isOpen = (
  table: RlsTable,
  of: ReadonlyMap<string, TenantKey>,
  questions: ReadonlyMap<string, string>,
  answers: KeyAnswers,
): boolean => !of.has(table.oid) && !questions.has(table.oid) && answered(table, answers) !== 'shared';

/** `users.email = tokens.identifier` in a policy of tokens: its rows belong to whoever has that unique address. */
export function joined(
  { tables, policies }: RlsCatalogue,
  of: Map<string, TenantKey>,
  questions: ReadonlyMap<string, string>,
  answers: KeyAnswers,
): void {
  for (const table of tables.filter((one) => isOpen(one, of, questions, answers))) {
    const mine = policies.filter((policy) => policy.table === table.oid);
    const parents = tables.filter((one) => of.has(one.oid) && mine.some((policy) => policy.tables.includes(one.oid)));
    for (const { theirs, own } of mine.flatMap(({ text }) => pairsIn(text, table.name))) {
      const parent = parents.find((one) => one.uniques.some((unique) => unique.columns.join() === theirs));
      if (parent && table.columns.some(({ name }) => name === own) && !of.has(table.oid))
        of.set(table.oid, { kind: 'path', columns: [own], to: parent.oid, refColumns: [theirs] });
    }
  }
}

/**
 * People of several tenants: a policy looks for a row of the tenant's that refers to them, or the session names one of them and their
 * tenants are looked up by that.
 */
export function shared(
  { tables, policies, foreignKeys }: RlsCatalogue,
  { lookups, comparisons }: Carriers,
  of: Map<string, TenantKey>,
  questions: ReadonlyMap<string, string>,
  answers: KeyAnswers,
): void {
  for (const table of tables.filter((one) => isOpen(one, of, questions, answers))) {
    const asked = new Set(policies.filter((one) => one.table === table.oid).flatMap((one) => one.tables));
    const named = (one: ForeignKey) =>
      [...lookups, ...comparisons].some(
        ({ table: from, column, settings }) =>
          settings.length > 0 && from === one.from && column === one.columns.join(),
      );
    const links = foreignKeys.filter((one) => one.to === table.oid && of.get(one.from)?.kind === 'column');
    const link = links.find((one) => asked.has(one.from)) ?? links.find(named);
    if (link) of.set(table.oid, { kind: 'through', by: link.from, columns: link.columns, refColumns: link.refColumns });
  }
}
