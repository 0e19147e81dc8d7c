import { Redis as Client, type RedisOptions as ClientOptions } from 'ioredis';
import { EgressRefused } from '../environment/egress.ts';
import { redisConnector } from '../environment/sockets.ts';
import type { Environment } from '../environment/types.ts';
import { inPlainWords } from './reach.ts';

/** What Redis did not do for us, in words that complete "failed because …". Never holds the address or a password. */
export class RedisFailure extends Error {
  /** The command, or a part of it, is not allowed to us or not known here: said by Redis itself. */
  readonly denied: boolean;
  constructor(because: string, denied = false) {
    super(because);
    this.denied = denied;
  }
}

/** One connection; every question throws a `RedisFailure` or answers. */
export interface Redis {
  ask(...command: readonly (string | number)[]): Promise<unknown>;
  /** A section of INFO as name → value. */
  info(section: string): Promise<ReadonlyMap<string, string>>;
  /** Up to `most` keys that match, found without stopping the others. */
  scan(pattern: string, most: number): Promise<readonly string[]>;
  close(): void;
}

/** What a connection needs to know of the run it belongs to; every `BodyContext` is one. */
export interface RedisVisit {
  readonly environment: Environment;
  readonly signal?: AbortSignal;
}

export async function openRedis(url: string, { environment, signal }: RedisVisit): Promise<Redis> {
  if (!URL.canParse(url)) throw new RedisFailure('its address in the environment file is not a URL');
  const client = new Client(url, clientOptions(environment));
  const heard: Heard = { last: null };
  client.on('error', (error: unknown) => {
    heard.last = error;
  });
  const cut = () => client.disconnect();
  signal?.addEventListener('abort', cut, { once: true });
  const close = () => {
    signal?.removeEventListener('abort', cut);
    cut();
  };
  try {
    await client.connect();
  } catch (error) {
    close();
    throw failure(heard.last ?? error, environment.timeoutMs);
  }
  return redis(client, heard, environment.timeoutMs, close);
}

/** A sign-in that is refused or never answered is told by an event, and the first question then only finds a closed connection. */
interface Heard {
  last: unknown;
}

function redis(client: Client, heard: Heard, timeoutMs: number, close: () => void): Redis {
  const ask: Redis['ask'] = async (name, ...rest) => {
    try {
      return await client.call(String(name), ...rest);
    } catch (error) {
      throw failure(isClosed(error) ? (heard.last ?? error) : error, timeoutMs);
    }
  };
  return {
    ask,
    info: async (section) => parseInfo(String(await ask('INFO', section))),
    scan: (pattern, most) => scan(ask, pattern, most),
    close,
  };
}

function clientOptions(environment: Environment): ClientOptions {
  const { timeoutMs } = environment;
  return {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // A retry would hide what we came to see.
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    connectionName: 'shakedown',
    disableClientInfo: true,
    Connector: redisConnector(environment),
  };
}

const parseInfo = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(/\r?\n/)
      .filter((line) => line.includes(':') && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );

/** Looks at a bounded number of keys, however large the key space. */
async function scan(ask: Redis['ask'], pattern: string, most: number): Promise<readonly string[]> {
  const found = new Set<string>();
  let cursor = '0';
  for (let round = 0; round < mostRounds; round += 1) {
    const answer = await ask('SCAN', cursor, 'MATCH', pattern, 'COUNT', 1_000);
    const [next, keys] = Array.isArray(answer) ? answer : ['0', []];
    for (const key of Array.isArray(keys) ? keys : []) found.add(String(key));
    cursor = String(next);
    if (cursor === '0' || found.size >= most) break;
  }
  return [...found].slice(0, most);
}

const mostRounds = 200;

/** A target that our own guard refused is not Redis's failure and stays what it is. */
function failure(error: unknown, timeoutMs: number): RedisFailure | EgressRefused {
  if (error instanceof RedisFailure || error instanceof EgressRefused) return error;
  const said = error instanceof Error ? error.message : String(error);
  const code = /^([A-Z]+)\b/.exec(said)?.[1] ?? '';
  if (code === 'WRONGPASS' || code === 'NOAUTH')
    return new RedisFailure('Redis turned the sign-in away: wrong user or password');
  if (code === 'NOPERM' || /^ERR unknown (sub)?command/i.test(said))
    return new RedisFailure(`Redis said: ${said}`, true);
  if (/^[A-Z]{2,} /.test(said)) return new RedisFailure(`Redis said: ${said}`);
  if (/timed out|timeout|ETIMEDOUT/i.test(said))
    return new RedisFailure(`Redis did not answer within ${timeoutMs / 1_000} s`);
  if (isClosed(error)) return new RedisFailure('Redis closed the connection');
  return new RedisFailure(`Redis ${inPlainWords(error, timeoutMs)}`);
}

const isClosed = (error: unknown): boolean => error instanceof Error && /closed|ended|writeable/i.test(error.message);
