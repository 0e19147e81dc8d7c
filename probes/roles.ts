import type { Database } from './postgres.ts';

export interface Binding {
  readonly role: string;
  /** Each way in which the connected role gets past row level security; none: it is bound. */
  readonly ways: readonly string[];
}

/** Is the connected role bound by row level security, by its own attributes and by those of every role it can become? */
export async function bindingOf(database: Database): Promise<Binding> {
  const rows = await database.undone(async (ask) => {
    const [version] = await ask(`select current_setting('server_version_num')::int as number`);
    return ask(rolesSql(Number(version?.number) >= 160_000));
  }, 'read only');
  const role = String(rows.find((row) => row.me)?.name ?? 'unknown');
  if (rows.length === 0) return { role, ways: ['the catalogue does not show its own role'] };
  return {
    role,
    ways: rows.flatMap((row) => {
      const who = row.me ? 'it' : `it can become ${row.name}, which`;
      return [
        ...(row.super ? [`${who} is a superuser`] : []),
        ...(row.bypass ? [`${who} has BYPASSRLS`] : []),
        ...(row.creates ? [`${who} has CREATEROLE and before PostgreSQL 16 that lets it join any role`] : []),
      ];
    }),
  };
}

/** Roles within reach: by SET ROLE, by inheritance, or by granting them to itself. */
const rolesSql = (hasSetOption: boolean): string => `
select rolname as name, rolname in (current_user, session_user) as me, rolsuper as super, rolbypassrls as bypass,
  ${hasSetOption ? 'false' : 'rolcreaterole and not rolsuper'} as creates
from pg_roles
where rolname in (current_user, session_user) or pg_has_role(session_user, oid, '${hasSetOption ? 'set' : 'member'}')
  or pg_has_role(session_user, oid, 'member with admin option')
order by 2 desc, 1`;
