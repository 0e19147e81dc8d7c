import type { Database, Row } from './postgres.ts';

/** What the catalogue of a database says about its tables, read as the role that is connected. */
export interface Catalogue {
  readonly tables: readonly Table[];
  readonly references: readonly Reference[];
}

export interface Table {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly forced: boolean;
  /** `row_security_active` for the connected role. */
  readonly active: boolean;
  readonly partition: boolean;
  /** The connected role may read or change it in some way. */
  readonly reachable: boolean;
  readonly owned: boolean;
  readonly columns: readonly Column[];
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly key: boolean;
}

/** A foreign key. */
export interface Reference {
  readonly from: string;
  readonly to: string;
  readonly columns: readonly string[];
  readonly notNull: boolean;
}

export const labelOf = (table: Pick<Table, 'schema' | 'name'>): string => `${table.schema}.${table.name}`;

/** A name as SQL wants it, however odd. */
export const quoted = (...parts: readonly string[]): string =>
  parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.');

export async function readCatalogue(database: Database): Promise<Catalogue> {
  return database.undone(async (ask) => {
    const tables = await ask(tablesSql);
    const columns = Map.groupBy(await ask(columnsSql), (row) => String(row.oid));
    const references = await ask(referencesSql);
    return {
      tables: tables.map((row) => toTable(row, columns.get(String(row.oid)) ?? [])),
      references: references.map(toReference),
    };
  }, 'read only');
}

/** Base tables of everybody but the system and the extensions. */
const ownTables = `c.relkind in ('r', 'p') and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`;

const tablesSql = `
select c.oid::text as oid, n.nspname as schema, c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
  row_security_active(c.oid) as active, c.relispartition as partition, pg_has_role(c.relowner, 'usage') as owned,
  has_schema_privilege(n.oid, 'usage') and (has_table_privilege(c.oid, 'select, insert, update, delete')
    or has_any_column_privilege(c.oid, 'select, insert, update')) as reachable
from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ownTables} order by n.nspname, c.relname`;

const columnsSql = `
select a.attrelid::text as oid, a.attname as name, format_type(a.atttypid, null) as type, a.attnotnull as "notNull",
  exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and i.indnatts = 1 and i.indkey[0] = a.attnum) as key
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where a.attnum > 0 and not a.attisdropped and ${ownTables} order by a.attrelid, a.attnum`;

const referencesSql = `
select f.conrelid::text as "from", f.confrelid::text as "to", array_agg(a.attname::text) as columns, bool_and(a.attnotnull) as "notNull"
from pg_constraint f join pg_attribute a on a.attrelid = f.conrelid and a.attnum = any (f.conkey)
where f.contype = 'f' group by f.oid, f.conrelid, f.confrelid`;

const toTable = (row: Row, columns: readonly Row[]): Table => ({
  oid: String(row.oid),
  schema: String(row.schema),
  name: String(row.name),
  enabled: row.enabled === true,
  forced: row.forced === true,
  active: row.active === true,
  partition: row.partition === true,
  reachable: row.reachable === true,
  owned: row.owned === true,
  columns: columns.map((column) => ({
    name: String(column.name),
    type: String(column.type),
    notNull: column.notNull === true,
    key: column.key === true,
  })),
});

const toReference = (row: Row): Reference => ({
  from: String(row.from),
  to: String(row.to),
  columns: Array.isArray(row.columns) ? row.columns.map(String) : [],
  notNull: row.notNull === true,
});
