/** What a series stands for. A series that is not in this table is shown beside the others and judged by nothing. */
export interface Role {
  readonly check: string;
  /** What a person calls it; `SERVICE` is filled in. */
  readonly name: string;
  readonly kind: 'level' | 'counter' | 'share';
  /**
   * Added to every value before its trend is judged, in the unit of the series: a pool that grows from 2 to 3 has grown
   * by half and by nothing that matters. 0 for what is large by nature.
   */
  readonly grain: number;
  /** The unit of its grain, where it may also be told as a share of its limit. */
  readonly unit?: 'By';
  /** The share of its limit it may be used up to; null: only running out is a breach. */
  readonly most: number | null;
  /** It is expected to grow (a database stores what users write): growth fails only where it reaches the limit too soon. */
  readonly grows?: true;
  /** Of a share: what it must not stay above. */
  readonly above?: number;
  /** Of a share: what it may rise to and fall from again; above it a rise is one that nobody ends. */
  readonly rises?: number;
  /** Of a level: it is handed out, and once it is used up whoever asks is refused, for however short a time. */
  readonly pool?: true;
}

const memory = { check: 'soak.memory.SERVICE', kind: 'level' } as const;
const level = (check: string, name: string, grain: number, most: number | null = null): Role => ({
  check,
  name,
  kind: 'level',
  grain,
  most,
});

export const roles: Readonly<Record<string, Role>> = {
  'process.memory': { ...memory, name: 'SERVICE', grain: 0, most: null },
  'process.heap': { ...memory, name: 'SERVICE heap', grain: 0, most: null },
  'process.fds': { ...memory, name: 'SERVICE open files', grain: 20, most: 0.8 },
  'process.threads': { ...memory, name: 'SERVICE threads', grain: 20, most: null },
  'harness.memory': { ...memory, name: 'harness', grain: 0, most: null },
  'process.cpu': level('soak.cpu.SERVICE', 'SERVICE', 0.1, 0.9),
  'postgres.connections': { ...level('soak.db.connections', 'connections', 10), pool: true },
  'postgres.disk': { ...level('soak.db.disk', 'disk', 0, 0.8), grows: true },
  'postgres.deadlocks': { check: 'soak.db.deadlocks', name: 'deadlocks', kind: 'counter', grain: 0, most: null },
  // Left alone, vacuum comes when a fifth of a table is dead.
  'postgres.bloat': {
    check: 'soak.db.bloat',
    name: 'bloat',
    kind: 'share',
    grain: 0.1,
    most: null,
    above: 0.5,
    rises: 0.3,
  },
  'redis.memory': { ...level('soak.redis.memory', 'memory', 16 * 2 ** 20, 0.75), unit: 'By' },
  'redis.evictions': { check: 'soak.redis.evictions', name: 'evictions', kind: 'counter', grain: 0, most: null },
  'redis.clients': { ...level('soak.redis.clients', 'clients', 10, 0.9), pool: true },
  'redis.rejected': { check: 'soak.redis.clients', name: 'rejected', kind: 'counter', grain: 0, most: null },
  'redis.streams': level('soak.redis.streams', 'streams', 100),
  'redis.stream.length': level('soak.redis.streams', 'length', 1000),
  'redis.stream.pending': level('soak.redis.streams', 'pending', 100),
};

/** The load beside which every series is judged, in requests a second. */
export const loadSeries = 'harness.load';

/** Present, with value 1, while the deployment's own notifications could be read. */
export const alertsSeries = 'alerts.watched';

/** Present while a service's log could be read: how many lines it has written. */
export const logSeries = 'log.lines';
/** How large it is: a log that is empty may be the wrong file. */
export const logBytesSeries = 'log.bytes';
/** Stretches of it that could not be read: too much at once, or cut short. */
export const lostSeries = 'log.lost';

/** 1 while the process is there, 0 when it is surely not. */
export const upSeries = 'process.up';
