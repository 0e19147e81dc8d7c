import { quoted } from '../catalogue.ts';
import type { Keys } from './keys.ts';
import { text } from './stage.ts';
import type { RlsCatalogue, RlsTable } from './types.ts';
import type { Value } from './values.ts';

/** What names a tenant: its key, and the further columns that go with it. */
export interface Identity {
  readonly key: Value;
  readonly parts: ReadonlyMap<string, Value>;
}

export interface Ownership {
  readonly catalogue: RlsCatalogue;
  readonly keys: Keys;
}

/** Which rows of a table are this tenant's, as SQL; from first principles, never from policies. */
export function belongsTo(table: RlsTable, identity: Identity, around: Ownership, depth = 0): string {
  const { keys, catalogue } = around;
  const key = keys.of.get(table.oid);
  if (!key || depth > 12 || identity.key === null) return 'false';
  const of = (oid: string) => catalogue.tables.find((one) => one.oid === oid)!;
  if (key.kind === 'column' || key.kind === 'root') return named(table, key.column, identity);
  const [from, own, theirs] =
    key.kind === 'path' ? [of(key.to), key.columns, key.refColumns] : [of(key.by), key.refColumns, key.columns];
  return `(${texts(own)}) in (select ${texts(theirs)} from ${from.sql} where ${belongsTo(from, identity, around, depth + 1)})`;
}

const texts = (names: readonly string[]): string => names.map((name) => `${quoted(name)}::text`).join(', ');

function named(table: RlsTable, column: string, { key, parts }: Identity): string {
  const pairs = [[column, key] as const, ...parts].filter(([name]) => table.columns.some((one) => one.name === name));
  return pairs.map(([name, value]) => `${quoted(name)}::text = ${text(value ?? '')}`).join(' and ');
}
