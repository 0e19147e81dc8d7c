import { openRedis, type Redis } from '../redis.ts';
import type { Sample, Watcher, Watching } from './types.ts';

/** Streams that are named in series of their own; names come and go with sessions, so there must be an end to them. */
const mostNamed = 10;
const namedFrom = 1000;
const mostStreams = 2000;
/** Of a thousand keys each; many short questions hold up nobody, and take a second or two together. */
const mostRounds = 1000;

/** Memory, clients, evictions, and whether it is still the same process. */
export function redisWatcher(url: string, watching: Watching): Watcher {
  const { now, emit } = watching;
  const told = new Map<string, number>();
  const redis = reopened(url, watching);
  let isNamed = true;
  const tellUnnamed = () => {
    const detail = 'its INFO holds no run_id, so nobody can say whether it restarted';
    if (isNamed) emit({ kind: 'note', what: 'watching redis', detail, unseen: 'redis' });
    isNamed = false;
  };
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
        if (!info.get('run_id')) tellUnnamed();
        return [...samplesOf(info), ...expiryOf(info, await longestTtl(open))];
      }),
    close: async () => redis.close(),
  };
}

function samplesOf(info: ReadonlyMap<string, string>): Sample[] {
  // What stands before Redis may leave out which one it is; then nobody can say that it was the same throughout.
  const life = info.get('run_id');
  const labels = { service: 'redis', ...(life ? { life } : {}) };
  const of = (series: string, field: string, unit = '1'): Sample => ({
    series,
    unit,
    labels,
    value: Number(info.get(field) ?? Number.NaN),
  });
  return [
    { series: 'process.up', unit: '1', labels, value: life ? 1 : Number.NaN },
    of('redis.memory', 'used_memory', 'By'),
    of('redis.rss', 'used_memory_rss', 'By'),
    of('redis.clients', 'connected_clients'),
    of('redis.evictions', 'evicted_keys'),
    of('redis.rejected', 'rejected_connections'),
    of('redis.blocked', 'blocked_clients'),
    of('redis.fragmentation', 'mem_fragmentation_ratio'),
  ].filter(({ value }) => Number.isFinite(value));
}

/** Keys that are asked at each look how long they live: taken at random, so that in time the longest is among them. */
const asked = 100;

/** Milliseconds; 0: none of them expires, or it may not be asked. */
async function longestTtl(open: Redis): Promise<number> {
  const some = Array.from({ length: asked }, () => open.ask('RANDOMKEY'));
  const keys = await Promise.all(some).catch((): unknown[] => []);
  const distinct = [...new Set(keys.filter((key): key is string => typeof key === 'string'))];
  return Math.max(0, ...(await Promise.all(distinct.map((key) => ttlOf(open, key))).catch(() => [])));
}

/** At most 0: it does not expire, or is gone. */
const ttlOf = async (open: Redis, key: string): Promise<number> => Number(await open.ask('PTTL', key));

function expiryOf(info: ReadonlyMap<string, string>, ttlMs: number): Sample[] {
  const expiring = sum(
    [...info].filter(([name]) => /^db\d+$/.test(name)).map(([, text]) => Number(/expires=(\d+)/.exec(text)?.[1] ?? 0)),
  );
  const labels = { service: 'redis' };
  return [
    { series: 'redis.keys.expiring', unit: '1', labels, value: expiring },
    ...(ttlMs > 0 ? [{ series: 'redis.ttl', unit: 'ms', labels: { ...labels, of: 'keys' }, value: ttlMs }] : []),
  ];
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
        const { keys, isWhole } = await streamsOf(open);
        const lengths = await each(keys, async (key) => Number(await open.ask('XLEN', key)));
        const pending = await each(keys, (key) => pendingOf(open, key));
        const ttls = await each(keys, (key) => ttlOf(open, key));
        const streams = keys.map((key, i) => ({ key, length: lengths[i]!, pending: pending[i]!, ttlMs: ttls[i]! }));
        return [...streamSamples(streams, named), ...(isWhole ? [] : [unread])];
      }),
    close: async () => redis.close(),
  };
}

const unread: Sample = { series: 'redis.streams.unread', unit: '1', labels: { service: 'redis' }, value: 1 };

interface Stream {
  readonly key: string;
  readonly length: number;
  readonly pending: number;
  /** At most 0: it stays. */
  readonly ttlMs: number;
}

const withExpiry = { expiry: 'with an expiry' } as const;

/** Those that stay and those that expire apart: the latter gather until the first of them go. */
function streamSamples(streams: readonly Stream[], named: Set<string>): Sample[] {
  const staying = streams.filter(({ ttlMs }) => ttlMs <= 0);
  const expiring = streams.filter(({ ttlMs }) => ttlMs > 0);
  for (const { key, length } of streams) if (length >= namedFrom && named.size < mostNamed) named.add(key);
  const ttlMs = Math.max(0, ...expiring.map((stream) => stream.ttlMs));
  return [
    ...togetherOf(staying, {}),
    ...(expiring.length > 0 ? togetherOf(expiring, withExpiry) : []),
    ...(ttlMs > 0
      ? [{ series: 'redis.ttl', unit: 'ms', labels: { service: 'redis', of: 'streams' }, value: ttlMs }]
      : []),
    ...streams
      .filter(({ key }) => named.has(key))
      .map((stream) => sampleOf('redis.stream.length', stream.key, stream.length, stream.ttlMs > 0 ? withExpiry : {})),
  ];
}

function togetherOf(streams: readonly Stream[], more: Readonly<Record<string, string>>): Sample[] {
  const lengths = streams.map(({ length }) => length);
  return [
    { series: 'redis.streams', unit: '1', labels: { service: 'redis', ...more }, value: streams.length },
    sampleOf('redis.stream.length', 'all streams', sum(lengths), more),
    sampleOf('redis.stream.length', 'the longest stream', Math.max(0, ...lengths), more),
    sampleOf('redis.stream.pending', 'all streams', sum(streams.map(({ pending }) => pending)), more),
  ];
}

const sampleOf = (series: string, stream: string, value: number, more: Readonly<Record<string, string>>): Sample => ({
  series,
  unit: '1',
  labels: { service: 'redis', stream, ...more },
  value,
});

async function streamsOf(redis: Redis): Promise<{ readonly keys: readonly string[]; readonly isWhole: boolean }> {
  const found = new Set<string>();
  let cursor = '0';
  for (let round = 0; round < mostRounds; round++) {
    const answer = await redis.ask('SCAN', cursor, 'COUNT', 1000, 'TYPE', 'stream');
    const [next, keys] = Array.isArray(answer) ? answer : ['0', []];
    for (const key of Array.isArray(keys) ? keys : []) found.add(String(key));
    cursor = String(next);
    if (cursor === '0' || found.size > mostStreams) break;
  }
  return { keys: [...found].slice(0, mostStreams), isWhole: cursor === '0' && found.size <= mostStreams };
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
