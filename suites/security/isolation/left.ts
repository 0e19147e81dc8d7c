import type { Ask, Database } from '../../../probes/postgres.ts';
import { nilTenant } from '../../../probes/tenant-context.ts';

/** What a server connection remembers while nobody uses it. */
export interface Left {
  readonly pid: number;
  /** Settings that say whose turn it is, and have a value. */
  readonly tenants: string;
  /** Who one is on it, and where names are looked up: `app_user as app_user, "$user", public, on, origin`. */
  readonly identity: string;
  readonly locks: number;
  readonly temporary: number;
  readonly cursors: number;
  readonly prepared: number;
  readonly channels: number;
}

/** Statements that the pooler itself prepares for its clients are not made by SQL, and are known to it. */
const leftSql = `select pg_backend_pid() as pid,
  (select coalesce(string_agg(name, ', '), '') from unnest($1::text[]) name where coalesce(current_setting(name, true), '') not in ('', '${nilTenant}')) as tenants,
  format('%s as %s, %s, %s, %s', session_user, current_user, current_setting('search_path'), current_setting('row_security'), current_setting('session_replication_role')) as identity,
  (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks,
  (select count(*)::int from pg_class where relnamespace = pg_my_temp_schema() and relkind in ('r', 'v', 'S')) as temporary,
  (select count(*)::int from pg_cursors where is_holdable) as cursors,
  (select count(*)::int from pg_prepared_statements where from_sql) as prepared,
  (select count(*)::int from pg_listening_channels()) as channels`;

export async function readLeft(ask: Ask, settings: readonly string[]): Promise<Left> {
  const [row] = await ask(leftSql, [settings]);
  const count = (name: string) => Number(row?.[name] ?? 0);
  return {
    pid: count('pid'),
    tenants: String(row?.tenants ?? ''),
    identity: String(row?.identity ?? ''),
    locks: count('locks'),
    temporary: count('temporary'),
    cursors: count('cursors'),
    prepared: count('prepared'),
    channels: count('channels'),
  };
}

/** What of it would reach the next tenant, in words. */
export function tracesOf(left: Left): string[] {
  const things: readonly (readonly [number, string])[] = [
    [left.locks, 'advisory locks'],
    [left.temporary, 'temporary tables'],
    [left.cursors, 'open cursors'],
    [left.prepared, 'prepared statements'],
    [left.channels, 'channels it listens on'],
  ];
  const found = things.flatMap(([count, what]) => (count > 0 ? [what] : []));
  return left.tenants === '' ? found : [`a tenant (${left.tenants})`, ...found];
}

const holdMs = 500;

/**
 * Holds a transaction on each client at the same moment, so that each is on a server connection of its own, and looks at that.
 * A pool may be smaller than the clients are many: then some wait until the first let go, and see what was seen before.
 */
export async function eachServerConnection(
  clients: readonly Database[],
  settings: readonly string[],
  work: (ask: Ask, left: Left) => Promise<void> = async () => undefined,
): Promise<readonly Left[]> {
  const seen = new Map<number, Left>();
  let missing = clients.length;
  let letGo = (): void => undefined;
  const allHere = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const timer = setTimeout(letGo, holdMs);
  const look = (client: Database) =>
    client.undone(async (ask) => {
      const left = await readLeft(ask, settings);
      if (!seen.has(left.pid)) {
        seen.set(left.pid, left);
        await work(ask, left);
      }
      missing -= 1;
      if (missing === 0) letGo();
      await allHere;
    }, 'read only');
  try {
    await Promise.all(clients.map(look));
  } finally {
    letGo();
    clearTimeout(timer);
  }
  return [...seen.values()];
}
