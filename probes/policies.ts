import { quoted, type Table } from './catalogue.ts';
import { type Ask, type Database, DatabaseFailure, type Row } from './postgres.ts';

export const commands = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;
export type Command = (typeof commands)[number];

export interface Policy {
  readonly table: string;
  readonly name: string;
  /** One of the four, or all of them. */
  readonly command: Command | 'ALL';
  readonly permissive: boolean;
  /** The connected role is one of those it is for. */
  readonly applies: boolean;
  readonly using: Expression | null;
  readonly check: Expression | null;
}

export interface Expression {
  readonly text: string;
  /** It looks at the row at all; one that does not is the same for every tenant's rows. */
  readonly readsRow: boolean;
}

export async function readPolicies(database: Database): Promise<readonly Policy[]> {
  return (await database.rows(policiesSql)).map((row) => ({
    table: String(row.table),
    name: String(row.name),
    command: commandOf[String(row.command)] ?? 'ALL',
    permissive: row.permissive === true,
    applies: row.applies === true,
    using: expressionOf(row.using, row.using_tree),
    check: expressionOf(row.check, row.check_tree),
  }));
}

const policiesSql = `
select p.polrelid::text as "table", p.polname as name, p.polcmd as command, p.polpermissive as permissive,
  exists (select from unnest(p.polroles) as role where case when role = 0 then true else pg_has_role(role, 'usage') end) as applies,
  pg_get_expr(p.polqual, p.polrelid) as "using", pg_get_expr(p.polwithcheck, p.polrelid) as "check",
  p.polqual::text as using_tree, p.polwithcheck::text as check_tree
from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1, 2`;

const commandOf: Readonly<Record<string, Command>> = { r: 'SELECT', a: 'INSERT', w: 'UPDATE', d: 'DELETE' };

const expressionOf = (text: Row[string], tree: Row[string]): Expression | null =>
  typeof text === 'string' ? { text, readsRow: /\{VAR /.test(String(tree)) } : null;

/** Why a command on a table is not guarded, or null when it is. */
export function gapOf(policies: readonly Policy[], command: Command, isOpenByDesign: boolean): string | null {
  const relevant = policies.filter((policy) => policy.command === command || policy.command === 'ALL');
  const mine = relevant.filter((policy) => policy.applies);
  const permissive = mine.filter((policy) => policy.permissive);
  if (permissive.length === 0) {
    return relevant.some((policy) => policy.permissive)
      ? "has a policy only for roles the app's role is not"
      : 'has no policy';
  }
  const open = permissive.find((policy) => isOpen(policy, command));
  // Permissive policies are joined by OR, so the widest decides, unless a restrictive one still narrows it.
  const narrowed = mine.some((policy) => !policy.permissive && !isOpen(policy, command));
  if (!open || narrowed || isOpenByDesign) return null;
  return `is open to every tenant by the policy ${open.name}`;
}

function isOpen(policy: Policy, command: Command): boolean {
  const deciding = expressionFor(policy, command);
  if (!deciding) return true;
  if (/^\(*false\)*$/i.test(deciding.text)) return false;
  return (
    !deciding.readsRow ||
    /\bor true\b|\btrue or\b/i.test(deciding.text.replaceAll(/[()]/g, ' ').replaceAll(/\s+/g, ' '))
  );
}

/** A missing WITH CHECK is no hole for UPDATE and ALL: PostgreSQL then checks new rows with USING. */
const expressionFor = (policy: Policy, command: Command): Expression | null =>
  command === 'INSERT' ? (policy.check ?? policy.using) : policy.using;

/**
 * Does the planner, for the connected role, put any condition on the rows this command would touch? It folds constants,
 * so that `USING (1 = 1)` and `… OR true` show as what they are. Nothing is executed. null: the role may not do it anyway.
 */
export async function isFiltered(ask: Ask, table: Table, command: Exclude<Command, 'INSERT'>): Promise<boolean | null> {
  const name = quoted(table.schema, table.name);
  const column = quoted(table.columns[0]?.name ?? 'id');
  const statement = {
    SELECT: `select * from ${name}`,
    UPDATE: `update ${name} set ${column} = default`,
    DELETE: `delete from ${name}`,
  };
  await ask('savepoint sd_plan');
  try {
    const rows = await ask(`explain (costs off, format json) ${statement[command]}`);
    return /"(Filter|Index Cond|Recheck Cond|One-Time Filter|Join Filter|Hash Cond|Merge Cond|TID Cond)"/.test(
      JSON.stringify(rows),
    );
  } catch (error) {
    if (error instanceof DatabaseFailure && error.code === '42501') return null;
    throw error;
  } finally {
    await ask('rollback to savepoint sd_plan').catch(() => undefined);
  }
}
