import { type Catalogue, type Column, labelOf, type Reference, type Table } from './catalogue.ts';

/** A table whose rows belong to tenants, and how one knows. */
export interface TenantTable extends Table {
  /** `the tenants themselves`, `column tenant_id` or `session_id → public.sessions`. */
  readonly because: string;
  readonly root: boolean;
  /** Its own tenant column; null when it is reached through another table. */
  readonly column: string | null;
}

export interface Tenancy {
  readonly tenant: readonly TenantTable[];
  /** Tables without tenant data, as far as the catalogue tells. */
  readonly exempt: readonly Table[];
}

/**
 * Which tables hold tenant data, from the catalogue alone: the tenants, every table with a tenant column, and every table
 * that refers to one of those, however long the path.
 */
export function tenancyOf({ tables, references }: Catalogue): Tenancy {
  const family = families.find((one) => tables.some((table) => isRoot(table, one) || ownColumn(table, one)));
  const found = new Map<string, TenantTable>();
  for (const table of family ? tables : []) {
    const direct = family && directly(table, family);
    if (direct) found.set(table.oid, direct);
  }
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const table of tables) {
      const path = found.has(table.oid) ? null : pathFrom(table, references, found);
      if (path) found.set(table.oid, { ...table, because: path, root: false, column: null });
    }
  }
  const counted = (table: Table) => found.has(table.oid) && !isHiddenPart(table);
  return {
    tenant: tables.filter(counted).map((table) => found.get(table.oid)!),
    exempt: tables.filter((table) => !counted(table)),
  };
}

/** What a tenant is called; the first family that any table speaks of is the platform's. */
const families: readonly Family[] = [
  { roots: /^tenants?$/i, columns: /^tenant(_?(id|uuid|key))?$/i },
  { roots: /^(organi[sz]ations?|orgs?)$/i, columns: /^(organi[sz]ation|org)_?(id|uuid)$/i },
  { roots: /^workspaces?$/i, columns: /^workspace_?(id|uuid)$/i },
];

interface Family {
  readonly roots: RegExp;
  readonly columns: RegExp;
}

const isRoot = (table: Table, family: Family): boolean => family.roots.test(table.name);

const ownColumn = (table: Table, family: Family): Column | undefined =>
  table.columns.find((column) => family.columns.test(column.name));

function directly(table: Table, family: Family): TenantTable | null {
  if (isRoot(table, family)) return { ...table, because: 'the tenants themselves', root: true, column: null };
  const column = ownColumn(table, family);
  return column ? { ...table, because: `column ${column.name}`, root: false, column: column.name } : null;
}

/** The partitions of a table are guarded by their parent, unless somebody may go to them directly. */
const isHiddenPart = (table: Table): boolean => table.partition && !table.reachable;

function pathFrom(
  table: Table,
  references: readonly Reference[],
  found: ReadonlyMap<string, TenantTable>,
): string | null {
  const key = references.find((one) => one.from === table.oid && found.has(one.to) && !onlyNamesAPerson(one));
  if (key) return `${key.columns.join(', ')} → ${labelOf(found.get(key.to)!)}`;
  const keyed = new Set(references.filter((one) => one.from === table.oid).flatMap((one) => one.columns));
  for (const column of table.columns) {
    const parent = column.notNull && !keyed.has(column.name) ? namedAfter(column, found) : undefined;
    if (parent) return `${column.name} → ${labelOf(parent)}, by its name`;
  }
  return null;
}

/** `template_versions.created_by` says who wrote a catalogue row, not whose row it is. */
const onlyNamesAPerson = (reference: Reference): boolean =>
  !reference.notNull && reference.columns.every((name) => /(_by|By)$|^author/.test(name));

/** `user_id uuid not null` without a foreign key still belongs to `users`, when the types agree. */
function namedAfter(column: Column, found: ReadonlyMap<string, TenantTable>): TenantTable | undefined {
  const singular = /^(.+?)_?id$/i.exec(column.name)?.[1]?.toLowerCase();
  if (!singular) return undefined;
  return [...found.values()].find(
    (table) =>
      [`${singular}s`, singular, singular.replace(/y$/, 'ies')].includes(table.name.toLowerCase()) &&
      table.columns.some((one) => one.key && one.type === column.type),
  );
}
