import { describe, expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import { judge } from '../../verdict/judge.ts';
import type { AssertionVerdict } from '../../verdict/types.ts';
import { bad, good, plan, record, run, timed, windows } from './records.ts';

const only = (entries: Parameters<typeof judge>[0]): AssertionVerdict => judge(entries).checks[0]!.assertions[0]!;
const many = (count: number, value: number) => Array.from({ length: count }, () => value);

describe('the buckets of a distribution', () => {
  const health = (ms: readonly (number | 'lost')[]) =>
    only(record(plan('a.b', ['latency'], { targets: { latency: 'T-health' } }), timed('a.b', 'latency', ms)));

  test.each([
    ['all under the limit, close to it', Array.from({ length: 200 }, (_, i) => 3 + (i * 46.9) / 199)],
    ['on both sides', Array.from({ length: 200 }, (_, i) => 2 + i)],
    ['a single value', [12]],
    ['on the limit itself', [49.999, 50, 50.001]],
    ['all far over it', [900, 1000, 40_000]],
  ])('%s: none lies across the limit, and exactly the late ones are over it', (_, ms) => {
    const { buckets } = health(ms).distribution!;
    const over = buckets.filter(({ from }) => from >= 50);
    expect(buckets.filter(({ from, to }) => from < 50 && to > 50)).toEqual([]);
    expect(over.reduce((total, { count }) => total + count, 0)).toBe(ms.filter((each) => each >= 50).length);
    expect(buckets.reduce((total, { count }) => total + count, 0)).toBe(ms.length);
    expect(buckets.length).toBeLessThanOrEqual(50);
  });
  test('what was never answered stands behind the quantile, not in it', () => {
    expect(health([...many(97, 12), 'lost', 'lost', 'lost']).observed).toBe(
      'P95 12 ms; 3 of 100 never answered rightly',
    );
    expect(health(many(20, 12)).observed).toBe('P95 12 ms');
  });
});

describe('a share', () => {
  const errors = (seconds: number, each: number, lost = 0) =>
    only(
      record(
        plan('load.users', ['T-errors'], { targets: { 'T-errors': 'T-errors' } }),
        windows('load.users', 'T-errors', seconds, () => ({
          good: each,
          ...(lost > 0 && { lost: { timeout: lost } }),
        })),
      ),
    );

  test('says what is counted', () => expect(errors(70, 200, 3).expected).toBe('errors < 0.1 %'));
  test('never speaks in powers of ten', () => {
    const row = errors(100, 200_000);
    expect(row.status).toBe('pass');
    expect(row.why).toBe('below 0.001 % of 20 000 000 attempts were bad (0.1 % allowed)');
  });
  test('next to nothing bounds nothing from below', () => {
    expect(errors(70, 1).why).toMatch(/^at most [\d.]+ % of 70 attempts,.* were bad/);
  });
});

describe('a broken promise', () => {
  const looks = (...entries: readonly Entry[]) => only(record(plan('a.b', ['x']), ...entries));
  const wrong = bad('a.b', 'x', 'it answered 500', { expected: '200 with data', observed: '500' });

  test('how often, and what was promised', () => {
    const row = looks(wrong, wrong, wrong);
    expect(row.why).toBe('broken 3 of 3 times: it answered 500, first 0.2 s into the run');
    expect(row.expected).toBe('200 with data');
  });
  test('looked at once, it is simply broken', () =>
    expect(looks(wrong).why).toBe('broken: it answered 500, first 0.2 s into the run'));
  test('a good look tells the promise as well as a bad one', () =>
    expect(looks(good('a.b', 'x', { expected: '404' }), bad('a.b', 'x', 'it did not')).expected).toBe('404'));
});

test.each([
  [['e2e', 'security'], 'pass: 1 of 1 checks hold; e2e and security are not built yet'],
  [['soak'], 'pass: 1 of 1 checks hold; soak is not built yet'],
])('the headline names %s as what nobody built', (notBuilt, headline) => {
  const [, ...others] = record(plan('a.b', ['x']), good('a.b', 'x'));
  expect(judge([{ ...run, notBuilt }, ...others]).headline).toBe(headline);
});
