import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import { log } from './log.ts';

export interface Sql {
  rows<R extends QueryResultRow>(name: string, text: string, values?: readonly unknown[]): Promise<R[]>;
  first<R extends QueryResultRow>(name: string, text: string, values?: readonly unknown[]): Promise<R | undefined>;
}

/** Statements are prepared once a connection under their name, so a name stands for one text. */
class Statements implements Sql {
  readonly #client: Pool | PoolClient;
  constructor(client: Pool | PoolClient) {
    this.#client = client;
  }
  async rows<R extends QueryResultRow>(name: string, text: string, values: readonly unknown[] = []): Promise<R[]> {
    return (await this.#client.query<R>({ name, text, values: [...values] })).rows;
  }
  async first<R extends QueryResultRow>(name: string, text: string, values: readonly unknown[] = []) {
    return (await this.rows<R>(name, text, values))[0];
  }
}

/** Defects of how a tenant is told to the database, planted while it runs. */
export interface ContextFaults {
  /** The tenant is set for the connection and not for the transaction. */
  forConnection(): boolean;
  /** As above, for reading, and only on a connection that has none yet. */
  once(): boolean;
  /** A tenant's work is done as the service role. */
  asService(): boolean;
}

export class Database {
  readonly #app: Pool;
  readonly #service: Pool;
  readonly #faults: ContextFaults | null;
  readonly #known = new WeakSet<PoolClient>();
  /** Bypasses row level security: for signing in and resolving ids, never for a tenant's data. */
  readonly service: Sql;

  constructor(
    urls: { readonly appUrl: string; readonly serviceUrl: string },
    max: number,
    name: string,
    faults: ContextFaults | null = null,
  ) {
    this.#faults = faults;
    this.#app = pool(urls.appUrl, max, `${name}-app`);
    this.#service = pool(urls.serviceUrl, Math.max(2, Math.ceil(max / 3)), `${name}-service`);
    this.service = new Statements(this.#service);
  }

  /** One transaction in the tenant's context; what throws leaves nothing behind. */
  async inTenant<T>(tenantId: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      await this.#begin(client, tenantId, 'READ WRITE');
      const result = await work(new Statements(client));
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      void undo(client);
      throw error;
    }
  }

  /** For what only reads: nothing depends on the end of the transaction, so nobody waits for it. */
  async readInTenant<T>(tenantId: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      await this.#begin(client, tenantId, 'READ ONLY');
      return await work(new Statements(client));
    } finally {
      void undo(client);
    }
  }

  /** Without a tenant: for what belongs to nobody, such as the public catalogue and the ping of health. */
  async ping(): Promise<void> {
    await this.#app.query('SELECT 1');
  }

  #connect(): Promise<PoolClient> {
    return (this.#faults?.asService() ? this.#service : this.#app).connect();
  }

  async #begin(client: PoolClient, tenantId: string, mode: 'READ ONLY' | 'READ WRITE'): Promise<void> {
    const once = mode === 'READ ONLY' && this.#faults?.once() === true;
    if (!once && !this.#faults?.forConnection()) return void (await client.query(begin(tenantId, mode)));
    if (!once || !this.#known.has(client)) await client.query(`SET app.current_tenant_id = '${tenantId}'`);
    this.#known.add(client);
    await client.query(`BEGIN ${mode}`);
  }

  async close(): Promise<void> {
    await Promise.all([this.#app.end(), this.#service.end()]);
  }
}

/** Both in one message to the server, which halves the cost of opening; a plain message takes no parameters, so the id is checked here. */
function begin(tenantId: string, mode: 'READ ONLY' | 'READ WRITE'): string {
  if (!/^[0-9a-f-]{36}$/.test(tenantId)) throw new Error('a tenant id must be a UUID');
  return `BEGIN ${mode}; SET LOCAL app.current_tenant_id = '${tenantId}'`;
}

/** Ends the transaction and gives the connection back; one that cannot even do that is not used again. */
const undo = (client: PoolClient): Promise<void> =>
  client.query('ROLLBACK').then(
    () => client.release(),
    (error: Error) => client.release(error),
  );

function pool(connectionString: string, max: number, applicationName: string): Pool {
  const made = new Pool({
    connectionString,
    max,
    application_name: applicationName,
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: 5000,
    statement_timeout: 15_000,
    keepAlive: true,
  });
  made.on('error', (error) =>
    log('error', 'a database connection was lost', { pool: applicationName, error: error.message }),
  );
  return made;
}
