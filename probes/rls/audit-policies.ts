import type { Draft } from './audit.ts';
import { closure, tablesIn } from './carriers.ts';
import type { Stage } from './ground.ts';
import { text } from './stage.ts';
import type { RlsFunction, RlsTable } from './types.ts';

const readsSession = (source: string): boolean => /current_setting|current_user|session_user/i.test(source);

/** Functions that policies call, and those that they call in turn. */
function calledByPolicies({ world }: Stage): RlsFunction[] {
  const { policies: all, functions: known } = world.catalogue;
  const texts = all.map(({ text: one }) => closure(one, known)).join('\n');
  const direct = new Set(all.flatMap(({ functions: used }) => used));
  return known.filter((one) => direct.has(one.oid) || texts.includes(one.source));
}

export function policies(stage: Stage): Draft[] {
  const { carriers, keys, catalogue } = stage.world;
  const called = calledByPolicies(stage);
  return [
    ...called
      .filter((one) => one.volatility === 'i' && readsSession(closure(one.source, catalogue.functions)))
      .map(immutable),
    ...called.filter((one) => one.volatility === 'v').map(volatile),
    ...reliedOn(stage, called).map(unguarded),
    ...carriers.settings
      .filter((name) => name !== keys.setting)
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

/** A gateway role is a member of every tenant's role: MEMBER asks whom one may become, USAGE whose turn it is. */
export async function memberships(stage: Stage): Promise<Draft[]> {
  const [found] = await stage.database.bare(
    `select exists (select from pg_roles r where pg_has_role(${text(stage.role)}, r.oid, 'member') and not pg_has_role(${text(stage.role)}, r.oid, 'usage')) as gateway`,
  );
  if (found?.gateway !== true) return [];
  return stage.world.catalogue.tables.filter((table) => becomesAnybody(stage, table)).map(asMember);
}

function becomesAnybody({ world, privileges }: Stage, { oid }: RlsTable): boolean {
  const may = privileges.get(oid);
  if (!may || may.selectable.length + may.insertable.length + may.updatable.length === 0) return false;
  return world.catalogue.policies.some(
    (one) =>
      one.table === oid &&
      one.permissive &&
      asksMembership.test(closure(one.text, world.catalogue.functions)) &&
      world.carriers.comparisons.some(({ table, role }) => table === oid && role),
  );
}

/** Of a role that a row names, not of one that is written there. */
const asksMembership =
  /pg_has_role\((?:\s*(?:current_user|session_user)[^,]*,)?\s*(?!')[^,']+,\s*'(?:member|set)[^']*'/i;

const asMember = (table: RlsTable): Draft => ({
  rule: 'R16',
  severity: 'medium',
  where: table.label,
  what: 'a policy lets in who is a MEMBER of the role that the row names, which is whoever may become it: before it does, the role reaches the rows of all of them',
  fix: "ask for USAGE: pg_has_role(current_user, …, 'usage')",
  reproduce: `select polname, pg_get_expr(polqual, polrelid) from pg_policy where polrelid = ${text(table.sql)}::regclass;`,
});

const immutable = (one: RlsFunction): Draft => ({
  rule: 'R14',
  severity: 'high',
  where: one.label,
  what: 'policies call it, it reads the session, and it says it is IMMUTABLE: a plan made for one tenant answers the next',
  fix: `ALTER FUNCTION ${one.label} STABLE;`,
  reproduce: `select provolatile from pg_proc where oid = ${text(one.label)}::regprocedure;`,
});

const volatile = (one: RlsFunction): Draft => ({
  rule: 'R14',
  severity: 'info',
  where: one.label,
  what: 'policies call it, and it is VOLATILE: it runs for every row',
  fix: `ALTER FUNCTION ${one.label} STABLE;`,
});

/** Tables without row level security that policies, or functions they call, look into, and that the role may write to. */
function reliedOn({ world, privileges }: Stage, called: readonly RlsFunction[]): RlsTable[] {
  const { catalogue, keys } = world;
  const read = [
    ...catalogue.policies.flatMap(({ tables }) => tables),
    ...called.flatMap(({ source }) => tablesIn(source, catalogue.tables).map(({ oid }) => oid)),
  ];
  const isOpen = ({ oid, enabled }: RlsTable): boolean => {
    const may = privileges.get(oid);
    return !enabled && !keys.of.has(oid) && may !== undefined && may.insertable.length + may.updatable.length > 0;
  };
  return catalogue.tables.filter((table) => read.includes(table.oid) && isOpen(table));
}

const unguarded = (table: RlsTable): Draft => ({
  rule: 'R15',
  severity: 'high',
  where: table.label,
  what: 'policies rely on it, it has no row level security, and the role may write to it: whoever writes there decides what the policies let through',
  fix: `REVOKE INSERT, UPDATE, DELETE ON ${table.sql} FROM PUBLIC; -- and from the role`,
  reproduce: `select relrowsecurity from pg_class where oid = ${text(table.sql)}::regclass;`,
});

export function functions({ world, role, privileges }: Stage): Draft[] {
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
    ...catalogue.functions.filter((one) => setsForGood(one.source, world.carriers.settings)).map(lasting),
    ...catalogue.functions.filter((one) => tellsRows(one.source)).map(told),
  ];
}

/** `set_config(…, false)` outlives the transaction, and with it the request that a pooled connection served. */
const setsForGood = (source: string, settings: readonly string[]): boolean =>
  [...source.matchAll(/set_config\s*\(\s*'([^']+)'[^;]*?,\s*(false|'f'|'false')\s*\)/gi)].some((match) =>
    settings.includes(match[1]!),
  ) ||
  [...source.matchAll(/\bset\s+(?:session\s+)?([a-z_]\w*\.\w+)\s*(?:=|to)/gi)].some((match) =>
    settings.includes(match[1]!),
  );

const lasting = (one: RlsFunction): Draft => ({
  rule: 'R40',
  severity: 'medium',
  where: one.label,
  what: 'it says whose turn it is until the connection ends, not until the transaction does: the next user of a pooled connection inherits it',
  fix: '-- give set_config true as its third argument, and call it inside the transaction that needs it',
  reproduce: `select prosrc from pg_proc where oid = ${text(one.label)}::regprocedure;`,
});

const tellsRows = (source: string): boolean => /pg_notify\s*\([^;]*\b(new|old)\b/i.test(source);

const told = (one: RlsFunction): Draft => ({
  rule: 'R38',
  severity: 'low',
  where: one.label,
  what: 'it tells the contents of rows by NOTIFY, and every session of whatever role may LISTEN',
  fix: '-- tell that something changed, and let the listener read it under its own policies',
  reproduce: `select prosrc from pg_proc where oid = ${text(one.label)}::regprocedure;`,
});
