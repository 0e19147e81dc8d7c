import { withClient } from '../../reference/database/provision.ts';

/**
 * The security rules of supabase/splinter (0007, 0010, 0011, 0013, 0016, 0017, 0024, 0028/0029), each by its condition in our words:
 * "exposed" is what the application's role may reach, which there is `anon` or `authenticated`, in whatever schema.
 */
const ours = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;
const reachable = `has_schema_privilege($1::name, n.oid, 'usage') and has_any_column_privilege($1::name, c.oid, 'select, insert, update')`;
const always = (column: string) =>
  `regexp_replace(lower(${column}), '\\s', '', 'g') in ('true', '(true)', '1=1', '(1=1)')`;

const rules: Readonly<Record<string, string>> = {
  'policy exists, RLS disabled': `select distinct c.relname::text as name from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace where ${ours} and not c.relrowsecurity and $1::name is not null`,
  'RLS disabled': `select c.relname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ours} and c.relkind = 'r' and not c.relrowsecurity and ${reachable}`,
  'security definer view': `select c.relname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ours} and c.relkind = 'v' and ${reachable} and not coalesce(array_to_string(c.reloptions, ' ') ~* 'security_invoker=(1|true|yes|on)', false)`,
  'materialized view': `select c.relname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ours} and c.relkind = 'm' and ${reachable}`,
  'foreign table': `select c.relname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ours} and c.relkind = 'f' and ${reachable}`,
  'function search_path mutable': `select p.proname::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${ours} and not coalesce(array_to_string(p.proconfig, ' ') like '%search_path=%', false) and $1::name is not null and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')`,
  'security definer function executable': `select p.proname::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${ours} and p.prosecdef and has_function_privilege($1::name, p.oid, 'execute')`,
  'policy always true': `select c.relname::text as name from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace join pg_policies v on v.schemaname = n.nspname and v.tablename = c.relname and v.policyname = p.polname
    where ${ours} and c.relkind = 'r' and c.relrowsecurity and p.polpermissive and (p.polroles = array[0::oid] or $1::name = any (v.roles))
    and ((p.polcmd in ('w', 'd', '*') and (${always("coalesce(v.qual, 'true')")})) or ${always("coalesce(v.with_check, '')")} or (v.with_check is null and p.polcmd = 'a'))`,
};

/** Names of what a rule speaks of, with the rule. */
export async function splinter(url: string, role: string): Promise<string[]> {
  return withClient(url, async (client) => {
    const found: string[] = [];
    for (const [rule, sql] of Object.entries(rules)) {
      const { rows } = await client.query<{ name: string }>(sql, [role]);
      found.push(...rows.map(({ name }) => `${rule}: ${name}`));
    }
    return found;
  });
}
