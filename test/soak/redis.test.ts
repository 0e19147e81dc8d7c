import { describe, expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import { checkOf, hour, judged, limit, planned, rowOf, series, slots, soakRun } from './records.ts';

const mib = 2 ** 20;
const redis = { labels: { service: 'redis' } };
const ttl = (of: 'keys' | 'streams', hours: number) =>
  series('redis.ttl', 1, () => hours * hour * 0.99, { noise: 0, unit: 'ms', labels: { service: 'redis', of } });
/** Grows until the first of them go. */
const gathering = (until: number, perHour: number, base: number) => (t: number) => base + perHour * Math.min(t, until);

function row(check: string, name: string, hours: number, entries: readonly Entry[]) {
  return rowOf(judged(soakRun(48), [planned(check), ...slots(hours), ...entries]), check, name);
}

describe('streams that expire', () => {
  const expiring = { service: 'redis', stream: 'all streams', expiry: 'with an expiry' };
  const name = 'length all streams with an expiry';
  const length = (hours: number, shape: (t: number) => number, labels: Record<string, string> = expiring) => [
    ...ttl('streams', 12),
    ...series('redis.stream.length', hours, shape, { labels }),
  ];

  test('gather until the first of them go: undecided, and what would decide it', () => {
    expect(row('soak.redis.streams', name, 12, length(12, gathering(12, 3_000, 500)))).toMatchObject({
      status: 'undecided',
      why: expect.stringContaining('data that expire may still gather'),
    });
  });

  test('and then stay as many: no leak', () => {
    expect(row('soak.redis.streams', name, 30, length(30, gathering(12, 3_000, 500))).status).not.toBe('fail');
  });

  test('and grow on after that: a leak', () => {
    expect(
      row(
        'soak.redis.streams',
        name,
        30,
        length(30, (t) => 500 + 3_000 * t),
      ).status,
    ).toBe('fail');
  });

  test('are none of those that stay, which leak at once', () => {
    const staying = { service: 'redis', stream: 'all streams' };
    const entries = length(12, (t) => 500 + 3_000 * t, staying);
    expect(row('soak.redis.streams', 'length all streams', 12, entries).status).toBe('fail');
  });
});

test('streams beyond those that are looked at leave the row open', () => {
  const entries = series('redis.stream.length', 12, () => 5_000, {
    labels: { service: 'redis', stream: 'all streams' },
  });
  const unread = series('redis.streams.unread', 1, () => 1, { ...redis, noise: 0 });
  const status = (more: readonly Entry[]) =>
    row('soak.redis.streams', 'length all streams', 12, [...entries, ...more]).status;
  expect(status([])).toBe('pass');
  expect(status(unread)).toBe('undecided');
});

describe('memory of Redis', () => {
  const bytes = (hours: number, shape: (t: number) => number) =>
    series('redis.memory', hours, (t) => shape(t) * mib, { ...redis, unit: 'By' });
  const bounded = limit('redis.memory', 256 * mib, 'maxmemory', { service: 'redis' });
  const memory = (hours: number, entries: readonly Entry[]) =>
    row('soak.redis.memory', 'memory', hours, [bounded, ...entries]);
  const keys = (hours: number, shape: (t: number) => number) => series('redis.keys.expiring', hours, shape, redis);

  test('that rises with keys of twelve hours is undecided until they go', () => {
    const entries = [...ttl('keys', 12), ...keys(10, (t) => 900 * t), ...bytes(10, gathering(12, 8, 4))];
    expect(memory(10, entries)).toMatchObject({
      status: 'undecided',
      why: expect.stringContaining('may still gather'),
    });
  });

  test('that rises while keys that expire stay as many is a leak at once', () => {
    const entries = [...ttl('keys', 12), ...keys(10, () => 900), ...bytes(10, gathering(12, 8, 4))];
    expect(memory(10, entries).status).toBe('fail');
  });

  test('that grows by a few MiB in all is none', () => {
    expect(
      memory(
        12,
        bytes(12, (t) => 2 + 0.02 * t),
      ).status,
    ).not.toBe('fail');
  });

  test('told as a share of its limit leaks as before', () => {
    const share = [
      limit('redis.memory', 1, 'a share', { service: 'redis', from: 'cloud' }),
      ...series('redis.memory', 12, (t) => 0.1 + 0.03 * t, { labels: { service: 'redis', from: 'cloud' } }),
    ];
    expect(row('soak.redis.memory', 'memory', 12, share).status).toBe('fail');
  });

  test('without a limit is not verified to be below 75 % of it', () => {
    const of = (more: readonly Entry[]) =>
      checkOf(
        judged(soakRun(48), [planned('soak.redis.memory'), ...slots(12), ...bytes(12, () => 20), ...more]),
        'soak.redis.memory',
      );
    expect(of([]).assertions).toMatchObject([
      { name: 'memory', status: 'pass' },
      { name: 'below 75 %', status: 'not-verified', needs: 'a maxmemory of Redis, or cloud.redis' },
    ]);
    expect(of([bounded]).status).toBe('pass');
  });
});
