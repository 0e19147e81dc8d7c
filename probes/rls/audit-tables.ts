import { quoted } from '../catalogue.ts';
import type { Draft } from './audit.ts';
import type { Stage } from './ground.ts';
import { mayAnything, type Privileges } from './privileges.ts';
import { text } from './stage.ts';
import { suggest } from './suggest.ts';
import type { RlsTable } from './types.ts';

export const tenantTables = ({ world }: Stage) => world.catalogue.tables.filter(({ oid }) => world.keys.of.has(oid));

export function tables(stage: Stage): Draft[] {
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

export function relations(stage: Stage): Draft[] {
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

/** Whether a value is taken tells that somebody has it. Random keys cannot be guessed and serial ones tell nothing. */
export function uniques(stage: Stage): Draft[] {
  const { world, privileges } = stage;
  return tenantTables(stage).flatMap((table) => {
    const key = world.keys.of.get(table.oid)!;
    if (key.kind === 'through') return [];
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
