import { quoted } from '../catalogue.ts';
import type { Ground } from './ground.ts';
import type { SeedRow } from './seed.ts';
import type { Outcome, Scene } from './stage.ts';
import type { Finding, RlsColumn, RlsTable } from './types.ts';
import { literal } from './values.ts';

export type Answer = Extract<Outcome, { ok: true }>;

export interface Probe {
  readonly rule: string;
  readonly command: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';
  readonly variant: string;
  readonly scene: Scene;
  readonly statement: string;
  readonly look?: string;
  /** In the context of a tenant of its own, where an error is no answer. */
  readonly own: boolean;
  /** Without a WHERE: touches every row that the policies let through. */
  readonly unbounded?: boolean;
  /** What leaked, or null. */
  readonly leaked: (answer: Answer) => string | null;
  /** The role reached what is its own: what it did not reach was kept from it. */
  readonly proves?: (answer: Answer) => boolean;
  /** Not a cell by itself. */
  readonly control?: boolean;
  /** Only a row of another tenant could have offended the constraint. */
  readonly constraintLeaks?: boolean;
  /** A change that the policies can have no reason to refuse on an own row. */
  readonly harmless?: boolean;
  /** A constraint is as good as a policy here. */
  readonly constraintHolds?: boolean;
  /** What cannot be prepared or carried out cannot happen. */
  readonly mayFail?: boolean;
  readonly severity?: Finding['severity'];
  /** Where the finding belongs, when that is not the table it was tried on. */
  readonly where?: string;
}

/** `tableoid:ctid`, as seeded rows name their place. */
export const at = `tableoid::text || ':' || ctid::text as at`;

/** The number that the look after a statement counted. */
export const count = ({ after }: Answer): number => Number(after[0]?.n);

/** A condition that one row alone meets. */
export function keyed(table: RlsTable, row: SeedRow): string | null {
  const key =
    table.uniques.find((one) => one.primary) ?? table.uniques.find((one) => !one.expressions && one.columns.length > 0);
  const columns =
    key?.columns ??
    table.columns
      .filter(({ name, generated }) => !generated && row.values.get(name) != null)
      .slice(0, 4)
      .map(({ name }) => name);
  const parts = columns.map(
    (name) => [table.columns.find((one) => one.name === name)!, row.values.get(name) ?? null] as const,
  );
  if (parts.length === 0 || parts.some(([column, value]) => value === null || /^(json|xml|point)$/.test(column.base)))
    return null;
  return parts.map(([column, value]) => `${quoted(column.name)} = ${literal(value, column)}`).join(' and ');
}

/** A change that offends no constraint and reads nothing: reading a column would bring the SELECT policies in. */
export function harmless({ table, privileges, foreign, spoken }: Ground): string | null {
  const delicate = new Set([
    ...table.uniques.flatMap(({ columns }) => columns),
    ...table.checks.filter(({ columns }) => columns.length > 1).flatMap(({ columns }) => columns),
  ]);
  const usable = table.columns.filter(
    (column) => privileges.updatable.includes(column.name) && !column.generated && !column.identity,
  );
  const rank = (column: RlsColumn): number =>
    (delicate.has(column.name) ? 100 : 0) +
    (/id$/i.test(column.name) ? 20 : 0) +
    (spoken.has(column.name) ? 50 : 0) +
    (/^(text|varchar|json)/.test(column.base) ? 0 : 5);
  // A policy that looks at the column could have a reason of its own to refuse the change.
  const [column] = [...usable].sort((a, b) => rank(a) - rank(b));
  if (!column) return null;
  // Where every column is delicate, one value for all rows would offend a constraint; each row then keeps its own.
  if (delicate.has(column.name) && privileges.selectable.includes(column.name))
    return `${quoted(column.name)} = ${quoted(table.name)}.${quoted(column.name)}`;
  return `${quoted(column.name)} = ${literal(foreign[0]!.values.get(column.name) ?? null, column)}`;
}

/** `column = value` for each of these columns, as that row has them. */
export const assignments = (table: RlsTable, row: SeedRow, names: readonly string[]): string =>
  names
    .map(
      (name) =>
        `${quoted(name)} = ${literal(row.values.get(name) ?? null, table.columns.find((one) => one.name === name)!)}`,
    )
    .join(', ');

/** The row as it was asked for: a trigger may have made it the role's own. */
export function same(table: RlsTable, row: SeedRow): string {
  const columns = table.columns.filter(
    ({ name, base }) =>
      row.values.has(name) &&
      !/^(json|jsonb|xml|point|tsvector|vector|halfvec|bytea|float4|float8|numeric|timestamptz?|_.*)$/.test(base),
  );
  return (
    columns
      .map((column) =>
        row.values.get(column.name) === null
          ? `${quoted(column.name)} is null`
          : `${quoted(column.name)} = ${literal(row.values.get(column.name)!, column)}`,
      )
      .join(' and ') || 'false'
  );
}
