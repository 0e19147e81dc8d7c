import { expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import { Judging } from '../../verdict/judge.ts';
import { sketch } from '../verdict/records.ts';
import { inOrder, limit, planned, series, slots, soakRun, timeOf } from './records.ts';

/**
 * A breach is called within five minutes of being sustained, and 48 hours need not finish to fail: the record is replayed
 * an entry at a time to the judge, which looks once a minute, as it does beside a soak.
 */
const minute = 60_000;
/** What is above its threshold is sustained after two minutes. */
const sustained = 2 * minute;
const hours = 3;

const quiet = { noise: 0 } as const;
const api = { labels: { service: 'api' } };

function event(what: 'critical' | 'disconnect', atMs: number): Entry {
  return { kind: 'event', what, service: 'api', atMs, detail: 'it broke' };
}

/** A window a minute, at the rate of a soak's own probes. */
const everyMinute = (ms: (atMs: number, i: number) => number, perMinute = 30): Entry[] =>
  Array.from({ length: hours * 60 }, (_, i): Entry => {
    const [fromMs, toMs] = [i * minute, (i + 1) * minute];
    const histogram = sketch(Array.from({ length: perMinute }, (_, n) => ms(fromMs, n)));
    return { kind: 'window', check: 'soak.latency', assertion: 'T-api', fromMs, toMs, histogram };
  });

const answered = (lost: (atMs: number) => number): Entry[] =>
  Array.from({ length: hours * 60 }, (_, i): Entry => {
    const [fromMs, toMs] = [i * minute, (i + 1) * minute];
    const failed = lost(fromMs);
    const base = { kind: 'window', check: 'soak.critical', assertion: 'answers', fromMs, toMs } as const;
    return { ...base, good: 60 - failed, ...(failed > 0 ? { lost: { 'HTTP 500': failed } } : {}) };
  });

/** The first look, ms of the soak, at which the check fails; null: at none. */
function calledAtMs(check: string, entries: readonly Entry[], profile: string): number | null {
  const judging = new Judging({ profile });
  judging.add(soakRun(48));
  let lookAtMs = minute;
  for (const entry of inOrder(entries)) {
    for (; endOf(entry) > lookAtMs; lookAtMs += minute)
      if (judging.report().checks.find(({ id }) => id === check)?.status === 'fail') return lookAtMs;
    judging.add(entry);
  }
  return null;
}

/** When an entry is known: a window when it is over. */
const endOf = (entry: Entry): number => (entry.kind === 'window' ? entry.toMs : timeOf(entry));

const redisFull = [
  limit('redis.memory', 100, 'maxmemory'),
  ...series('redis.memory', hours, (t) => (t >= 1 ? 80 : 20), quiet),
];

test.each([
  {
    name: 'memory of Redis above its threshold',
    check: 'soak.redis.memory',
    breach: 60 * minute + sustained,
    entries: redisFull,
  },
  {
    name: 'connections used up',
    check: 'soak.db.connections',
    // Whoever asks while a pool is used up is refused: one look is enough.
    breach: 60 * minute,
    entries: [
      limit('postgres.connections', 100, 'max_connections'),
      ...series('postgres.connections', hours, (t) => (t >= 1 ? 100 : 20), quiet),
    ],
  },
  {
    name: 'an alert that is swallowed',
    check: 'soak.alerts',
    breach: 60 * minute + sustained,
    entries: [...redisFull, ...series('alerts.watched', hours, () => 1, quiet)],
  },
  {
    name: 'a restart',
    check: 'soak.restarts',
    breach: 60 * minute,
    entries: series('process.memory', hours, () => 1e8, { ...api, life: (t) => (t < 1 ? 'a' : 'b') }),
  },
  {
    name: 'a process that is gone',
    check: 'soak.restarts',
    breach: 60 * minute,
    entries: [
      ...series('process.memory', 1, () => 1e8, { ...api, life: () => 'a' }),
      ...series('process.up', hours - 1, () => 0, { ...api, ...quiet, from: 1 }),
    ],
  },
  {
    name: 'a deadlock',
    check: 'soak.db.deadlocks',
    breach: 60 * minute,
    entries: series('postgres.deadlocks', hours, (t) => (t >= 1 ? 1 : 0), quiet),
  },
  {
    name: 'an eviction',
    check: 'soak.redis.evictions',
    breach: 60 * minute,
    entries: series('redis.evictions', hours, (t) => (t >= 1 ? 1 : 0), quiet),
  },
  {
    name: 'a critical line',
    check: 'soak.critical',
    breach: 60 * minute,
    entries: [event('critical', 60 * minute), ...slots(hours)],
  },
  {
    name: 'a socket cut',
    check: 'soak.critical',
    breach: 60 * minute,
    entries: [event('disconnect', 60 * minute), ...slots(hours)],
  },
  {
    name: 'a server error',
    check: 'soak.critical',
    breach: 60 * minute,
    entries: answered((at) => (at === 60 * minute ? 1 : 0)),
  },
  {
    name: 'an outage of five minutes',
    check: 'soak.uptime',
    profile: 'preparation',
    breach: 60 * minute + sustained,
    entries: slots(hours, (t) => (t >= 1 && t < 1 + 1 / 12 ? 'refused' : null)),
  },
  {
    name: 'every answer late from the beginning of an hour',
    check: 'soak.latency',
    breach: 60 * minute,
    entries: everyMinute((at) => (at >= 60 * minute ? 900 : 20)),
  },
  {
    name: 'every answer late from the middle of an hour',
    check: 'soak.latency',
    breach: 90 * minute + sustained,
    entries: everyMinute((at) => (at >= 90 * minute ? 900 : 20)),
  },
])('$name is called within five minutes', ({ check, breach, entries, profile = 'readiness' }) => {
  const called = calledAtMs(check, [planned(check, ['holds']), ...entries], profile);
  expect(called).not.toBeNull();
  expect(called!).toBeGreaterThan(breach - sustained);
  expect(called! - breach).toBeLessThanOrEqual(5 * minute);
});

test('what is healthy is called at no look', () => {
  const checks = ['soak.redis.memory', 'soak.restarts', 'soak.latency', 'soak.uptime', 'soak.critical'];
  const entries = [
    limit('redis.memory', 100, 'maxmemory'),
    ...series('redis.memory', hours, () => 20),
    ...series('process.memory', hours, () => 1e8, { ...api, life: () => 'a' }),
    ...everyMinute((_, i) => 20 + i),
    ...answered(() => 0),
    ...slots(hours),
  ];
  for (const check of checks) expect(calledAtMs(check, [planned(check), ...entries], 'preparation'), check).toBeNull();
});
