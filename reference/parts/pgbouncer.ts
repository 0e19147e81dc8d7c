import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appUrl, databaseName, pooledUrl, withClient } from '../database/provision.ts';
import type { Plan } from '../plan.ts';
import { isAlive, launch } from './processes.ts';
import { postgresBase, postgresIdentity, tools } from './tools.ts';
import { until } from './until.ts';

/** What to do where the package is missing; the deployment then runs without a pooler, and says so. */
export const installPgbouncer =
  'pgbouncer is not installed, so there is no pooler here. Install it once, as root: apt-get update && apt-get install -y --no-install-recommends pgbouncer';

/**
 * The pooler between the API and the database. `options` are settings of PgBouncer (`{ pool_mode: 'session' }`), and
 * `connect_query`, which each new server connection begins with.
 */
export async function startPgbouncer(plan: Plan, options: Readonly<Record<string, string>> = {}): Promise<void> {
  const { pgbouncer: command } = tools();
  if (command === null) throw new Error(installPgbouncer);
  const base = join(postgresBase(plan.directory), 'pgbouncer');
  mkdirSync(base, { recursive: true, mode: 0o700 });
  const own = (name: string, text: string) => writeOwn(join(base, name), text);
  own('userlist.txt', users(plan));
  own('pgbouncer.ini', settings(plan, base, options));
  const identity = postgresIdentity();
  if (identity) chownSync(base, identity.uid, identity.gid);
  const pooler = launch({
    directory: plan.directory,
    name: 'pgbouncer',
    command,
    args: [join(base, 'pgbouncer.ini')],
    cwd: base,
    // It refuses to run as root, too.
    identity,
  });
  await until('pgbouncer', () => answers(pooledUrl(plan)), { giveUp: () => !isAlive(pooler) });
}

/** Read by the server's user id alone. */
function writeOwn(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  const identity = postgresIdentity();
  if (identity) chownSync(file, identity.uid, identity.gid);
}

/** The password as it is, because the pooler has to sign in with it as well. */
function users(plan: Plan): string {
  const { username, password } = new URL(appUrl(plan));
  return `"${username}" "${password}"\n`;
}

/** Nobody may send a time-out along through a pooler, so each server connection gets it when it is made. */
const timeOut = 'SET statement_timeout = 15000';

function settings({ ports }: Plan, base: string, options: Readonly<Record<string, string>>): string {
  const { connect_query = timeOut, ...others } = options;
  const all: Record<string, string> = {
    listen_addr: '127.0.0.1',
    listen_port: String(ports.pgbouncer),
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: join(base, 'userlist.txt'),
    server_tls_sslmode: 'disable',
    pool_mode: 'transaction',
    default_pool_size: '16',
    max_client_conn: '200',
    query_wait_timeout: '5',
    // A database that comes back is found again at once.
    server_login_retry: '1',
    ignore_startup_parameters: 'extra_float_digits',
    log_connections: '0',
    log_disconnections: '0',
    log_stats: '0',
    ...others,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  const query = connect_query.replaceAll("'", "''");
  const database = `${databaseName} = host=127.0.0.1 port=${ports.postgres} connect_query='${query}'`;
  return `[databases]\n${database}\n\n[pgbouncer]\n${lines.join('\n')}\n`;
}

const answers = (url: string): Promise<boolean> =>
  withClient(url, async (client) => (await client.query('SELECT 1')).rowCount === 1);
