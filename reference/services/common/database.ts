import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import { type ContextFaults, KeptTenants, wasCancelled } from './context-faults.ts';
import { log } from './log.ts';

export interface Sql {
  rows<R extends QueryResultRow>(name: string, text: string, values?: readonly unknown[]): Promise<R[]>;
  first<R extends QueryResultRow>(name: string, text: string, values?: readonly unknown[]): Promise<R | undefined>;
}

/**
 * Statements are prepared once a connection under their name, so a name stands for one text. Behind a pooler they have none:
 * the next transaction may be on another server connection, which never heard of it.
 */
class Statements implements Sql {
  readonly #client: Pool | PoolClient;
  readonly #named: boolean;
  constructor(client: Pool | PoolClient, named: boolean) {
    this.#client = client;
    this.#named = named;
  }
  async rows<R extends QueryResultRow>(name: string, text: string, values: readonly unknown[] = []): Promise<R[]> {
    const statement = { text, values: [...values], ...(this.#named && { name }) };
    return (await this.#client.query<R>(statement)).rows;
  }
  async first<R extends QueryResultRow>(name: string, text: string, values: readonly unknown[] = []) {
    return (await this.rows<R>(name, text, values))[0];
  }
}

export class Database {
  readonly #app: Pool;
  readonly #service: Pool;
  readonly #faults: ContextFaults | null;
  readonly #known = new WeakSet<PoolClient>();
  readonly #kept: KeptTenants;
  readonly #named: boolean;
  /** Bypasses row level security: for signing in and resolving ids, never for a tenant's data. */
  readonly service: Sql;

  constructor(
    urls: { readonly appUrl: string; readonly serviceUrl: string; readonly pooledUrl?: string | undefined },
    max: number,
    name: string,
    faults: ContextFaults | null = null,
  ) {
    this.#faults = faults;
    this.#kept = new KeptTenants(faults);
    this.#named = urls.pooledUrl === undefined;
    this.#app = pool(urls.pooledUrl ?? urls.appUrl, max, `${name}-app`, this.#named ? direct : {});
    this.#service = pool(urls.serviceUrl, Math.max(2, Math.ceil(max / 3)), `${name}-service`, direct);
    this.service = new Statements(this.#service, true);
  }

  /** One transaction in the tenant's context; what throws leaves nothing behind. */
  async inTenant<T>(tenantId: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      await this.#begin(client, tenantId, 'READ WRITE');
      const result = await work(new Statements(client, this.#named));
      if (this.#faults?.rowsLeft()) await client.query(rowsLeft());
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      void undo(client);
      throw error;
    }
  }

  /** For what only reads: nothing depends on the end of the transaction, so nobody waits for it. `isGone`: whoever asked has left. */
  async readInTenant<T>(tenantId: string, work: (sql: Sql) => Promise<T>, isGone = () => false): Promise<T> {
    const client = await this.#connect();
    let cancelled = false;
    try {
      await this.#begin(client, this.#kept.instead(client) ?? tenantId, 'READ ONLY');
      return await work(new Statements(client, this.#named));
    } catch (error) {
      cancelled = wasCancelled(error);
      throw error;
    } finally {
      this.#kept.note(client, tenantId, { cancelled, gone: isGone() });
      void undo(client, cancelled && this.#faults?.leftByCancelled() ? tenantId : null);
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
    // Which connections have a tenant is forgotten as soon as the defect is lifted.
    if (this.#faults?.once() !== true) this.#known.delete(client);
    if (!once && !this.#faults?.forConnection()) return void (await client.query(begin(tenantId, mode)));
    if (!this.#known.has(client)) await client.query(`SET app.current_tenant_id = '${tenantId}'`);
    if (once) this.#known.add(client);
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
const undo = (client: PoolClient, leave: string | null = null): Promise<void> =>
  ended(client, leave).then(
    () => client.release(),
    (error: Error) => client.release(error),
  );

async function ended(client: PoolClient, leave: string | null): Promise<void> {
  await client.query('ROLLBACK');
  if (leave !== null) await client.query('select set_config($1, $2, $3)', [tenantSetting, leave, 'false']);
}

const tenantSetting = 'app.current_tenant_id';
let left = 0;
/** Such a cursor outlives the transaction, and whoever gets the connection next may read on. */
const rowsLeft = () => `DECLARE left_${left++} CURSOR WITH HOLD FOR SELECT * FROM sessions`;

/** A pooler lets no such setting through; there it is the pooler that sets it. */
const direct = { statement_timeout: 15_000 };

function pool(connectionString: string, max: number, applicationName: string, settings: typeof direct | object): Pool {
  const made = new Pool({
    connectionString,
    max,
    application_name: applicationName,
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    ...settings,
  });
  made.on('error', (error) =>
    log('error', 'a database connection was lost', { pool: applicationName, error: error.message }),
  );
  return made;
}
