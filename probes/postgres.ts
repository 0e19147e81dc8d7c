import { readFileSync } from 'node:fs';
import pg from 'pg';
import { authorities, EgressRefused } from '../environment/egress.ts';
import { databaseSocket } from '../environment/sockets.ts';
import type { Environment } from '../environment/types.ts';
import { inPlainWords } from './reach.ts';

/** What the database did not do for us, in words that complete "failed because …". Never holds the address or a password. */
export class DatabaseFailure extends Error {
  /** SQLSTATE, when the database itself said no. */
  readonly code: string | null;
  constructor(because: string, code: string | null = null) {
    super(because);
    this.code = code;
  }
}

export type Row = Readonly<Record<string, unknown>>;
export type Ask = (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

/** One connection. Everything asked of it throws a `DatabaseFailure` or answers. */
export interface Database {
  /** One question in a read-only transaction of its own, with time-outs the server knows. */
  readonly rows: Ask;
  /** A transaction that is always rolled back. */
  undone<T>(work: (ask: Ask) => Promise<T>, mode?: 'read only' | 'read write'): Promise<T>;
  /** Outside any transaction, as a pooled connection between two uses. */
  readonly bare: Ask;
  /** Several statements at once, and the rows of each. */
  readonly all: (text: string) => Promise<readonly (readonly Row[])[]>;
  /** How many rows a statement read, wrote or copied; several statements at once answer 0. */
  readonly affected: (text: string) => Promise<number>;
  close(): Promise<void>;
}

/** What a connection needs to know of the run it belongs to; every `BodyContext` is one. */
export interface DatabaseVisit {
  readonly environment: Environment;
  readonly signal?: AbortSignal;
}

export async function openDatabase(url: string, { environment, signal }: DatabaseVisit): Promise<Database> {
  const { timeoutMs } = environment;
  const socket = databaseSocket(environment);
  const client = new pg.Client({ ...clientConfig(url, environment), stream: () => socket });
  const cut = () => socket.destroy();
  // A connection that dies between two questions is told by the next question.
  client.on('error', () => undefined);
  signal?.addEventListener('abort', cut, { once: true });
  const release = () => signal?.removeEventListener('abort', cut);
  try {
    await client.connect();
  } catch (error) {
    release();
    cut();
    throw failure(error, timeoutMs);
  }
  return database(client, timeoutMs, async () => {
    release();
    await Promise.race([client.end().catch(() => undefined), pause(1_000)]);
    cut();
  });
}

function database(client: pg.Client, timeoutMs: number, close: () => Promise<void>): Database {
  const bare: Ask = async (text, values) => {
    try {
      return (await client.query<Row>(text, values ? [...values] : undefined)).rows;
    } catch (error) {
      throw failure(error, timeoutMs);
    }
  };
  const all: Database['all'] = async (text) => {
    try {
      const results = (await client.query<Row>(text)) as pg.QueryResult<Row> | pg.QueryResult<Row>[];
      return (Array.isArray(results) ? results : [results]).map(({ rows }) => rows);
    } catch (error) {
      throw failure(error, timeoutMs);
    }
  };
  const affected: Database['affected'] = async (text) => {
    try {
      return (await client.query(text)).rowCount ?? 0;
    } catch (error) {
      throw failure(error, timeoutMs);
    }
  };
  const undone: Database['undone'] = async (work, mode = 'read write') => {
    await bare(begin(mode, timeoutMs));
    try {
      return await work(bare);
    } finally {
      // A roll-back that fails belongs to a connection that is gone, and the transaction with it.
      await bare('rollback').catch(() => undefined);
    }
  };
  return {
    bare,
    all,
    affected,
    undone,
    rows: (text, values) => undone((ask) => ask(text, values), 'read only'),
    close,
  };
}

/** Set inside the transaction, because a pooler in front may refuse settings in the start-up message. */
const begin = (mode: string, timeoutMs: number): string =>
  `begin ${mode}; set local statement_timeout = ${Math.round(timeoutMs)}; set local lock_timeout = ${lockTimeoutMs}`;

/** A guest never makes the platform wait for a lock longer than this. */
const lockTimeoutMs = 200;

/** A client of one's own for what has to be written, on the same terms as every look: not connected yet, and its errors told by its promises alone. */
export function databaseClient(url: string, environment: Environment, queryTimeoutMs: number): pg.Client {
  const stream = () => databaseSocket(environment);
  const client = new pg.Client({ ...clientConfig(url, environment), query_timeout: queryTimeoutMs, stream });
  // A connection that is lost while idle would otherwise end the process.
  client.on('error', () => undefined);
  return client;
}

function clientConfig(url: string, environment: Environment): pg.ClientConfig {
  const address = parseUrl(url);
  const option = (name: string) => address.searchParams.get(name);
  const options = option('options');
  return {
    host: option('host') ?? decodeURIComponent(address.hostname.replace(/^\[|\]$/g, '')),
    port: Number(option('port') ?? (address.port || 5432)),
    user: decodeURIComponent(address.username),
    password: decodeURIComponent(address.password),
    database: decodeURIComponent(address.pathname.slice(1)) || decodeURIComponent(address.username),
    ssl: tlsOptions(option, authorities(environment)),
    ...(options !== null && { options }),
    application_name: 'shakedown',
    connectionTimeoutMillis: environment.timeoutMs,
    // Longer than the server's own time-out: a server that still answers shall say itself that it was too slow.
    query_timeout: environment.timeoutMs + 500,
    keepAlive: true,
  };
}

function parseUrl(url: string): URL {
  if (!URL.canParse(url)) throw new DatabaseFailure('its address in the environment file is not a URL');
  return new URL(url);
}

/** As libpq reads `sslmode`: `require` encrypts, and verifies all but the name where an authority is given. */
function tlsOptions(option: (name: string) => string | null, known: string[] | undefined): pg.ClientConfig['ssl'] {
  const mode = option('sslmode');
  if (mode === null || mode === 'disable' || mode === 'allow' || mode === 'prefer') return false;
  const root = option('sslrootcert') === 'system' ? null : contentOf(option('sslrootcert'));
  const ca = root === null ? known : [...(known ?? []), root];
  const [cert, key] = [contentOf(option('sslcert')), contentOf(option('sslkey'))];
  return {
    rejectUnauthorized: mode !== 'no-verify' && (mode !== 'require' || ca !== undefined),
    ...(ca && { ca }),
    ...(cert !== null && { cert }),
    ...(key !== null && { key }),
    ...(mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
  };
}

const contentOf = (path: string | null): string | null => (path === null ? null : readFileSync(path, 'utf8'));

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

const words: Readonly<Record<string, string>> = {
  '28P01': 'the database turned the sign-in away: wrong user or password',
  '28000': 'the database lets this role not in',
  '3D000': 'the database of that name does not exist',
  '53300': 'the database has no connection left for this role',
  '53200': 'the database is out of memory',
  '57P01': 'the database closed the connection: it is being shut down',
  '57P03': 'the database is starting up or shutting down',
  '57014': 'the database did not finish the statement in time',
  '55P03': `what was asked for is locked for longer than ${lockTimeoutMs} ms`,
};

/** A target that our own guard refused is not the database's failure and stays what it is. */
function failure(error: unknown, timeoutMs: number): DatabaseFailure | EgressRefused {
  if (error instanceof DatabaseFailure || error instanceof EgressRefused) return error;
  const said = error instanceof Error ? error.message : String(error);
  if (error instanceof pg.DatabaseError) {
    const code = error.code ?? null;
    return new DatabaseFailure(words[code ?? ''] ?? `the database said: ${said}`, code);
  }
  if (/timeout/i.test(said)) return new DatabaseFailure(`the database did not answer within ${timeoutMs / 1_000} s`);
  if (/terminated|not queryable|ended/i.test(said)) return new DatabaseFailure('the database closed the connection');
  return new DatabaseFailure(`the database ${inPlainWords(error, timeoutMs)}`);
}
