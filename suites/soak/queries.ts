import { randomUUID } from 'node:crypto';
import { type Database, DatabaseFailure, openDatabase } from '../../probes/postgres.ts';
import { readTenantContext } from '../../probes/tenant-context.ts';
import type { SoakContext } from '../../runners/soak/types.ts';
import type { WindowFold } from '../../runners/soak/windows.ts';
import { openStream } from './streams.ts';

const everyMs = 6_000;
/** Of the run's clock, however much time is scaled: one connection answers one question at a time. */
const leastMs = 1_000;
const mostTables = 5;

/**
 * The largest tables that keep tenants apart and that this role may read: of each the rows of a tenant are counted. Neither an order nor
 * a limit, which for a tenant without rows may lead through all rows of all others.
 */
const tables = `
  select format('select count(*) from %I.%I', n.nspname, c.relname) as query
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and c.relrowsecurity and n.nspname not in ('pg_catalog', 'information_schema')
    and has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT')
  order by pg_relation_size(c.oid) desc, c.oid limit 20`;

/** Queries on one connection of the application's own role, read-only and as a tenant that nobody has, as long as the soak lasts. */
export function startQueries(soak: SoakContext): void {
  const { database, parts } = soak.environment;
  if (database.appUrl === null || !parts.database) return;
  const asking = new Queries(soak, database.appUrl, openStream(soak, 'T-db'));
  soak.cleanup(() => asking.close());
  soak.every('T-db', Math.max(everyMs, leastMs * soak.timeScale), (dueMs) => asking.ask(dueMs));
}

class Queries {
  readonly #soak: SoakContext;
  readonly #url: string;
  readonly #stream: WindowFold;
  #open: Database | null = null;
  #queries: readonly string[] = [];
  readonly #tenant = randomUUID();
  #setting = '';
  #turn = 0;
  #busy = false;
  #told = false;

  constructor(soak: SoakContext, url: string, stream: WindowFold) {
    this.#soak = soak;
    this.#url = url;
    this.#stream = stream;
  }

  /** One connection answers one question at a time: what is due while it waits for one is lost in the same. */
  async ask(dueMs: number): Promise<void> {
    if (this.#busy) return this.#failed(dueMs, new Error('the query before was not answered yet'));
    this.#busy = true;
    try {
      await this.#timed(dueMs);
    } catch (error) {
      await this.close();
      if (!this.#soak.signal.aborted) this.#failed(dueMs, error);
    } finally {
      this.#busy = false;
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.close();
  }

  async #timed(dueMs: number): Promise<void> {
    const soak = this.#soak;
    const open = this.#open ?? (await this.#begin());
    const query = this.#queries[this.#turn++ % Math.max(1, this.#queries.length)];
    if (query === undefined) return this.#tellNothing();
    const { sentMs, doneMs } = await this.#ask(open, query);
    if (soak.disturbed(dueMs, doneMs)) this.#stream.unsent(dueMs);
    else this.#stream.answered(sentMs, sentMs, doneMs);
  }

  /** A query that the role may not ask after all is left out before anything is timed. */
  async #begin(): Promise<Database> {
    const open = await openDatabase(this.#url, this.#soak);
    this.#open = open;
    if (this.#queries.length > 0) return open;
    this.#setting = (await readTenantContext(open)).setting;
    const usable: string[] = [];
    for (const { query } of await open.rows(tables)) {
      if (usable.length < mostTables && (await this.#isAnswered(open, String(query)))) usable.push(String(query));
    }
    this.#queries = usable;
    return open;
  }

  #tellNothing(): void {
    if (this.#told) return;
    this.#told = true;
    const detail = 'no table with row-level security answers the role of database.appUrl';
    this.#soak.emit({ kind: 'note', check: 'soak.latency', what: 'T-db is not timed', detail });
  }

  #failed(dueMs: number, error: unknown): void {
    const because = error instanceof Error ? error.message : String(error);
    if (this.#soak.disturbed(dueMs, this.#soak.now())) this.#stream.unsent(dueMs);
    else this.#stream.lost(dueMs, because);
  }

  /** The transaction around it and the tenant are ours; what is promised is the query. */
  #ask(open: Database, query: string): Promise<{ readonly sentMs: number; readonly doneMs: number }> {
    return open.undone(async (ask) => {
      await ask('select set_config($1, $2, true)', [this.#setting, this.#tenant]);
      const sentMs = this.#soak.now();
      await ask(query);
      return { sentMs, doneMs: this.#soak.now() };
    }, 'read only');
  }

  async #isAnswered(open: Database, query: string): Promise<boolean> {
    try {
      await this.#ask(open, query);
      return true;
    } catch (error) {
      // The database itself said no; anything else is a trouble of the connection.
      if (error instanceof DatabaseFailure && error.code !== null) return false;
      throw error;
    }
  }
}
