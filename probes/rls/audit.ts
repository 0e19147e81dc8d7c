import { quoted } from '../catalogue.ts';
import type { Row } from '../postgres.ts';
import { closure } from './carriers.ts';
import type { Stage } from './matrix.ts';
import { mayAnything, type Privileges } from './privileges.ts';
import { text } from './stage.ts';
import { suggest } from './suggest.ts';
import type { Finding, RlsTable } from './types.ts';
import { versionFindings } from './versions.ts';

type Draft = Omit<Finding, 'check'>;

/** What no probe reaches, read from the catalogue. Below medium: worth knowing, not a hole by itself. */
export async function audit(stage: Stage): Promise<Finding[]> {
  const drafts = [
    ...tables(stage),
    ...relations(stage),
    ...policies(stage),
    ...functions(stage),
    ...uniques(stage),
    ...(await asked(stage)),
  ];
  return [
    ...drafts.map((one): Finding => ({ ...one, check: 'sec.rls.catalog' })),
    ...versionFindings(stage.world.catalogue.version),
  ];
}

const tenantTables = ({ world }: Stage) => world.catalogue.tables.filter(({ oid }) => world.keys.of.has(oid));

function tables(stage: Stage): Draft[] {
  const name = quoted(stage.role);
  return tenantTables(stage).flatMap((table): Draft[] => {
    const privileges = stage.privileges.get(table.oid);
    if (!privileges) return [];
    const found: Draft[] = [];
    const own = stage.world.catalogue.policies.some((policy) => policy.table === table.oid);
    const say = (rule: string, severity: Draft['severity'], what: string, fix: string, reproduce: string) =>
      found.push({ rule, severity, where: table.label, what, fix, reproduce });
    const unbound = `set role ${name}; select row_security_active(${text(table.sql)}::regclass);`;
    if (mayAnything(privileges) && !table.enabled)
      say(
        table.partitionOf ? 'R21' : own ? 'R02' : 'R01',
        'critical',
        own
          ? 'it has policies, but row level security is switched off'
          : table.partitionOf
            ? 'a part of a guarded table that the role may go to directly has no row level security'
            : 'it holds rows of tenants, the role may reach it, and it has no row level security',
        suggest(stage.world, table, 'SELECT', privileges),
        unbound,
      );
    else if (mayAnything(privileges) && !privileges.active)
      say(
        'R03',
        'critical',
        `row level security does not bind ${stage.role} here: it is the owner's, and not forced, or the role is above it`,
        `ALTER TABLE ${table.sql} FORCE ROW LEVEL SECURITY;`,
        unbound,
      );
    else if (mayAnything(privileges) && !table.forced)
      say(
        'R03',
        'low',
        `row level security is not forced: it does not bind ${table.owner}, who owns it`,
        `ALTER TABLE ${table.sql} FORCE ROW LEVEL SECURITY;`,
        unbound,
      );
    for (const command of undecided(stage, table, privileges))
      say(
        'R04',
        'low',
        `the role may ${command}, and no policy lets it: every ${command} finds nothing or is refused`,
        suggest(stage.world, table, command, privileges),
        `select * from pg_policies where tablename = ${text(table.name)};`,
      );
    if (privileges.truncate && !isOwner(stage, table.owner))
      say(
        'R25',
        'high',
        'the role may TRUNCATE it, which no policy holds back',
        `REVOKE TRUNCATE ON ${table.sql} FROM ${name};`,
        `begin; set local role ${name}; truncate ${table.sql} cascade; rollback;`,
      );
    if (privileges.trigger && !isOwner(stage, table.owner))
      say(
        'R25',
        'medium',
        "the role may put a trigger on it, which then sees every tenant's writes",
        `REVOKE TRIGGER ON ${table.sql} FROM ${name};`,
        `select has_table_privilege(${text(stage.role)}, ${text(table.sql)}, 'trigger');`,
      );
    if (privileges.references && !isOwner(stage, table.owner))
      say(
        'R25',
        'medium',
        'the role may refer to it, and references tell which rows exist',
        `REVOKE REFERENCES ON ${table.sql} FROM ${name};`,
        `select has_table_privilege(${text(stage.role)}, ${text(table.sql)}, 'references');`,
      );
    return found;
  });
}

/** Commands the role has been granted and no permissive policy of its own decides about. */
function undecided({ world, role }: Stage, table: RlsTable, may: Privileges): string[] {
  if (!table.enabled || !may.active) return [];
  const granted: readonly (readonly [string, boolean])[] = [
    ['SELECT', may.selectable.length > 0],
    ['INSERT', may.insertable.length > 0],
    ['UPDATE', may.updatable.length > 0],
    ['DELETE', may.delete],
  ];
  const policies = world.catalogue.policies.filter((one) => one.table === table.oid && one.permissive);
  const decided = (command: string) =>
    policies.some(
      (one) => ['ALL', command].includes(one.command) && one.roles.some((name) => ['public', role].includes(name)),
    );
  return granted.filter(([command, has]) => has && !decided(command)).map(([command]) => command);
}

const isOwner = ({ role }: Stage, owner: string): boolean => owner === role;

function relations(stage: Stage): Draft[] {
  const { world, privileges, role } = stage;
  return world.catalogue.views.flatMap((view): Draft[] => {
    if ((privileges.get(view.oid)?.selectable.length ?? 0) === 0) return [];
    const reads = view.reads.some((oid) => world.keys.of.has(oid));
    const revoke = `REVOKE ALL ON ${view.sql} FROM ${quoted(role)};`;
    const look = `set role ${quoted(role)}; select * from ${view.sql} limit 20;`;
    if (view.kind === 'm' && reads)
      return [
        {
          rule: 'R20',
          severity: 'critical',
          where: view.label,
          what: "a materialized view holds tenants' rows, no policy can guard it, and the role may read it",
          fix: revoke,
          reproduce: look,
        },
      ];
    if (view.kind === 'f') {
      const tenant = view.columns.some((column) => world.keys.names.includes(column));
      return [
        {
          rule: 'R22',
          severity: tenant ? 'high' : 'low',
          where: view.label,
          what: `a foreign table${tenant ? ' with a tenant column' : ''}: no policy can guard it, and the role may read it`,
          fix: revoke,
          reproduce: look,
        },
      ];
    }
    if (view.kind === 'v' && reads && !view.invoker && view.ownerBypasses)
      return [
        {
          rule: 'R19',
          severity: 'low',
          where: view.label,
          what: `it reads tenants' rows as ${view.owner}, whom no policy binds; only its own condition keeps tenants apart`,
          fix: `ALTER VIEW ${view.sql} SET (security_invoker = true);`,
          reproduce: look,
        },
      ];
    return [];
  });
}

function policies({ world, privileges }: Stage): Draft[] {
  const { catalogue, carriers } = world;
  const byOid = new Map(catalogue.functions.map((one) => [one.oid, one]));
  const inPolicies = [...new Set(catalogue.policies.flatMap(({ functions: used }) => used))].flatMap(
    (oid) => byOid.get(oid) ?? [],
  );
  const readsSession = (source: string) =>
    /current_setting|current_user|session_user/i.test(closure(source, catalogue.functions));
  const outside = catalogue.policies.flatMap((policy) =>
    policy.tables.flatMap((oid) => {
      const table = catalogue.tables.find((one) => one.oid === oid);
      const may = privileges.get(oid);
      return table &&
        !table.enabled &&
        !world.keys.of.has(oid) &&
        may &&
        (may.insertable.length > 0 || may.updatable.length > 0)
        ? [table]
        : [];
    }),
  );
  return [
    ...inPolicies
      .filter((one) => one.volatility === 'i' && readsSession(one.source))
      .map(
        (one): Draft => ({
          rule: 'R14',
          severity: 'high',
          where: one.label,
          what: 'policies call it, it reads the session, and it says it is IMMUTABLE: a plan made for one tenant answers the next',
          fix: `ALTER FUNCTION ${one.label} STABLE;`,
          reproduce: `select provolatile from pg_proc where oid = ${text(one.label)}::regprocedure;`,
        }),
      ),
    ...inPolicies
      .filter((one) => one.volatility === 'v')
      .map(
        (one): Draft => ({
          rule: 'R14',
          severity: 'info',
          where: one.label,
          what: 'policies call it, and it is VOLATILE: it runs for every row',
          fix: `ALTER FUNCTION ${one.label} STABLE;`,
        }),
      ),
    ...[...new Set(outside)].map(
      (table): Draft => ({
        rule: 'R15',
        severity: 'high',
        where: table.label,
        what: 'policies rely on it, it has no row level security, and the role may write to it: whoever writes there decides what the policies let through',
        fix: `REVOKE INSERT, UPDATE, DELETE ON ${table.sql} FROM PUBLIC; -- and from the role`,
        reproduce: `select relrowsecurity from pg_class where oid = ${text(table.sql)}::regclass;`,
      }),
    ),
    ...carriers.settings
      .filter((name) => name !== world.keys.setting)
      .map(
        (name): Draft => ({
          rule: 'R12',
          severity: 'info',
          where: name,
          what: 'policies read this setting too, and whoever may run SQL may set it',
        }),
      ),
  ];
}

function functions({ world, role, privileges }: Stage): Draft[] {
  const { catalogue } = world;
  return [
    ...catalogue.functions
      .filter((one) => one.leakproof)
      .map(
        (one): Draft => ({
          rule: 'R34',
          severity: 'medium',
          where: one.label,
          what: 'it calls itself LEAKPROOF and is not part of PostgreSQL: it is run on rows before the policies are',
          fix: `ALTER FUNCTION ${one.label} NOT LEAKPROOF;`,
          reproduce: `select proleakproof from pg_proc where oid = ${text(one.label)}::regprocedure;`,
        }),
      ),
    ...(privileges.size === 0
      ? []
      : catalogue.functions
          .filter((one) => one.definer && !one.searchPath && one.owner !== role && one.ownerBypasses)
          .map(
            (one): Draft => ({
              rule: 'R18',
              severity: 'medium',
              where: one.label,
              what: `it runs as ${one.owner} with the caller's search_path: the caller decides which tables and functions it means`,
              fix: `ALTER FUNCTION ${one.label} SET search_path = pg_catalog, pg_temp;`,
              reproduce: `select prosecdef, proconfig from pg_proc where oid = ${text(one.label)}::regprocedure;`,
            }),
          )),
  ];
}

/** Whether a value is taken tells that somebody has it. Random keys cannot be guessed and serial ones tell nothing. */
function uniques(stage: Stage): Draft[] {
  const { world, privileges } = stage;
  return tenantTables(stage).flatMap((table) => {
    const key = world.keys.of.get(table.oid)!;
    const mine = key.kind === 'path' ? key.columns : [key.column];
    if ((privileges.get(table.oid)?.insertable.length ?? 0) === 0 || key.kind === 'root') return [];
    return table.uniques
      .filter(
        (unique) =>
          !unique.primary &&
          !unique.columns.some(
            (name) => mine.includes(name) || table.columns.find((one) => one.name === name)?.base === 'uuid',
          ),
      )
      .map(
        (unique): Draft => ({
          rule: 'R31',
          severity: 'low',
          where: `${table.label} (${unique.columns.join(', ')})`,
          what: `${unique.name} is unique over all tenants: a refused value tells that another tenant has it`,
          fix: `make it unique within the tenant: UNIQUE (${[...mine, ...unique.columns].join(', ')})`,
        }),
      );
  });
}

async function asked(stage: Stage): Promise<Draft[]> {
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
