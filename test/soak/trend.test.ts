import { describe, expect, test } from 'vitest';
import { judgeTrend, TrendFold } from '../../verdict/soak/trend.ts';
import { samples } from './series.ts';

describe('a series is', () => {
  test.each([
    { name: 'steady over two days', hours: 48, shape: () => 0, kind: 'steady' },
    { name: 'warming up in its first hour', hours: 1, shape: () => 0, kind: 'warming-up' },
    { name: 'undecided after three hours', hours: 3, shape: () => 0, kind: 'undecided' },
    { name: 'a leak of 5 % an hour after six hours', hours: 6, shape: (t: number) => 50 * t, kind: 'leak' },
    { name: 'a leak of 1 % an hour after a day', hours: 24, shape: (t: number) => 10 * t, kind: 'leak' },
    { name: 'shifted by 30 % at hour 10', hours: 20, shape: (t: number) => (t < 10 ? 0 : 300), kind: 'level-shift' },
    { name: 'undecided when it creeps by 0.3 % an hour', hours: 40, shape: (t: number) => 3 * t, kind: 'undecided' },
    { name: 'falling', hours: 24, shape: (t: number) => -5 * t, kind: 'steady' },
    {
      name: 'a cache that fills to twice its size',
      hours: 12,
      shape: (t: number) => 1000 * (1 - Math.exp(-t / 2.5)),
      kind: 'warming-up',
    },
  ])('$name', ({ hours, shape, kind }) => {
    expect(judgeTrend(samples(hours, shape)).kind).toBe(kind);
  });

  test('a leak when it rises without noise and without valleys, as a stream that is never trimmed', () => {
    expect(judgeTrend(samples(6, (t) => 100 * t, { noise: 0 })).kind).toBe('leak');
  });

  test('a leak when it begins on the second day', () => {
    const { kind, since } = judgeTrend(samples(44, (t) => 30 * Math.max(0, t - 24)));
    expect(kind).toBe('leak');
    expect(since).toBeGreaterThan(20);
  });

  test('undecided without a sample', () => {
    expect(judgeTrend([]).kind).toBe('warming-up');
    expect(new TrendFold().look().why).toContain('too few floors');
  });
});

describe('restarts', () => {
  const everyTwelve = (t: number) => `life ${Math.floor(t / 12)}`;

  test('hide no leak: the slope is shared by all lives', () => {
    const shape = (t: number) => 30 * (t % 12);
    const trend = judgeTrend(samples(48, shape, { instance: everyTwelve }));
    expect(trend).toMatchObject({ kind: 'leak', restarts: 3 });
  });

  test('join no levels: each life higher than the one before is no slope', () => {
    const shape = (t: number) => 100 * Math.floor(t / 12);
    expect(judgeTrend(samples(48, shape, { instance: everyTwelve })).kind).not.toBe('leak');
  });
});

describe("costly requests, each in one sample of a processor's time,", () => {
  const spiked = (hours: number, shape: (tHours: number) => number) =>
    samples(hours, shape).map((sample, i) => (i % 397 === 200 ? { ...sample, value: sample.value + 3000 } : sample));

  test('make no level shift of a leak: no floor moves with them', () => {
    expect(judgeTrend(spiked(12, (t) => 60 * t)).kind).toBe('leak');
  });

  test('hide no level shift', () => {
    expect(judgeTrend(spiked(20, (t) => (t < 10 ? 0 : 300))).kind).toBe('level-shift');
  });

  test('are no leak where nothing rises', () => {
    expect(judgeTrend(spiked(48, () => 0)).kind).toBe('steady');
  });
});

test('a gap of hours changes nothing about a steady series', () => {
  const series = samples(48, () => 0).filter(({ tHours }) => tHours < 20 || tHours > 26);
  expect(judgeTrend(series).kind).toBe('steady');
});

test('a level that moved while nobody looked is no leak', () => {
  const series = samples(30, (t) => (t < 13 ? 0 : 250)).filter(({ tHours }) => tHours < 10 || tHours > 16);
  expect(judgeTrend(series).kind).not.toBe('leak');
});

test('what follows the load is no leak', () => {
  const series = samples(30, () => 0).map((sample) => {
    const load = 100 * (1 + 0.3 * Math.sin((2 * Math.PI * (sample.tHours - 18)) / 24));
    return { ...sample, load, value: sample.value * (0.7 + 0.003 * load) };
  });
  expect(judgeTrend(series).kind).not.toBe('leak');
});

test('a leak is projected to its limit, and the band holds the truth', () => {
  const { projectedExhaustion, slopePerHour, band, why, calledAtHours } = judgeTrend(
    samples(10, (t) => 50 * t),
    { limit: 3000 },
  );
  expect(slopePerHour).toBeCloseTo(50, -1);
  expect(band[0]).toBeLessThan(50);
  expect(band[1]).toBeGreaterThan(50);
  expect(projectedExhaustion!.atHours).toBeCloseTo(30, -1);
  expect(projectedExhaustion!.from).toBeLessThan(30);
  expect(projectedExhaustion!.to).toBeGreaterThan(30);
  expect(calledAtHours).toBeLessThanOrEqual(7);
  expect(why).toMatch(/reaches its limit in \d+ h \(\d+ h to \d+ h\)/);
});

test('samples that are no numbers or out of order are not counted', () => {
  const series = samples(24, () => 0);
  const spoilt = series.flatMap((sample, i) =>
    i % 50 === 0
      ? [sample, { ...sample, value: Number.NaN }, { ...sample, tHours: sample.tHours - 1, value: 1e9 }]
      : [sample],
  );
  expect(judgeTrend(spoilt)).toEqual(judgeTrend(series));
});
