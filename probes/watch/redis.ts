import { openRedis, type Redis } from '../redis.ts';
import type { Sample, Watcher, Watching } from './types.ts';

/** Streams that are named in series of their own; names come and go with sessions, so there must be an end to them. */
const mostNamed = 10;
const namedFrom = 1000;
const mostStreams = 2000;
const mostRounds = 200;

/** Memory, clients, evictions, and whether it is still the same process. */
export function redisWatcher(url: string, watching: Watching): Watcher {
  const { now, emit } = watching;
  const told = new Map<string, number>();
  const redis = reopened(url, watching);
  const limit = (series: string, value: number, from: string) => {
    if (!(value > 0) || told.get(series) === value) return;
    told.set(series, value);
    emit({ kind: 'limit', series, labels: { service: 'redis' }, atMs: now(), value, from });
  };
  return {
    name: 'redis',
    everyMs: 60_000,
    sample: () =>
      redis.use(async (open) => {
        const info = await open.info('everything');
        limit('redis.memory', Number(info.get('maxmemory')), 'maxmemory');
        limit('redis.clients', Number(info.get('maxclients')), 'maxclients');
        return samplesOf(info);
      }),
    close: async () => redis.close(),
  };
}

function samplesOf(info: ReadonlyMap<string, string>): Sample[] {
  const labels = { service: 'redis', life: info.get('run_id') ?? '' };
  const of = (series: string, field: string, unit = '1'): Sample => ({
    series,
    unit,
    labels,
    value: Number(info.get(field) ?? Number.NaN),
  });
  return [
    { series: 'process.up', unit: '1', labels, value: 1 },
    of('redis.memory', 'used_memory', 'By'),
    of('redis.rss', 'used_memory_rss', 'By'),
    of('redis.clients', 'connected_clients'),
    of('redis.evictions', 'evicted_keys'),
    of('redis.rejected', 'rejected_connections'),
    of('redis.blocked', 'blocked_clients'),
    of('redis.fragmentation', 'mem_fragmentation_ratio'),
  ].filter(({ value }) => Number.isFinite(value));
}

/** How many streams there are, how long they are and how much of them is pending. */
export function redisStreamsWatcher(url: string, watching: Watching): Watcher {
  const named = new Set<string>();
  const redis = reopened(url, watching);
  return {
    name: 'redis streams',
    everyMs: 300_000,
    sample: () =>
      redis.use(async (open) => {
        const keys = await streamsOf(open);
        const lengths = await each(keys, async (key) => Number(await open.ask('XLEN', key)));
        const pending = await each(keys, (key) => pendingOf(open, key));
        return streamSamples(keys, lengths, pending, named);
      }),
    close: async () => redis.close(),
  };
}

function streamSamples(
  keys: readonly string[],
  lengths: readonly number[],
  pending: readonly number[],
  named: Set<string>,
): Sample[] {
  const of = (series: string, stream: string, value: number): Sample => ({
    series,
    unit: '1',
    labels: { service: 'redis', stream },
    value,
  });
  keys.forEach((key, i) => {
    if (lengths[i]! >= namedFrom && named.size < mostNamed) named.add(key);
  });
  return [
    { series: 'redis.streams', unit: '1', labels: { service: 'redis' }, value: keys.length },
    of('redis.stream.length', 'all streams', sum(lengths)),
    of('redis.stream.length', 'the longest stream', Math.max(0, ...lengths)),
    of('redis.stream.pending', 'all streams', sum(pending)),
    ...keys.flatMap((key, i) => (named.has(key) ? [of('redis.stream.length', key, lengths[i]!)] : [])),
  ];
}

async function streamsOf(redis: Redis): Promise<readonly string[]> {
  const found = new Set<string>();
  let cursor = '0';
  for (let round = 0; round < mostRounds; round++) {
    const answer = await redis.ask('SCAN', cursor, 'COUNT', 1000, 'TYPE', 'stream');
    const [next, keys] = Array.isArray(answer) ? answer : ['0', []];
    for (const key of Array.isArray(keys) ? keys : []) found.add(String(key));
    cursor = String(next);
    if (cursor === '0' || found.size >= mostStreams) break;
  }
  return [...found].slice(0, mostStreams);
}

/** Delivered and never acknowledged, and not delivered yet: what its readers are behind by. */
async function pendingOf(redis: Redis, key: string): Promise<number> {
  const groups = await redis.ask('XINFO', 'GROUPS', key);
  return sum((Array.isArray(groups) ? groups : []).map((group) => fieldOf(group, 'pending') + fieldOf(group, 'lag')));
}

function fieldOf(flat: unknown, name: string): number {
  const list = Array.isArray(flat) ? flat : [];
  const value = Number(list[list.indexOf(name) + 1] ?? 0);
  return list.includes(name) && Number.isFinite(value) ? value : 0;
}

/** A stream may be gone between two questions; whatever else goes wrong is no length of 0. */
function each(keys: readonly string[], ask: (key: string) => Promise<number>): Promise<number[]> {
  const asked = (key: string) =>
    ask(key).catch((error: unknown) => {
      if (error instanceof Error && /no such key/i.test(error.message)) return 0;
      throw error;
    });
  return Promise.all(keys.map(asked));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** A connection that is opened again after it was lost. */
function reopened(url: string, watching: Watching) {
  let open: Redis | null = null;
  const close = () => {
    open?.close();
    open = null;
  };
  return {
    close,
    async use<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
      open ??= await openRedis(url, watching);
      try {
        return await work(open);
      } catch (error) {
        close();
        throw error;
      }
    },
  };
}
