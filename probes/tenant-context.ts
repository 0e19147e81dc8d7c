import { quoted } from './catalogue.ts';
import type { Database, Row } from './postgres.ts';

/** How this deployment tells the database whose turn it is. */
export interface TenantContext {
  /** The custom setting, `app.current_tenant_id` unless the helper or the policies read another. */
  readonly setting: string;
  readonly helper: Helper | null;
}

export interface Helper {
  /** As one calls it: `"public"."get_current_tenant_id"()`. */
  readonly call: string;
  readonly label: string;
  readonly executable: boolean;
  readonly immutable: boolean;
  /** How many policies call it. */
  readonly policies: number;
}

export async function readTenantContext(database: Database): Promise<TenantContext> {
  return database.undone(async (ask) => {
    const [found] = await ask(helperSql);
    const policies = await ask('select distinct coalesce(qual, with_check) as text from pg_policies limit 500');
    const texts = [String(found?.source ?? ''), ...policies.map((row) => String(row.text ?? ''))];
    return { setting: settingIn(texts) ?? 'app.current_tenant_id', helper: found ? toHelper(found) : null };
  }, 'read only');
}

/** The helper of the contract by its name, else the function without arguments that most policies call. */
const helperSql = `
select n.nspname as schema, p.proname as name, p.prosrc as source, p.provolatile = 'i' as immutable,
  has_function_privilege(p.oid, 'execute') and has_schema_privilege(n.oid, 'usage') as executable,
  (select count(distinct d.objid)::int from pg_depend d
    where d.classid = 'pg_policy'::regclass and d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid) as policies
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.pronargs = 0 and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and p.prokind = 'f'
  and (p.proname = 'get_current_tenant_id' or p.proname ~* '(tenant|org|workspace)')
  and p.prorettype in ('uuid'::regtype, 'text'::regtype, 'varchar'::regtype)
order by p.proname <> 'get_current_tenant_id', policies desc, 1, 2 limit 1`;

const toHelper = (row: Row): Helper => ({
  call: `${quoted(String(row.schema), String(row.name))}()`,
  label: `${row.schema}.${row.name}()`,
  executable: row.executable === true,
  immutable: row.immutable === true,
  policies: Number(row.policies),
});

/** The first setting with a tenant in its name that any of these expressions reads. */
function settingIn(texts: readonly string[]): string | null {
  const names = texts.flatMap((text) =>
    [...text.matchAll(/current_setting\(\s*'([\w.]+)'/g)].map((match) => match[1]!),
  );
  return names.find((name) => /tenant|org|workspace/i.test(name)) ?? null;
}

export const nilTenant = '00000000-0000-0000-0000-000000000000';

/** NULL, the empty string and the nil UUID all say: nobody. */
export const isNobody = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || value === nilTenant;
