import fc from 'fast-check';
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { buffersFor, effectOf, floorFrom, underLoad } from '../../bench/verdict/simulator.ts';
import { designEffect, dyadicEffect } from '../../verdict/autocorrelation.ts';
import { Batches } from '../../verdict/batches.ts';
import { decodeBins } from '../../verdict/histogram.ts';
import { Spread } from '../../verdict/spread.ts';

const batch = (n: number, late: number) => ({ n, late, levels: [], counts: [] });

test('the design effect needs sixteen batches', () => {
  expect(designEffect(Array(15).fill(batch(8, 1)), 'errors-only')).toBeNull();
  expect(designEffect(Array(16).fill(batch(8, 1)), 'errors-only')).toBe(1);
});

test('the design effect is 1 when nothing ever went wrong, or everything did', () => {
  expect(designEffect(Array(100).fill(batch(8, 0)), 'errors-only')).toBe(1);
  expect(designEffect(Array(100).fill(batch(8, 8)), 'errors-only')).toBe(1);
});

test('the design effect is about the length of a burst, when errors come in bursts', () => {
  const bursty = Array.from({ length: 4096 }, (_, i) => batch(1, i % 512 < 32 ? 1 : 0));
  expect(designEffect(bursty, 'errors-only')).toBeGreaterThan(20);
  const even = Array.from({ length: 4096 }, (_, i) => batch(1, i % 16 === 0 ? 1 : 0));
  expect(designEffect(even, 'errors-only')).toBeLessThan(1.1);
});

test('correlation below the target is seen too, in the quantiles of the run', () => {
  const slowAndFast = Array.from({ length: 256 }, (_, i) => ({
    n: 1,
    late: 0,
    levels: [i % 64 < 24 ? 200 : 100 + ((i * 7) % 11)],
    counts: [1],
  }));
  expect(designEffect(slowAndFast, 'errors-only')).toBe(1);
  expect(designEffect(slowAndFast, 'own-quantiles')).toBeGreaterThan(5);
});

test('the design effect agrees with a slow rival that regroups by hand', () => {
  const window = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(fc.array(window, { minLength: 16, maxLength: 90 }), (pairs) => {
      const of = pairs.map(([n]) => n);
      const late = pairs.map(([n, part]) => Math.round(n * part));
      expect(dyadicEffect(Float64Array.from(late), Float64Array.from(of))).toBeCloseTo(slowEffect(late, of), 9);
    }),
    { seed: 3, numRuns: 200 },
  );
});

function slowEffect(late: number[], of: number[]): number {
  let most = 1;
  for (let size = 1; Math.floor(late.length / size) >= 16; size *= 2) {
    const groups = Array.from({ length: Math.floor(late.length / size) }, (_, g) => ({
      k: late.slice(g * size, (g + 1) * size).reduce((a, b) => a + b, 0),
      n: of.slice(g * size, (g + 1) * size).reduce((a, b) => a + b, 0),
    }));
    const n = groups.reduce((a, g) => a + g.n, 0);
    const p = groups.reduce((a, g) => a + g.k, 0) / n;
    if (p === 0 || p === 1) continue;
    const seen = groups.reduce((a, g) => a + (g.k - p * g.n) ** 2, 0) / (groups.length - 1);
    most = Math.max(most, seen / ((p * (1 - p) * n) / groups.length));
  }
  return most;
}

test('the simulator counts as the verdict does', () => {
  const plan = underLoad(64, 8);
  const buffers = buffersFor(plan);
  const values = Array.from({ length: 512 }, (_, i) => (((i >> 5) * 37 + i * 11) % 64) / 16 - 3);
  buffers.values.set(values);
  values.forEach((value, i) => {
    if (value >= 0) buffers.late[Math.floor(i / 8)]! += 1;
  });
  const batches = Array.from({ length: 64 }, (_, w) => {
    const of = values.slice(w * 8, w * 8 + 8);
    // Levels of the verdict are above zero; the simulator's are logarithms of latency / limit.
    return { n: 8, late: of.filter((v) => v >= 0).length, levels: of.map((v) => v + 4), counts: of.map(() => 1) };
  });
  const floor = (quickest: number): number => 4 + floorFrom(quickest - 4);
  expect(effectOf(plan, buffers, 64)).toBeCloseTo(designEffect(batches, 'own-quantiles', floor)!, 9);
});

test('a run of any length keeps at most 4096 batches and loses no sample', () => {
  const batches = new Batches();
  for (let i = 0; i < 20_000; i++) batches.add(3, i % 7 === 0 ? 1 : 0, [{ low: i % 50, high: i % 50, count: 3 }], 0);
  expect(batches.all.length).toBeLessThanOrEqual(4096);
  const n = batches.all.reduce((total, each) => total + each.n, 0);
  expect(n).toBeGreaterThan(20_000 * 3 - 3 * 8);
  expect(new Set(batches.all.map((each) => each.n)).size).toBe(1);
});

test('a decoded bucket says the whole range of values it stands for', () => {
  const histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: 6e7, numberOfSignificantValueDigits: 3 });
  for (const value of [0, 7, 2047, 50_000, 50_001, 1_000_000]) histogram.recordValue(value);
  const bins = decodeBins(encodeIntoCompressedBase64(histogram));
  expect(bins.reduce((n, { count }) => n + count, 0)).toBe(6);
  expect(bins.find(({ low, high }) => low <= 5e4 && 5e4 <= high)).toEqual({ low: 49_984, high: 50_015, count: 2 });
  expect(bins[1]).toEqual({ low: 7, high: 7, count: 1 });
});

test('a histogram that cannot be read is an error with a name', () => {
  expect(() => decodeBins('bm90IG9uZQ==')).toThrow(/cannot be read/);
});

test('quantiles agree with sorting, lost ones being slower than everything', () => {
  const values = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 200 });
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 50 }), share, (all, lost, q) => {
      const spread = new Spread();
      for (const value of all) spread.add(value, value, 1);
      spread.lost = lost;
      const sorted = all.toSorted((a, b) => a - b);
      expect(spread.quantile(q)).toBe(sorted[Math.max(1, Math.ceil(q * (all.length + lost) - 1e-9)) - 1] ?? null);
    }),
    { seed: 4, numRuns: 200 },
  );
});
