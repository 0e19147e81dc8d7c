import { type Keys, ownerColumns } from './keys.ts';
import { aliasesIn, pairsIn } from './pairs.ts';
import type { ForeignKey, RlsCatalogue, RlsTable } from './types.ts';

/**
 * References that the database does not enforce and policies speak of: `person.id = visits.person_id` in a policy of visits says that a
 * visit hangs on a person. What a policy says is read to learn which rows are worth having, never whether they should be let through.
 */
export function softReferences(
  { tables, policies, foreignKeys }: RlsCatalogue,
  keys: Pick<Keys, 'of' | 'parts'>,
  table: RlsTable,
): ForeignKey[] {
  const taken = new Set([
    ...foreignKeys.filter((one) => one.from === table.oid).flatMap(({ columns }) => columns),
    ...ownerColumns(keys, table),
  ]);
  const found = policies
    .filter((policy) => policy.table === table.oid)
    .flatMap(({ text, tables: asked }) => {
      const aliases = aliasesIn(text);
      return pairsIn(text, table.name).flatMap(({ alias, theirs, own }): ForeignKey[] => {
        const parent = tables.find(
          (one) => one.oid !== table.oid && asked.includes(one.oid) && one.name === (aliases.get(alias) ?? alias),
        );
        const column = table.columns.find(({ name }) => name === own);
        if (!parent || !column || column.generated || taken.has(own) || !keys.of.has(parent.oid)) return [];
        if (!parent.uniques.some((unique) => unique.columns.join() === theirs)) return [];
        const { notNull } = column;
        return [
          { name: '', from: table.oid, to: parent.oid, columns: [own], refColumns: [theirs], notNull, onDelete: 'a' },
        ];
      });
    });
  return [...new Map(found.map((one) => [`${one.columns.join()} ${one.to}`, one])).values()];
}

/** A table that is keyed by its parent and has the tenant's column as well: the two may not say different things. */
export function tenantBeside(keys: Keys, table: RlsTable): ForeignKey[] {
  const key = keys.of.get(table.oid);
  const column = table.columns.find(({ name, generated }) => name === keys.names[0] && !generated);
  if (key?.kind !== 'path' || !column || key.columns.includes(column.name) || keys.root === null) return [];
  const { name, notNull } = column;
  return [
    {
      name: '',
      from: table.oid,
      to: keys.root,
      columns: [name],
      refColumns: [keys.rootKey!],
      notNull,
      onDelete: 'a',
    },
  ];
}
