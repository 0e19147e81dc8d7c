import { createHash } from 'node:crypto';
import type { ReferenceHandle } from '../handle.ts';

/** What a fault in the database can change, each as sorted lines of text without ids that differ from one boot to the next. */
export type Catalogue = Readonly<Record<keyof typeof sections, readonly string[]>>;

/** The same before a fault is planted and after it is lifted, when it left nothing behind. */
export async function catalogueChecksum(deployment: Pick<ReferenceHandle, 'sql'>): Promise<string> {
  return createHash('sha256')
    .update(JSON.stringify(await readCatalogue(deployment)))
    .digest('hex');
}

export async function readCatalogue({ sql }: Pick<ReferenceHandle, 'sql'>): Promise<Catalogue> {
  const found: Partial<Record<keyof Catalogue, string[]>> = {};
  for (const section of Object.keys(sections) as (keyof Catalogue)[]) {
    const rows = await sql(sections[section]);
    found[section] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return found as Catalogue;
}

/** Lines that only one of the two has, with the section they stand in. */
export function catalogueDifference(before: Catalogue, after: Catalogue): string[] {
  return (Object.keys(sections) as (keyof Catalogue)[]).flatMap((section) => [
    ...before[section].filter((line) => !after[section].includes(line)).map((line) => `${section}: gone ${line}`),
    ...after[section].filter((line) => !before[section].includes(line)).map((line) => `${section}: new ${line}`),
  ]);
}

// An absent list of grants means the default ones, and a list's order means nothing.
const grants = (column: string, kind: string, owner: string) =>
  `array(SELECT entry::text FROM unnest(coalesce(${column}, acldefault('${kind}', ${owner}))) AS entry ORDER BY 1) AS grants`;

const ourSchemas = `nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'`;
const notOfAnExtension = (catalogue: string, row: string) =>
  `NOT EXISTS (SELECT FROM pg_depend WHERE classid = '${catalogue}'::regclass AND objid = ${row} AND deptype = 'e')`;

const sections = {
  tables: `SELECT nspname, relname, relkind, relrowsecurity, relforcerowsecurity, reloptions, relowner::regrole::text AS owner, ${grants('relacl', 'r', 'relowner')}
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${ourSchemas}`,
  columns: `SELECT attrelid::regclass::text AS relation, attname, format_type(atttypid, atttypmod) AS type, attnotnull, attacl::text AS grants,
      (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum) AS initial
    FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
    WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v', 'm') AND ${ourSchemas}`,
  policies: `SELECT schemaname, tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies`,
  functions: `SELECT p.oid::regprocedure::text AS name, prosecdef, provolatile, proleakproof, proconfig, proowner::regrole::text AS owner, md5(pg_get_functiondef(p.oid)) AS body, ${grants('proacl', 'f', 'proowner')}
    FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE prokind IN ('f', 'p') AND ${ourSchemas} AND ${notOfAnExtension('pg_proc', 'p.oid')}`,
  triggers: `SELECT tgrelid::regclass::text AS relation, tgname, tgenabled, pg_get_triggerdef(oid) AS definition FROM pg_trigger WHERE NOT tgisinternal`,
  indexes: `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition, indisvalid
    FROM pg_index JOIN pg_class c ON c.oid = indrelid JOIN pg_namespace n ON n.oid = relnamespace WHERE ${ourSchemas}`,
  constraints: `SELECT conrelid::regclass::text AS relation, conname, convalidated, pg_get_constraintdef(c.oid) AS definition
    FROM pg_constraint c JOIN pg_namespace n ON n.oid = connamespace WHERE ${ourSchemas}`,
  views: `SELECT c.oid::regclass::text AS name, md5(pg_get_viewdef(c.oid)) AS body FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('v', 'm') AND ${ourSchemas}`,
  extensions: `SELECT extname, extversion, extnamespace::regnamespace::text AS schema FROM pg_extension`,
  schemas: `SELECT nspname, nspowner::regrole::text AS owner, ${grants('nspacl', 'n', 'nspowner')} FROM pg_namespace WHERE ${ourSchemas}`,
  databases: `SELECT datname, datdba::regrole::text AS owner, datallowconn, datconnlimit, ${grants('datacl', 'd', 'datdba')} FROM pg_database`,
  roles: `SELECT rolname, rolsuper, rolbypassrls, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolconnlimit FROM pg_roles`,
  memberships: `SELECT roleid::regrole::text AS role, member::regrole::text, admin_option, inherit_option, set_option FROM pg_auth_members`,
  settings: `SELECT setdatabase, setrole::regrole::text AS role, setconfig FROM pg_db_role_setting`,
  systemSettings: `SELECT name, setting FROM pg_file_settings WHERE sourcefile LIKE '%postgresql.auto.conf'`,
  defaultGrants: `SELECT defaclrole::regrole::text AS role, defaclobjtype, defaclacl::text FROM pg_default_acl`,
  migrations: `SELECT version, name, checksum FROM migrations.schema_migrations`,
} as const;
