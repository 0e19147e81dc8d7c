import pg from 'pg';
import { databaseSocket } from '../environment/sockets.ts';
import type { Environment } from '../environment/types.ts';

/**
 * Removes what an ended process of a run left behind, known by the names the run gives. Null when everything is gone,
 * else why not.
 */
export async function removeLeftovers(environment: Environment, scope: string): Promise<string | null> {
  const { accounts, database } = environment;
  if (!accounts?.create) return null;
  if (accounts.cleanup !== 'database' || database.serviceUrl === null)
    return 'what the process before had made can only be found by its names in the database';
  const client = new pg.Client({
    connectionString: database.serviceUrl,
    connectionTimeoutMillis: environment.timeoutMs,
    query_timeout: 30_000,
    stream: () => databaseSocket(environment),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(
      `delete from tenants where name like $1 or id in (select tenant_id from users where email like $2)`,
      [`${scope}-%`, `${scope}-%@example.com`],
    );
    await client.query('delete from verification_tokens where identifier like $1', [`${scope}-%@example.com`]);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
