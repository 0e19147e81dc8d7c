import { type Database, DatabaseFailure, openDatabase } from '../../probes/postgres.ts';
import type { SoakContext } from '../../runners/soak/types.ts';
import type { WindowFold } from '../../runners/soak/windows.ts';
import { openStream } from './streams.ts';

const everyMs = 6_000;
/** Of the run's clock, however much time is scaled: one connection answers one question at a time. */
const leastMs = 1_000;
const mostTables = 5;

/** The largest tables that this role may read: each is asked for some rows by its key in turn, without what is large by nature. */
const tables = `
  select format('select %s from %I.%I order by %s desc limit 20',
    (select string_agg(format('%I', a.attname), ', ' order by a.attnum) from pg_attribute a
     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.atttypid::regtype::text in
       ('uuid', 'smallint', 'integer', 'bigint', 'boolean', 'date', 'numeric', 'double precision', 'text',
        'character varying', 'timestamp without time zone', 'timestamp with time zone')),
    n.nspname, c.relname,
    (select string_agg(format('%I', a.attname), ' desc, ' order by array_position(i.indkey::int2[], a.attnum))
     from pg_attribute a where a.attrelid = c.oid and a.attnum = any (i.indkey::int2[]))) as query
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_index i on i.indrelid = c.oid and i.indisprimary
  where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
    and has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT')
  order by c.reltuples desc, c.oid limit 20`;

/** Queries on one connection of the application's own role, read-only and without a tenant, as long as the soak lasts. */
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
    await open.undone(async (ask) => {
      const sentMs = soak.now();
      await ask(query);
      const doneMs = soak.now();
      // The transaction around it is ours; what is promised is the query.
      if (soak.disturbed(dueMs, doneMs)) this.#stream.unsent(dueMs);
      else this.#stream.answered(sentMs, sentMs, doneMs);
    }, 'read only');
  }

  /** A query that the role may not ask without a tenant is left out before anything is timed. */
  async #begin(): Promise<Database> {
    const open = await openDatabase(this.#url, this.#soak);
    this.#open = open;
    if (this.#queries.length > 0) return open;
    const usable: string[] = [];
    for (const { query } of await open.rows(tables)) {
      if (usable.length < mostTables && (await isAnswered(open, String(query)))) usable.push(String(query));
    }
    this.#queries = usable;
    return open;
  }

  #tellNothing(): void {
    if (this.#told) return;
    this.#told = true;
    const detail = 'no table with a primary key answers the role of database.appUrl without a tenant';
    this.#soak.emit({ kind: 'note', check: 'soak.latency', what: 'T-db is not timed', detail });
  }

  #failed(dueMs: number, error: unknown): void {
    const because = error instanceof Error ? error.message : String(error);
    if (this.#soak.disturbed(dueMs, this.#soak.now())) this.#stream.unsent(dueMs);
    else this.#stream.lost(dueMs, because);
  }
}

async function isAnswered(open: Database, query: string): Promise<boolean> {
  try {
    await open.rows(query);
    return true;
  } catch (error) {
    // The database itself said no; anything else is a trouble of the connection.
    if (error instanceof DatabaseFailure && error.code !== null) return false;
    throw error;
  }
}
