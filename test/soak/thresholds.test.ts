import { describe, expect, test } from 'vitest';
import { Random } from '../../bench/soak/random.ts';
import { SaturationFold } from '../../verdict/soak/saturation.ts';
import { alertDelays, alertRules, GaugeBreaches, ShareBreaches } from '../../verdict/soak/thresholds.ts';

const minute = 60_000;
const everyMinute = (minutes: number) => Array.from({ length: minutes }, (_, i) => i * minute);

function gauge(values: (atMs: number) => number, times = everyMinute(120)) {
  const fold = new GaugeBreaches(alertRules['redis.memory']);
  for (const at of times) fold.add(at, values(at));
  return fold.end();
}

describe('a gauge', () => {
  test('below its threshold breaches nothing', () => expect(gauge(() => 0.75)).toEqual([]));

  test('above it for one sample breaches nothing', () => {
    expect(gauge((at) => (at === 30 * minute ? 1 : 0.5))).toEqual([]);
  });

  test('above it to stay is called within five minutes', () => {
    const [breach, ...more] = gauge((at) => (at >= 30 * minute ? 0.9 : 0.5));
    expect(breach).toMatchObject({ fromMs: 30 * minute, toMs: null, worst: 0.9 });
    expect(breach!.calledAtMs - breach!.fromMs).toBeLessThanOrEqual(5 * minute);
    expect(more).toEqual([]);
  });

  test('back below is over, and one sample below is not', () => {
    const breaches = gauge((at) => (at >= 30 * minute && at < 60 * minute && at !== 40 * minute ? 0.9 : 0.5));
    expect(breaches).toMatchObject([{ fromMs: 30 * minute, toMs: 60 * minute }]);
  });

  test('is not bridged over a gap', () => {
    expect(gauge(() => 0.9, [0, 10 * minute, 20 * minute, 30 * minute])).toEqual([]);
  });
});

/** 10-second windows at a rate, `late` of them over the threshold. */
function share(perSecond: number, late: (atMs: number) => number, minutes = 60, seed = 1) {
  const random = new Random(seed);
  const fold = new ShareBreaches(alertRules['api.errors']);
  for (let at = 0; at < minutes * minute; at += 10_000) {
    const n = Math.round(perSecond * 10);
    let k = 0;
    for (let i = 0; i < n; i++) if (random.uniform() < late(at)) k += 1;
    fold.add({ fromMs: at, toMs: at + 10_000, n, k });
  }
  return fold.end();
}

describe('a share of errors', () => {
  test.each([100, 8, 0.5])('of 3 %% breaches nothing at %d requests a second, in six hours', (perSecond) => {
    for (let seed = 1; seed <= 3; seed++) expect(share(perSecond, () => 0.03, 360, seed)).toEqual([]);
  });

  test.each([
    { perSecond: 100, errors: 1 },
    { perSecond: 100, errors: 0.1 },
    { perSecond: 8, errors: 0.2 },
    { perSecond: 1, errors: 0.5 },
  ])('of $errors at $perSecond a second is called within five minutes', ({ perSecond, errors }) => {
    const [breach] = share(perSecond, (at) => (at >= 30 * minute ? errors : 0.001));
    expect(breach!.calledAtMs - 30 * minute).toBeLessThanOrEqual(5 * minute);
    expect(breach!.fromMs).toBeGreaterThanOrEqual(25 * minute);
    expect(breach!.toMs).toBeNull();
  });

  test('that falls again is over', () => {
    const breaches = share(100, (at) => (at >= 20 * minute && at < 30 * minute ? 0.5 : 0));
    expect(breaches).toHaveLength(1);
    expect(breaches[0]!.toMs! - 30 * minute).toBeLessThanOrEqual(2 * minute);
  });
});

test('an alert that came late, and one that never came', () => {
  const breach = { fromMs: 100_000, calledAtMs: 220_000, toMs: 400_000, worst: 1 };
  expect(alertDelays([breach], [50_000, 104_000, 300_000], 60_000)[0]!.delayMs).toBe(4000);
  expect(alertDelays([breach], [50_000, 900_000], 60_000)[0]!.delayMs).toBeNull();
});

describe('a bounded resource', () => {
  const fold = (value: (atMs: number) => number, limit = 100) => {
    const saturation = new SaturationFold({ limit, most: 0.8 });
    for (const at of everyMinute(60)) saturation.add(at, value(at));
    return saturation.look();
  };

  test.each([
    { name: 'half used', value: () => 50, kind: 'ample' },
    { name: 'briefly high', value: (at: number) => (at === minute ? 95 : 50), kind: 'ample' },
    { name: 'high for a while', value: (at: number) => (at < 10 * minute ? 85 : 50), kind: 'high' },
    { name: 'used up for a while', value: (at: number) => (at < 10 * minute ? 100 : 50), kind: 'exhausted' },
  ])('$name is $kind', ({ value, kind }) => expect(fold(value).kind).toBe(kind));

  test('without a limit is undecided', () => expect(fold(() => 50, 0).kind).toBe('undecided'));
});
