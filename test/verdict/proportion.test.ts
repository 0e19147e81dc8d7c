import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decide,
  furtherSamples,
  interval,
  lnEnough,
  lnEnoughToFail,
  lnEvidenceAbove,
  lnEvidenceBelow,
} from '../../verdict/proportion.ts';
import { fairTail, furtherRuns, medianRanks, signTest } from '../../verdict/signtest.ts';

interface Golden {
  readonly eValues: readonly { k: number; n: number; p0: number; below: number | null; above: number | null }[];
  readonly fairTails: readonly { k: number; n: number; tail: number }[];
}
const golden = JSON.parse(readFileSync(new URL('../../bench/verdict/golden.json', import.meta.url), 'utf8')) as Golden;

test('evidence agrees with SciPy and forty-digit arithmetic, in the deepest tails too', () => {
  for (const { k, n, p0, below, above } of golden.eValues) {
    const tolerance = 1e-11 * n + 1e-10;
    const found = [lnEvidenceBelow({ k, n }, p0), lnEvidenceAbove({ k, n }, p0)] as const;
    if (below !== null) expect(Math.abs(found[0] - below), `below ${k} of ${n} at ${p0}`).toBeLessThan(tolerance);
    if (above !== null) expect(Math.abs(found[1] - above), `above ${k} of ${n} at ${p0}`).toBeLessThan(tolerance);
    expect(found.every(Number.isFinite)).toBe(true);
  }
});

test.each([
  { late: 0, fewest: 158, p0: 0.05 },
  { late: 1, fewest: 223, p0: 0.05 },
  { late: 2, fewest: 272, p0: 0.05 },
  { late: 0, fewest: 8069, p0: 0.001 },
  { late: 1, fewest: 11_363, p0: 0.001 },
])('$late bad of $fewest is the first pass at $p0', ({ late, fewest, p0 }) => {
  expect(decide({ k: late, n: fewest }, p0, lnEnough)).toBe('pass');
  expect(decide({ k: late, n: fewest - 1 }, p0, lnEnough)).toBe('undecided');
});

test('nothing is decided from nothing', () => {
  expect(decide({ k: 0, n: 0 }, 0.05, lnEnough)).toBe('undecided');
  expect(interval({ k: 0, n: 0 }, lnEnough)).toEqual([0, 1]);
});

test('failing takes more evidence the more targets are judged, passing does not', () => {
  const counts = { k: 20, n: 100 };
  expect(decide(counts, 0.05, lnEnoughToFail(1))).toBe('fail');
  expect(decide(counts, 0.05, lnEnoughToFail(1000))).toBe('undecided');
  expect(decide({ k: 0, n: 158 }, 0.05, lnEnoughToFail(1000))).toBe('pass');
});

test('the interval is the deciding one: it excludes the allowed share exactly when the verdict is decided', () => {
  const share = fc.double({ min: 0.002, max: 0.5, noNaN: true });
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), part, share, (n, of, p0) => {
      const counts = { k: Math.floor(of * n), n };
      const [low, high] = interval(counts, lnEnough);
      const decision = decide(counts, p0, lnEnough);
      expect(low).toBeLessThanOrEqual(counts.k / n);
      expect(high).toBeGreaterThanOrEqual(counts.k / n);
      if (Math.abs(high - p0) > 1e-9) expect(decision === 'pass').toBe(high < p0);
      if (Math.abs(low - p0) > 1e-9) expect(decision === 'fail').toBe(low > p0);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test.each([0.05, 0.2])('at a true share of %d evidence is worth 1 on average, by summing over every outcome', (p0) => {
  const n = 60;
  let below = 0;
  let above = 0;
  let chance = (1 - p0) ** n;
  for (let k = 0; k <= n; k++) {
    below += chance * Math.exp(lnEvidenceBelow({ k, n }, p0));
    above += chance * Math.exp(lnEvidenceAbove({ k, n }, p0));
    chance *= ((n - k) / (k + 1)) * (p0 / (1 - p0));
  }
  expect(below).toBeCloseTo(1, 9);
  expect(above).toBeCloseTo(1, 9);
});

test('the number of further samples is the first that decides', () => {
  const share = fc.double({ min: 0, max: 0.3, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), share, (n, of) => {
      const counts = { k: of * n, n };
      const outlook = furtherSamples(counts, 0.05, lnEnough);
      if (decide(counts, 0.05, lnEnough) !== 'undecided' || !outlook) return;
      const after = (m: number) => decide({ k: counts.k + of * m, n: n + m }, 0.05, lnEnough);
      expect(after(outlook.further)).toBe(outlook.towards);
      if (outlook.further > 1) expect(after(outlook.further - 1)).toBe('undecided');
    }),
    { seed: 2, numRuns: 200 },
  );
});

test('at the limit itself no number of further samples is promised', () => {
  expect(furtherSamples({ k: 5, n: 100 }, 0.05, lnEnough)).toBeNull();
});

test('the sign test agrees with SciPy', () => {
  for (const { k, n, tail } of golden.fairTails) expect(fairTail(k, n)).toBeCloseTo(tail, 12);
});

test.each([
  { good: 10, bad: 0, status: 'pass' },
  { good: 9, bad: 0, status: 'undecided' },
  { good: 13, bad: 1, status: 'pass' },
  { good: 12, bad: 1, status: 'undecided' },
  { good: 0, bad: 10, status: 'fail' },
  { good: 0, bad: 9, status: 'undecided' },
  { good: 0, bad: 0, status: 'undecided' },
])('a median with $good runs under the value and $bad over: $status', ({ good, bad, status }) => {
  expect(signTest(good, bad)).toBe(status);
});

test('the sign test says how many more runs would decide', () => {
  expect(furtherRuns(5, 0)).toBe(5);
  expect(furtherRuns(10, 0)).toBe(0);
});

test.each([
  { n: 1, ranks: [1, 1] },
  { n: 5, ranks: [1, 5] },
  { n: 6, ranks: [1, 6] },
  { n: 9, ranks: [2, 8] },
  { n: 10, ranks: [2, 9] },
  { n: 20, ranks: [6, 15] },
])('the 95 % interval of the median of $n runs lies between ranks $ranks', ({ n, ranks }) => {
  expect(medianRanks(n)).toEqual(ranks);
});
