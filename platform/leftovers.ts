import type { Environment } from '../environment/types.ts';
import { databaseClient } from '../probes/postgres.ts';
import { despiteDeadlocks } from './deadlock.ts';

/**
 * Removes what an ended process of a run left behind, known by the names the run gives. Null when everything is gone,
 * else why not.
 */
export async function removeLeftovers(environment: Environment, scope: string): Promise<string | null> {
  const { accounts, database } = environment;
  if (!accounts?.create) return null;
  if (accounts.cleanup !== 'database' || database.serviceUrl === null)
    return 'what the process before had made can only be found by its names in the database';
  const client = databaseClient(database.serviceUrl, environment, 30_000);
  try {
    await client.connect();
    const emails = `${scope}-%@example.com`;
    // A user of the run may have been put into a tenant that was there before, which is not ours to remove.
    await despiteDeadlocks(() =>
      client.query(
        `delete from tenants where name like $1 or (id in (select tenant_id from users where email like $2)
         and not exists (select 1 from users other where other.tenant_id = tenants.id and other.email not like $2))`,
        [`${scope}-%`, emails],
      ),
    );
    await despiteDeadlocks(() => client.query('delete from users where email like $1', [emails]));
    await client.query('delete from verification_tokens where identifier like $1', [emails]);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
