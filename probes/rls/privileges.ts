import type { Ask } from '../postgres.ts';
import { list } from './catalogue.ts';

export interface Privileges {
  readonly select: boolean;
  readonly insert: boolean;
  readonly update: boolean;
  readonly delete: boolean;
  readonly truncate: boolean;
  readonly references: boolean;
  readonly trigger: boolean;
  readonly selectable: readonly string[];
  readonly insertable: readonly string[];
  readonly updatable: readonly string[];
  /** `row_security_active` as the role itself sees it. */
  readonly active: boolean;
}

export const mayAnything = (one: Privileges): boolean =>
  one.selectable.length + one.insertable.length + one.updatable.length > 0 || one.delete || one.truncate;

/** What the role may do with each table, asked as the role, so that schemas and memberships count as they would. */
export async function readPrivileges(ask: Ask, role: string): Promise<Map<string, Privileges>> {
  const rows = await ask(sql, [role]);
  return new Map(
    rows.map((row) => [
      String(row.oid),
      {
        select: row.s === true,
        insert: row.i === true,
        update: row.u === true,
        delete: row.d === true,
        truncate: row.t === true,
        references: row.r === true,
        trigger: row.g === true,
        selectable: list(row.sc),
        insertable: list(row.ic),
        updatable: list(row.uc),
        active: row.active === true,
      },
    ]),
  );
}

const may = (privilege: string) => `(u.ok and has_table_privilege($1::name, c.oid, '${privilege}'))`;
const columns = (privilege: string) =>
  `array(select a.attname::text from pg_attribute a where u.ok and a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and has_column_privilege($1::name, c.oid, a.attnum, '${privilege}'))`;

const sql = `
select c.oid::text as oid, ${may('select')} as s, ${may('insert')} as i, ${may('update')} as u, ${may('delete')} as d, ${may('truncate')} as t,
  ${may('references')} as r, ${may('trigger')} as g, ${columns('select')} as sc, ${columns('insert')} as ic, ${columns('update')} as uc,
  c.relrowsecurity and not (r.rolsuper or r.rolbypassrls) and (c.relforcerowsecurity or not pg_has_role($1::name, c.relowner, 'usage')) as active
from pg_class c cross join lateral (select has_schema_privilege($1::name, c.relnamespace, 'usage') as ok) u join pg_roles r on r.rolname = $1::name
where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relnamespace::regnamespace::text !~ '^pg_'`;
