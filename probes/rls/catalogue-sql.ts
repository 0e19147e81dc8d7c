/** Everybody's but the system's and the extensions'. `$1` is the role under test wherever privileges are asked for. */
const ours = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;
const notExtension = (catalogue: string, oid: string) =>
  `not exists (select from pg_depend d where d.classid = '${catalogue}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;

export const tablesSql = `
select c.oid::text as oid, n.nspname as schema, c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
  c.relowner::regrole::text as owner, c.relkind = 'p' as partitioned, pg_get_partkeydef(c.oid) as "partitionKey",
  (select i.inhparent::text from pg_inherits i where i.inhrelid = c.oid order by i.inhseqno limit 1) as "partitionOf",
  pg_get_expr(c.relpartbound, c.oid) as bound
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and c.relpersistence <> 't' and ${ours} and ${notExtension('pg_class', 'c.oid')} order by 2, 3`;

export const columnsSql = `
select a.attrelid::text as oid, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, b.typname as base,
  case when t.typtype = 'd' then t.typtypmod else a.atttypmod end as modifier, a.attnotnull or t.typnotnull as "notNull",
  a.attgenerated <> '' as generated, a.attidentity <> '' as identity, a.attidentity = 'a' as fixed, pg_get_expr(f.adbin, f.adrelid) as "default",
  array(select e.enumlabel::text from pg_enum e where e.enumtypid = b.oid order by e.enumsortorder) as labels,
  array(select pg_get_expr(k.conbin, 0) from pg_constraint k where k.contypid = t.oid and k.contype = 'c') as "domainChecks"
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
  join pg_type t on t.oid = a.atttypid join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
  left join pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and ${ours} order by a.attrelid, a.attnum`;

const names = (relation: string, numbers: string) =>
  `array(select a.attname::text from unnest(${numbers}) with ordinality as u(n, o) join pg_attribute a on a.attrelid = ${relation} and a.attnum = u.n order by u.o)`;

export const checksSql = `
select conrelid::text as oid, conname as name, ${names('conrelid', 'conkey')} as columns, pg_get_expr(conbin, conrelid) as expression
from pg_constraint where contype = 'c' and conrelid <> 0`;

export const uniquesSql = `
select i.indrelid::text as oid, c.relname as name, i.indisprimary as primary, i.indisexclusion as exclusion, i.indexprs is not null or i.indpred is not null as expressions,
  ${names('i.indrelid', 'i.indkey::int2[]')} as columns
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
where (i.indisunique or i.indisexclusion) and ${ours}`;

export const foreignKeysSql = `
select f.conname as name, f.conrelid::text as "from", f.confrelid::text as "to", ${names('f.conrelid', 'f.conkey')} as columns,
  ${names('f.confrelid', 'f.confkey')} as "refColumns",
  (select bool_and(a.attnotnull) from pg_attribute a where a.attrelid = f.conrelid and a.attnum = any (f.conkey)) as "notNull", f.confdeltype as "onDelete"
from pg_constraint f where f.contype = 'f' and f.conparentid = 0 order by f.conname`;

export const policiesSql = `
select p.polrelid::text as "table", p.polname as name, p.polcmd as command, p.polpermissive as permissive,
  array(select case when r = 0 then 'public' else r::regrole::text end from unnest(p.polroles) as r) as roles,
  pg_get_expr(p.polqual, p.polrelid) as "using", pg_get_expr(p.polwithcheck, p.polrelid) as "check",
  array(select d.refobjid::text from pg_depend d where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass) as functions,
  array(select distinct d.refobjid::text from pg_depend d where d.classid = 'pg_policy'::regclass and d.objid = p.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid <> p.polrelid) as tables
from pg_policy p order by 1, 2`;

export const functionsSql = `
select p.oid::text as oid, n.nspname as schema, p.proname as name, p.oid::regprocedure::text as label, l.lanname as language,
  case when p.prokind in ('f', 'p') then pg_get_functiondef(p.oid) else p.prosrc end as source, p.provolatile as volatility,
  p.prosecdef as definer, p.proleakproof as leakproof, p.proowner::regrole::text as owner, p.prokind as kind,
  r.rolsuper or r.rolbypassrls as "ownerBypasses", coalesce(array_to_string(p.proconfig, ' ') like '%search_path=%', false) as "searchPath",
  array(select format_type(t, null) from unnest(p.proargtypes) as t) as "argumentTypes", format_type(p.prorettype, null) as returns
from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang join pg_roles r on r.oid = p.proowner
where ${ours} and ${notExtension('pg_proc', 'p.oid')} order by 4`;

/** Reads are followed through views of views. */
export const viewsSql = `
with recursive reads(view, relation) as (
  select r.ev_class, d.refobjid from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
  union select s.view, d.refobjid from reads s join pg_rewrite r on r.ev_class = s.relation join pg_depend d
    on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class)
select c.oid::text as oid, n.nspname as schema, c.relname as name, c.relkind as kind, c.relowner::regrole::text as owner,
  r.rolsuper or r.rolbypassrls as "ownerBypasses", coalesce(array_to_string(c.reloptions, ' ') ~* 'security_invoker=(true|on|1|yes)', false) as invoker,
  case when c.relkind = 'f' then '' else pg_get_viewdef(c.oid) end as definition,
  array(select distinct s.relation::text from reads s where s.view = c.oid) as reads,
  array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum) as columns
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner
where c.relkind in ('v', 'm', 'f') and ${ours} and ${notExtension('pg_class', 'c.oid')} order by 2, 3`;
