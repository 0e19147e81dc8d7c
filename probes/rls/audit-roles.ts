import { quoted } from '../catalogue.ts';
import type { Row } from '../postgres.ts';
import type { Draft } from './audit.ts';
import type { Stage } from './ground.ts';
import { text } from './stage.ts';

/** Of the roles that it can become, each that has the rights of another one. */
const nestedSql = `select m.rolname::text as member, g.rolname::text as role from pg_auth_members a join pg_roles m on m.oid = a.member join pg_roles g on g.oid = a.roleid
  where m.rolname <> $role and pg_has_role($role, m.oid, 'member') and m.rolname !~ '^(pg|sd)_' order by 1, 2`;

const nested = (row: Row): Draft => ({
  rule: 'R30',
  severity: 'low',
  where: `role ${row.member} in ${row.role}`,
  what: `policies go by the role, and ${row.member} has the rights of ${row.role}: where both are tenants, the one reaches the rows of the other`,
  fix: `REVOKE ${quoted(String(row.role))} FROM ${quoted(String(row.member))}; -- if both are tenants`,
});

export async function asked(stage: Stage): Promise<Draft[]> {
  const { database, role } = stage;
  const ask = (sql: string) => database.bare(sql.replaceAll('$role', text(role)));
  const name = quoted(role);
  const drafts = (rows: readonly Row[], make: (row: Row) => Draft) => rows.map(make);
  return [
    ...drafts(await ask(attributesSql), (row) => ({
      rule: 'R30',
      severity: row.super || row.bypass ? 'critical' : 'high',
      where: `role ${row.name}`,
      what: `${row.name === role ? 'the role' : `the role can become ${row.name}, which`} ${[row.super && 'is a superuser', row.bypass && 'has BYPASSRLS', row.creates && 'may create roles', row.replicates && 'may replicate'].filter(Boolean).join(', ')}`,
      fix:
        row.name === role
          ? `ALTER ROLE ${name} NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION;`
          : `REVOKE ${quoted(String(row.name))} FROM ${name};`,
      reproduce: `select rolsuper, rolbypassrls, rolcreaterole, rolreplication from pg_roles where rolname = ${text(String(row.name))};`,
    })),
    ...(stage.world.carriers.byRole ? drafts(await ask(nestedSql), nested) : []),
    ...drafts(await ask(predefinedSql), (row) => ({
      rule: 'R30',
      severity: 'medium',
      where: `role ${row.name}`,
      what: `the role is a member of ${row.name}`,
      fix: `REVOKE ${row.name} FROM ${name};`,
      reproduce: `select pg_has_role(${text(role)}, ${text(String(row.name))}, 'member');`,
    })),
    ...drafts(await ask(sequencesSql), (row) => ({
      rule: 'R27',
      severity: row.sets ? 'medium' : 'low',
      where: `sequence ${row.name}`,
      what: row.sets
        ? 'the role may set it back or ahead, for every tenant'
        : "the role may read it, and it counts every tenant's rows",
      fix: `REVOKE ${row.sets ? 'UPDATE' : 'SELECT'} ON SEQUENCE ${row.name} FROM ${name};`,
      reproduce: `begin; set local role ${name}; select last_value from ${row.name}; rollback;`,
    })),
    ...drafts(await ask(defaultsSql), (row) => ({
      rule: 'R29',
      severity: 'medium',
      where: `default privileges of ${row.owner}`,
      what: `tables made later are open to ${row.who} at once (${row.what}), before they have row level security`,
      fix: `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted(String(row.owner))}${row.schema ? ` IN SCHEMA ${quoted(String(row.schema))}` : ''} REVOKE ALL ON TABLES FROM ${row.who === 'PUBLIC' ? 'PUBLIC' : quoted(String(row.who))};`,
      reproduce: 'select * from pg_default_acl;',
    })),
    ...drafts(await ask(createSql), (row) => ({
      rule: 'R29',
      severity: 'medium',
      where: `schema ${row.name}`,
      what: 'the role may create objects in it, in front of the ones that functions and policies mean',
      fix: `REVOKE CREATE ON SCHEMA ${quoted(String(row.name))} FROM PUBLIC, ${name};`,
      reproduce: `select has_schema_privilege(${text(role)}, ${text(String(row.name))}, 'create');`,
    })),
    ...drafts(await ask(publicationsSql), (row) => ({
      rule: 'R50',
      severity: row.reaches ? 'high' : 'low',
      where: `publication ${row.name}`,
      what: `it sends tenants' rows out of reach of every policy${row.reaches ? ', and the role may subscribe to it' : ''}`,
      fix: `DROP PUBLICATION ${quoted(String(row.name))}; -- or give it a row filter`,
    })),
    ...drafts(await ask(outwardSql), (row) => ({
      rule: 'R22',
      severity: row.builtin || /_u\(/.test(String(row.name)) ? 'high' : 'low',
      where: `function ${row.name}`,
      what: 'the role may call it, and it reads files or connects elsewhere, where no policy of this session holds',
      fix: `REVOKE EXECUTE ON FUNCTION ${row.name} FROM PUBLIC, ${name};`,
      reproduce: `select has_function_privilege(${text(role)}, ${text(String(row.name))}, 'execute');`,
    })),
    ...(await settings(stage)),
    ...(await systemTables(stage)),
    ...(await kindredRoles(stage)),
    ...largeObjects(stage),
    ...(await overheard(stage)),
  ];
}

async function settings({ database, role, world }: Stage): Promise<Draft[]> {
  const rows = await database.bare(
    `select coalesce(r.rolname::text, 'every role') as who, unnest(s.setconfig) as setting from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole where s.setdatabase in (0, (select oid from pg_database where datname = current_database())) and (s.setrole = 0 or r.rolname = ${text(role)})`,
  );
  const carriers = world.carriers.settings;
  return rows.flatMap((row): Draft[] => {
    const [name, value] = String(row.setting).split(/=(.*)/s);
    if (!carriers.includes(name!) || value === '') return [];
    return [
      {
        rule: 'R40',
        severity: 'high',
        where: `setting ${name} of ${row.who}`,
        what: 'every connection begins with a tenant, although nobody has said whose turn it is',
        fix: `ALTER ROLE ${quoted(role)} RESET ${name};`,
        reproduce: 'select * from pg_db_role_setting;',
      },
    ];
  });
}

/** What PostgreSQL keeps to itself for a reason: statistics hold values of rows, and so do the pages of large objects. */
async function systemTables({ database, role }: Stage): Promise<Draft[]> {
  const rows = await database.bare(
    `select c.relname::text as name from pg_class c where c.relnamespace = 'pg_catalog'::regnamespace
     and c.relname in ('pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject', 'pg_authid', 'pg_user_mapping', 'pg_subscription')
     and has_any_column_privilege(${text(role)}::name, c.oid, 'select') and not (select rolsuper from pg_roles where rolname = ${text(role)})
     and (c.relname <> 'pg_subscription' or has_column_privilege(${text(role)}::name, c.oid, 'subconninfo', 'select'))`,
  );
  return rows.map((row) => ({
    rule: 'R35',
    severity: 'high',
    where: String(row.name),
    what: 'the role may read it, and it holds what policies hide: values of rows, passwords, or large objects',
    fix: `REVOKE SELECT ON ${row.name} FROM ${quoted(role)}, PUBLIC;`,
    reproduce: `begin; set local role ${quoted(role)}; select * from ${row.name} limit 5; rollback;`,
  }));
}

/** Where roles are tenants: members of the role under test that can become one another. */
async function kindredRoles({ database, role, world }: Stage): Promise<Draft[]> {
  if (!world.carriers.byRole && !world.carriers.bySession) return [];
  const rows = await database.bare(
    `select a.rolname::text as one, b.rolname::text as another from pg_roles a, pg_roles b
     where a.oid <> b.oid and pg_has_role(a.oid, b.oid, 'member') and pg_has_role(a.oid, ${text(role)}, 'member') and pg_has_role(b.oid, ${text(role)}, 'member')
     and not a.rolsuper and not a.rolbypassrls and ${text(role)} not in (a.rolname, b.rolname) and a.rolname not like ${text(`sd_${world.run}%`)}`,
  );
  return rows.map((row) => ({
    rule: 'R30',
    severity: 'high',
    where: `role ${row.one}`,
    what: `roles are tenants here, and ${row.one} can become ${row.another}`,
    fix: `REVOKE ${quoted(String(row.another))} FROM ${quoted(String(row.one))};`,
    reproduce: `select pg_has_role(${text(String(row.one))}, ${text(String(row.another))}, 'member');`,
  }));
}

function largeObjects({ world, privileges }: Stage): Draft[] {
  return world.catalogue.tables.flatMap((table) =>
    table.columns
      .filter(({ base }) => /^(oid|lo)$/.test(base) && world.keys.of.has(table.oid) && privileges.has(table.oid))
      .map(
        ({ name }): Draft => ({
          rule: 'R50',
          severity: 'medium',
          where: `${table.label} (${name})`,
          what: 'it refers to large objects, which no policy guards: whoever may read one may read all of the same owner',
          fix: `-- keep the contents in a bytea column of ${table.label}, or outside the database`,
          reproduce: `select attname from pg_attribute where attrelid = ${text(table.sql)}::regclass and atttypid = 'oid'::regtype;`,
        }),
      ),
  );
}

/** What every session of the same role tells the others, and what a plan tells of rows it left out. */
async function overheard({ database, role, world }: Stage): Promise<Draft[]> {
  const drafts: Draft[] = [
    {
      rule: 'R36',
      severity: 'info',
      where: 'EXPLAIN ANALYZE',
      what: 'plans tell how many rows of others were left out ("Rows Removed by Filter"): never show them to a tenant',
      reproduce: `begin; set local role ${quoted(role)}; explain (analyze, costs off) select * from a_guarded_table; rollback;`,
    },
  ];
  if (!world.carriers.byRole)
    drafts.push({
      rule: 'R37',
      severity: 'info',
      where: 'pg_stat_activity',
      what: 'all tenants connect as one role, so that a session may read the running statements of the others: keep values out of the text of statements',
      reproduce: `select query from pg_stat_activity where usename = ${text(role)};`,
    });
  const [found] = await database.bare(
    `select 1 from pg_extension where extname = 'pg_stat_statements' and to_regclass('pg_stat_statements') is not null`,
  );
  if (found)
    drafts.push({
      rule: 'R37',
      severity: 'info',
      where: 'pg_stat_statements',
      what: 'it keeps the statements of all sessions of a role, with what was written into their text',
      reproduce: 'select query from pg_stat_statements limit 20;',
    });
  return drafts;
}

const reach = `r.rolname = $role or pg_has_role($role::name, r.oid, 'member')`;
const attributesSql = `select r.rolname::text as name, r.rolsuper as super, r.rolbypassrls as bypass, r.rolcreaterole as creates, r.rolreplication as replicates
  from pg_roles r where (${reach}) and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolreplication)
  and (r.rolname = $role or not (select rolsuper from pg_roles where rolname = $role))`;
const predefinedSql = `select r.rolname::text as name from pg_roles r where pg_has_role($role::name, r.oid, 'member') and r.rolname <> $role
  and r.rolname in ('pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_monitor', 'pg_read_all_stats', 'pg_maintain', 'pg_signal_backend', 'pg_create_subscription', 'cloudsqlsuperuser', 'rds_superuser', 'azure_pg_admin')
  and not (select rolsuper from pg_roles where rolname = $role)`;
const outwardSql = `select p.oid::regprocedure::text as name, p.oid < 16384 as builtin from pg_proc p
  where p.proname in ('dblink_connect', 'dblink_connect_u', 'dblink', 'dblink_exec', 'pg_read_file', 'pg_read_binary_file', 'pg_ls_dir', 'lo_import', 'lo_export')
  and has_function_privilege($role::name, p.oid, 'execute') and not (select rolsuper from pg_roles where rolname = $role)`;
/** Asked about sequences only: about anything else the function raises, and conditions are not evaluated in order. */
const sequencesSql = `select * from (select c.oid::regclass::text as name, case when c.relkind = 'S' then has_sequence_privilege($role::name, c.oid, 'update') end as sets,
  case when c.relkind = 'S' then has_sequence_privilege($role::name, c.oid, 'select') end as reads
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'S' and c.relowner <> (select oid from pg_roles where rolname = $role) and n.nspname !~ '^pg_' and has_schema_privilege($role::name, n.oid, 'usage')) s where sets or reads`;
const defaultsSql = `select d.defaclrole::regrole::text as owner, n.nspname::text as schema, case when a.grantee = 0 then 'PUBLIC' else a.grantee::regrole::text end as who, string_agg(a.privilege_type, ', ') as what
  from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
  where d.defaclobjtype = 'r' and a.grantee <> d.defaclrole and (a.grantee = 0 or pg_has_role($role::name, a.grantee, 'usage')) group by 1, 2, 3`;
const createSql = `select n.nspname::text as name from pg_namespace n where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and has_schema_privilege($role::name, n.oid, 'create') and n.nspowner <> (select oid from pg_roles where rolname = $role)`;
const publicationsSql = `select p.pubname::text as name, (select rolreplication from pg_roles where rolname = $role) or pg_has_role($role::name, p.pubowner, 'usage') as reaches from pg_publication p`;
