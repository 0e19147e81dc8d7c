import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { alertRuleNames } from '../../environment/alert-rules.ts';
import { knownKeys } from '../../environment/load.ts';
import { alertsWatcher } from '../../probes/watch/alerts.ts';
import type { Entry } from '../../record/entries.ts';
import { ruleNames } from '../../verdict/soak/alerts.ts';
import { merged } from '../../verdict/soak/thresholds.ts';
import { soon, watching } from '../watch/watching.ts';
import { hour, judged, limit, planned, rowOf, series, soakRun } from './records.ts';

const quiet = { noise: 0 } as const;
const row = (entries: readonly Entry[], name: string) =>
  rowOf(judged(soakRun(3), [planned('soak.alerts'), ...entries]), 'soak.alerts', name);

const connections = (service: string, value: (tHours: number) => number, from = 'health', more = {}) =>
  series('realtime.connections', 3, value, { ...quiet, labels: { service, from, ...more } });

describe('several sources of one threshold', () => {
  test.each([
    { name: 'one above and one far below', one: 1500, other: 10, crossed: true },
    { name: 'together above', one: 600, other: 600, crossed: true },
    { name: 'together below', one: 400, other: 400, crossed: false },
  ])('connections of two realtime servers, $name: $crossed', ({ one, other, crossed }) => {
    const entries = [
      ...connections('realtime-1', (t) => (t >= 1 ? one : 10)),
      ...connections('realtime-2', (t) => (t >= 1 ? other : 10)),
    ];
    expect(row(entries, 'realtime.connections').observed).toBe(
      crossed ? 'crossed: WebSocket connections > 1 000 from hour 1.0' : 'never crossed',
    );
  });

  test('two tellers of one server count once', () => {
    const entries = [...connections('realtime', () => 600), ...connections('realtime', () => 600, 'metrics')];
    expect(row(entries, 'realtime.connections').observed).toBe('never crossed');
  });

  test('a server that is gone leaves its users where they went', () => {
    const entries = [
      ...connections('realtime-1', () => 600).filter((entry) => entry.kind === 'sample' && entry.atMs < hour),
      ...connections('realtime-2', (t) => (t >= 1 ? 900 : 300)),
    ];
    expect(row(entries, 'realtime.connections').observed).toBe('never crossed');
  });

  test('one of two media servers is away, the other is not', () => {
    const up = (instance: string, value: (tHours: number) => number) =>
      series('livekit.up', 3, value, { ...quiet, labels: { service: 'livekit', instance } });
    const entries = [...up('a', () => 1), ...up('b', (t) => (t >= 2 ? 0 : 1))];
    expect(row(entries, 'livekit.down').observed).toBe('crossed: LiveKit down from hour 2.0');
  });

  test('breaches that overlap are one', () => {
    const breach = (fromMs: number, toMs: number | null) => ({ fromMs, calledAtMs: fromMs + 2, toMs, worst: fromMs });
    expect(merged([breach(5, 20), breach(1, 10), breach(30, null)])).toEqual([
      { fromMs: 1, calledAtMs: 3, toMs: 20, worst: 5 },
      breach(30, null),
    ]);
  });
});

describe('notifications that could not be read', () => {
  const full = [
    limit('redis.memory', 100, 'maxmemory'),
    ...series('redis.memory', 3, (t) => (t > 2 && t < 2.5 ? 90 : 20), quiet),
  ];

  test('when a threshold was crossed swallow nothing', () => {
    const read = series('alerts.watched', 1.5, () => 1, quiet);
    expect(row([...full, ...read], 'redis.memory')).toMatchObject({
      status: 'undecided',
      why: expect.stringContaining('the alerts could not be read at hour 2.0'),
    });
  });

  test('long before do not excuse it', () => {
    const read = series('alerts.watched', 1.5, () => 1, { ...quiet, from: 1.5 });
    expect(row([...full, ...read], 'redis.memory').status).toBe('fail');
  });
});

describe('an alert of a name that nobody knows', () => {
  const full = [
    limit('redis.memory', 100, 'maxmemory'),
    ...series('redis.memory', 3, (t) => (t > 1 && t < 1.5 ? 90 : 20), quiet),
  ];
  const watched = (named?: string) =>
    series('alerts.watched', 3, () => 1, { ...quiet, labels: named ? { named } : {} });
  const told = (rule: string, atMs: number): Entry => {
    return { kind: 'event', what: 'notified', service: 'alerts', atMs, detail: rule, rule };
  };
  const high = (atMs: number) => told('RedisMemoryHigh', atMs);

  test.each([
    {
      name: 'in time',
      more: [...watched(), high(hour + 62_000)],
      status: 'undecided',
      why: 'is called RedisMemoryHigh',
    },
    { name: 'an hour before', more: [...watched(), high(hour / 10)], status: 'fail', why: 'no alert came for it' },
    {
      name: 'in time, where the name of this one is said to be another',
      more: [...watched('livekit.down redis.memory'), high(hour + 62_000)],
      status: 'fail',
      why: 'no alert came for it',
    },
    {
      name: 'in time, where the name of another one is said',
      more: [...watched('livekit.down'), high(hour + 62_000)],
      status: 'undecided',
      why: 'watch.alertRules would decide',
    },
    {
      name: 'in time, where this one has been told by its name before',
      more: [...watched(), high(hour + 62_000), told('redis.memory', 0)],
      status: 'fail',
      why: 'no alert came for it',
    },
    {
      name: 'of another threshold',
      more: [...watched(), told('livekit.down', hour + 62_000)],
      status: 'fail',
      why: '',
    },
  ])('$name: $status', ({ more, status, why }) => {
    expect(row([...full, ...more], 'redis.memory')).toMatchObject({ status, why: expect.stringContaining(why) });
  });

  test('has the name that the environment file gives it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sd-alerts-'));
    const file = join(folder, 'alerts.ndjson');
    writeFileSync(file, '');
    const rules = 'alertRules: { redis.memory: RedisMemoryHigh, livekit.down: MediaGone }';
    const around = watching(`api: { url: "http://localhost:1" }\nwatch: { alerts: "${file}", ${rules} }`);
    const watcher = alertsWatcher(file, around);
    appendFileSync(file, '{"rule":"RedisMemoryHigh","state":"firing"}\n{"rule":"Other"}\n');
    const [sample] = await watcher.sample(soon);
    await watcher.close?.();
    rmSync(folder, { recursive: true, force: true });
    expect(around.emitted.map((entry) => entry.kind === 'event' && entry.rule)).toEqual(['redis.memory', 'Other']);
    expect(sample?.labels?.named).toBe('livekit.down redis.memory');
  });

  test('and the names of ours are those of the environment file', () => {
    expect([...ruleNames].sort()).toEqual([...alertRuleNames].sort());
    expect(knownKeys(['watch', 'alertRules']).toSorted()).toEqual([...alertRuleNames].sort());
  });
});

describe('an alert that lasts', () => {
  const between = (t: number, from: number, to: number) => t > from && t < to;
  const twice = [
    limit('redis.memory', 100, 'maxmemory'),
    ...series('redis.memory', 3, (t) => (between(t, 0.5, 1) || between(t, 1.5, 2) ? 90 : 20), quiet),
    ...series('alerts.watched', 3, () => 1, quiet),
  ];
  const told = (what: 'notified' | 'resolved', atMs: number, more: object = {}): Entry => {
    return { kind: 'event', what, service: 'alerts', atMs, detail: 'd', rule: 'redis.memory', ...more };
  };
  const first = told('notified', hour / 2 + 61_000, { lasts: true });

  test('and still fires tells of what comes again in it', () => {
    expect(row([...twice, first], 'redis.memory')).toMatchObject({ status: 'pass', samples: 2 });
  });

  test('and is over tells of nothing after that', () => {
    const entries = [...twice, first, told('resolved', 1.2 * hour)];
    expect(row(entries, 'redis.memory').why).toContain('no alert came for 1 of 2 times');
  });

  test('is none where nobody says when one is over', () => {
    const moment = told('notified', hour / 2 + 61_000);
    expect(row([...twice, moment], 'redis.memory').why).toContain('no alert came for 1 of 2 times');
  });
});

test('a log of which a stretch could not be read is undecided, and one with a critical line fails all the same', () => {
  const api = { ...quiet, labels: { service: 'api' } };
  const entries = [
    ...series('log.lines', 3, (t) => 10 * t, api),
    ...series('log.lost', 1, () => 1, { ...api, from: 2 }),
  ];
  const critical: Entry = { kind: 'event', what: 'critical', service: 'api', atMs: hour, detail: 'FATAL' };
  const status = (more: readonly Entry[]) =>
    rowOf(judged(soakRun(3), [planned('soak.critical'), ...entries, ...more]), 'soak.critical', 'logs api').status;
  expect(status([])).toBe('undecided');
  expect(status([critical])).toBe('fail');
});

describe('a media server that is away', () => {
  const up = (value: (tHours: number) => number) =>
    series('livekit.up', 3, value, { ...quiet, labels: { service: 'livekit' } });
  const media = (entries: readonly Entry[]) =>
    rowOf(judged(soakRun(3), [planned('soak.critical'), ...entries]), 'soak.critical', 'media server');

  test.each([
    { name: 'never', of: () => 1, status: 'pass' },
    { name: 'for one look', of: (t: number) => (Math.round(t * 60) === 90 ? 0 : 1), status: 'pass' },
    { name: 'for an hour', of: (t: number) => (t > 1 && t < 2 ? 0 : 1), status: 'fail' },
    { name: 'to the end', of: (t: number) => (t > 1 ? 0 : 1), status: 'fail' },
    { name: 'always, so that perhaps somebody else answers', of: () => 0, status: 'undecided' },
  ])('$name: $status', ({ of, status }) => expect(media(up(of)).status).toBe(status));

  const sent = (lost: Record<string, number>): Entry[] =>
    Array.from({ length: 3 * 360 }, (_, i) => {
      const span = { fromMs: i * 10_000, toMs: (i + 1) * 10_000 };
      return { kind: 'window', check: 'soak.critical', assertion: 'answers', ...span, good: 100, lost };
    });
  test.each<{ readonly lost: Record<string, number> }>([
    { lost: { 'meeting-socket-error': 30, 'meeting-timeout': 9, 'socket-timeout': 9, 'not-let-in-close-1006': 9 } },
    { lost: { 'message-timeout': 30, 'not-connected': 9, 'close-1006': 9 } },
  ])('is no error of the API: $lost', ({ lost }) => {
    expect(row(sent(lost), 'api.errors').observed).toBe('never crossed');
  });
  test('but what the API did not answer is', () => {
    expect(row(sent({ timeout: 9, 'meeting-timeout': 9 }), 'api.errors').observed).toContain('crossed: API errors');
  });
});
