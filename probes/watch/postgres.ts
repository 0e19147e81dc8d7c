import { type Database, DatabaseFailure, openDatabase, type Row } from '../postgres.ts';
import type { Sample, Watcher, Watching } from './types.ts';

const activity = `
  select extract(epoch from pg_postmaster_start_time())::float8 as started,
    (select extract(epoch from max(backend_start)) from pg_stat_activity where backend_type = 'checkpointer')::float8 as checkpointer,
    (select extract(epoch from stats_reset) from pg_stat_bgwriter)::float8 as stats_reset,
    (select sum(numbackends) from pg_stat_database)::float8 as connections,
    (select sum(deadlocks) from pg_stat_database)::float8 as deadlocks,
    (select sum(temp_bytes) from pg_stat_database)::float8 as temp_bytes,
    (select sum(xact_rollback) from pg_stat_database)::float8 as rollbacks,
    (select count(*) from pg_locks where not granted)::float8 as waiting,
    (select coalesce(max(extract(epoch from now() - xact_start)), 0) from pg_stat_activity where pid <> pg_backend_pid())::float8 as oldest_s,
    (select setting::float8 from pg_settings where name = 'max_connections')
      - coalesce((select sum(setting::float8) from pg_settings where name in ('superuser_reserved_connections', 'reserved_connections')), 0) as most`;

/** Of all databases that this role may size; by default every one. */
const sizes = `
  select sum(pg_database_size(oid))::float8 as bytes from pg_database where has_database_privilege(oid, 'CONNECT')`;

/** How much WAL there is beyond what there may be in any case; the size of its folder is told to few. */
const usualWal = `(select setting::float8 * 1048576 from pg_settings where name = 'max_wal_size')`;
const walFiles = `select sum(size)::float8 - ${usualWal} as bytes from pg_ls_waldir()`;
/** What the slot that is furthest behind keeps: an abandoned one keeps it for ever. */
const walOfSlots = `
  select coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)), 0)::float8 - ${usualWal} as bytes
  from pg_replication_slots`;

/** The dead rows that vacuum has not yet made room of, of the tables of which they are most. */
const dead = `
  select schemaname || '.' || relname as name, n_dead_tup::float8 as dead, n_live_tup::float8 as live
  from pg_stat_user_tables where n_dead_tup + n_live_tup >= 1000
  order by n_dead_tup::float8 / (n_dead_tup + n_live_tup) desc, n_dead_tup desc limit 5`;

const statements = `select sum(calls)::float8 as calls, sum(total_exec_time)::float8 as ms from pg_stat_statements`;

/** A connection that is opened again after it was lost. */
export class Reopened {
  readonly #url: string;
  readonly #watching: Watching;
  #open: Database | null = null;

  constructor(url: string, watching: Watching) {
    this.#url = url;
    this.#watching = watching;
  }

  async rows(text: string): Promise<readonly Row[]> {
    this.#open ??= await openDatabase(this.#url, this.#watching);
    try {
      return await this.#open.rows(text);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.close();
  }
}

/**
 * The postmaster outlives a crash: when one session is killed it ends all others, recovers and goes on. Its checkpointer is
 * begun anew by that. A role that may not see the checkpointer sees that the counters of the server were reset, which a
 * crash does, too.
 */
export class ServerLives {
  #checkpointer: string | null = null;

  of({ started, checkpointer, stats_reset: reset }: Row): string {
    const postmaster = String(Math.round(Number(started)));
    if (checkpointer !== null && checkpointer !== undefined) this.#checkpointer = second(checkpointer);
    if (this.#checkpointer !== null) return `${postmaster} ${this.#checkpointer}`;
    return reset === null || reset === undefined ? postmaster : `${postmaster} ${second(reset)}`;
  }
}

const second = (epoch: unknown): string => String(Math.round(Number(epoch)));

/** Connections, deadlocks, waiting locks: what changes from minute to minute. */
export function postgresWatcher(database: Reopened, { now, emit }: Watching): Watcher {
  let most = 0;
  const lives = new ServerLives();
  return {
    name: 'postgres activity',
    everyMs: 60_000,
    async sample() {
      const [row] = await database.rows(activity);
      if (!row) throw new Error('the database told nothing of itself');
      const limit = Number(row.most);
      if (limit > 0 && limit !== most) {
        most = limit;
        emit({
          kind: 'limit',
          series: 'postgres.connections',
          labels: { service: 'postgres' },
          atMs: now(),
          value: limit,
          from: 'max_connections without those reserved',
        });
      }
      const labels = { service: 'postgres', life: lives.of(row) };
      const of = (series: string, column: string, unit = '1'): Sample => ({
        series,
        unit,
        labels,
        value: Number(row[column]),
      });
      return [
        { series: 'process.up', unit: '1', labels, value: 1 },
        of('postgres.connections', 'connections'),
        of('postgres.deadlocks', 'deadlocks'),
        of('postgres.temp', 'temp_bytes', 'By'),
        of('postgres.rollbacks', 'rollbacks'),
        of('postgres.waiting', 'waiting'),
        of('postgres.transaction.oldest', 'oldest_s', 's'),
      ].filter(({ value }) => Number.isFinite(value));
    },
    close: () => database.close(),
  };
}

/** SQLSTATE classes: not allowed or not there; not in this state, as on a standby. */
const mayNot = /^(42|55)/;

/** Size, dead rows and statements: what costs the database something to tell. */
export function postgresSizesWatcher(database: Reopened, { environment, now, emit }: Watching): Watcher {
  let told = false;
  let withStatements = true;
  let before: ReadonlyMap<string, number> | null = null;
  let walQueries = [walFiles, walOfSlots];
  const labels = { service: 'postgres' };
  return {
    name: 'postgres sizes',
    everyMs: 300_000,
    async sample() {
      const { diskBytes } = environment.watch;
      if (diskBytes !== null && !told) {
        told = true;
        emit({
          kind: 'limit',
          series: 'postgres.disk',
          labels,
          atMs: now(),
          value: diskBytes,
          from: 'watch.diskBytes',
        });
      }
      const [size] = await database.rows(sizes);
      const walBytes = await keptWal();
      const tables = await database.rows(dead);
      const bytes = {
        series: diskBytes === null ? 'postgres.size' : 'postgres.disk',
        unit: 'By',
        labels,
        value: Number(size?.bytes) + walBytes,
      };
      return [bytes, ...bloatSince(tables), ...(withStatements ? await statementsOf() : [])];
    },
  };

  /** Of all tables together the one counts that was as bad before: small ones take turns between two vacuums. */
  function bloatSince(tables: readonly Row[]): Sample[] {
    const shares = new Map(tables.map((row) => [String(row.name), shareOf(row)]));
    const last = before ?? shares;
    before = shares;
    return bloatOf(
      new Map([...shares].map(([name, share]) => [name, { share, stays: Math.min(share, last.get(name) ?? 0) }])),
    );
  }

  /** Bytes; the way that this role may not ask is not tried again. */
  async function keptWal(): Promise<number> {
    const [query, ...others] = walQueries;
    if (query === undefined) return 0;
    try {
      const [row] = await database.rows(query);
      return Math.max(0, Number(row?.bytes) || 0);
    } catch (error) {
      if (!(error instanceof DatabaseFailure) || !mayNot.test(error.code ?? '')) throw error;
      walQueries = others;
      if (others.length === 0)
        emit({ kind: 'unmet', check: 'soak.db.disk', assertion: 'WAL', needs: 'a role with pg_monitor in database' });
      return keptWal();
    }
  }

  /** The extension may be missing, or not for us: that is asked once. */
  async function statementsOf(): Promise<Sample[]> {
    try {
      const [row] = await database.rows(statements);
      const calls = Number(row?.calls);
      return Number.isFinite(calls) && calls > 0
        ? [{ series: 'postgres.statement.mean', unit: 'ms', labels, value: Number(row?.ms) / calls }]
        : [];
    } catch {
      withStatements = false;
      return [];
    }
  }
}

const shareOf = ({ dead: gone, live }: Row): number => Number(gone) / (Number(gone) + Number(live));

/** A database without a table of any size has no bloat to speak of; that was looked at too. */
function bloatOf(tables: ReadonlyMap<string, { readonly share: number; readonly stays: number }>): Sample[] {
  const sample = (table: string, value: number): Sample => ({
    series: 'postgres.bloat',
    unit: '1',
    labels: { service: 'postgres', table },
    value,
  });
  const most = [...tables.values()].reduce((worst, { stays }) => Math.max(worst, stays), 0);
  return [sample('the worst table', most), ...[...tables].map(([name, { share }]) => sample(name, share))];
}
