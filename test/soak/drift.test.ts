import { describe, expect, test } from 'vitest';
import { Random } from '../../bench/soak/random.ts';
import { judgeDrift, judgeHours, type LatencyHour } from '../../verdict/soak/drift.ts';

/** Hours of 28 800 answers; the share of slow ones wanders a little by itself. */
function hours(
  count: number,
  slow: (hour: number) => number,
  load?: (hour: number) => number,
  seed = 1,
): LatencyHour[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, hour) => {
    const share = Math.min(1, Math.max(0, slow(hour) + 0.02 * random.normal()));
    const lowerQuartileMs = 20 * Math.exp(0.1 * random.normal());
    const seen = { hour, n: 28_800, k: 100, slow: Math.round(28_800 * share), lowerQuartileMs };
    return { ...seen, ...(load ? { load: load(hour) } : {}) };
  });
}

describe('latency', () => {
  test.each([
    { name: 'that stays', slow: () => 0.25, count: 48, kind: 'steady' },
    { name: 'that grows slowly', slow: (h: number) => 0.25 + 0.008 * h, count: 48, kind: 'drift' },
    { name: 'that grows fast', slow: (h: number) => 0.25 + 0.04 * h, count: 14, kind: 'drift' },
    { name: 'that steps at hour 20', slow: (h: number) => (h < 20 ? 0.25 : 0.6), count: 48, kind: 'level-shift' },
    { name: 'seen for five hours', slow: () => 0.25, count: 5, kind: 'undecided' },
    { name: 'that gets better', slow: (h: number) => 0.5 - 0.005 * h, count: 48, kind: 'steady' },
  ])('$name is $kind', ({ slow, count, kind }) => {
    expect(judgeDrift(hours(count, slow)).kind).toBe(kind);
  });

  test('that follows the load is steady', () => {
    const load = (h: number) => 100 * (1 + 0.5 * Math.sin((2 * Math.PI * (h - 6)) / 48));
    expect(judgeDrift(hours(24, (h) => 0.05 + 0.002 * load(h), load)).kind).toBe('steady');
  });

  test('does not drift in any of 500 healthy runs', () => {
    const kinds = Array.from({ length: 500 }, (_, seed) => judgeDrift(hours(48, () => 0.25, undefined, seed + 1)).kind);
    expect(kinds.filter((kind) => kind !== 'steady')).toEqual([]);
  }, 180_000);
});

test('each hour is held against the target by itself', () => {
  const seen = [0, 0.01, 0.05, 0.08].map((late, hour) => ({ hour, n: 10_000, k: 10_000 * late, slow: 0 }));
  expect(judgeHours([...seen, { hour: 4, n: 0, k: 0, slow: 0 }], 0.05, 1, 5).map(({ status }) => status)).toEqual([
    'held',
    'held',
    'undecided',
    'broken',
    'undecided',
  ]);
});
