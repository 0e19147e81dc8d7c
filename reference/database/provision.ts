import { Client } from 'pg';
import { migrate } from './migrate.ts';

export interface RolePasswords {
  readonly superuser: string;
  readonly app: string;
  readonly service: string;
}

export const databaseName = 'platform';

export const databaseUrl = (user: string, password: string, port: number, database = databaseName) =>
  `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`;

/** What the app connects with. As the platform was built that is the superuser, whom no policy binds. */
export function appUrl({
  passwords,
  ports,
  asBuilt,
}: {
  passwords: RolePasswords;
  ports: Readonly<Record<string, number>>;
  asBuilt: boolean;
}): string {
  const [role, password] = asBuilt ? ['postgres', passwords.superuser] : ['app_user', passwords.app];
  return databaseUrl(role, password, ports.postgres!);
}

/** The same by way of the pooler. */
export function pooledUrl(plan: Parameters<typeof appUrl>[0]): string {
  const url = new URL(appUrl(plan));
  url.port = String(plan.ports.pgbouncer);
  return url.href;
}

/** Makes roles, database and schema in an empty cluster. The passwords come later, with each deployment. */
export async function buildSchema(superuserPassword: string, port: number): Promise<void> {
  await withClient(databaseUrl('postgres', superuserPassword, port, 'postgres'), async (client) => {
    await client.query('CREATE ROLE platform_owner NOLOGIN NOSUPERUSER NOBYPASSRLS');
    await client.query('CREATE ROLE app_user LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE');
    await client.query('CREATE ROLE platform_service LOGIN NOSUPERUSER BYPASSRLS NOCREATEDB NOCREATEROLE');
    await client.query(`CREATE DATABASE ${databaseName} OWNER platform_owner`);
  });
  await withClient(databaseUrl('postgres', superuserPassword, port), async (client) => {
    await client.query('ALTER SCHEMA public OWNER TO platform_owner');
    await migrate(client);
    await client.query('ANALYZE');
    await dropSpares(client);
  });
}

/** A cluster is copied file by file at each boot, and these two, which nobody connects to, are half of its files. */
async function dropSpares(client: Client): Promise<void> {
  await client.query('ALTER DATABASE template0 IS_TEMPLATE false');
  for (const name of ['template0', 'postgres']) await client.query(`DROP DATABASE ${name}`);
  await client.query('CHECKPOINT');
}

/** Gives the roles this deployment's own passwords; `current` is the superuser's of the template. */
export async function setPasswords(current: string, passwords: RolePasswords, port: number): Promise<void> {
  await withClient(databaseUrl('postgres', current, port), async (client) => {
    for (const [role, password] of [
      ['postgres', passwords.superuser],
      ['app_user', passwords.app],
      ['platform_service', passwords.service],
    ] as const)
      await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(password)}`);
  });
}

export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: 'shakedown-reference',
  });
  // A server that is stopped on purpose ends the connection; the query that was under way reports it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
