import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ownTrouble } from '../../probes/own-network.ts';
import type { Entry, WindowEntry } from '../../record/entries.ts';
import { metronome } from '../../runners/soak/metronome.ts';
import { watchStillness } from '../../runners/soak/stillness.ts';
import { WindowFold } from '../../runners/soak/windows.ts';
import { dailyShare } from '../../suites/soak/background.ts';
import { isExpected } from '../../suites/soak/socket-limit.ts';
import { decodeBins } from '../../verdict/histogram.ts';
import { judge } from '../../verdict/judge.ts';

let atMs = 0;
const clock = { now: () => atMs, origin: '0' };
beforeEach(() => {
  atMs = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

/** Time goes on for timers and for the run's clock alike. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 10) {
    atMs += 10;
    await vi.advanceTimersByTimeAsync(10);
  }
}

describe('the metronome', () => {
  test('calls on the grid of the run, and a slow answer delays nobody', async () => {
    atMs = 1_234;
    const dues: number[] = [];
    const stop = new AbortController();
    metronome({ clock, everyMs: 500, signal: stop.signal, atOnce: 10, failed: () => undefined }, async (dueMs) => {
      dues.push(dueMs);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    });
    await pass(2_000);
    stop.abort();
    await pass(2_000);
    expect(dues).toEqual([1_500, 2_000, 2_500, 3_000]);
  });

  test('leaves out what was due while the process stood still, but for the latest', async () => {
    const dues: number[] = [];
    const stop = new AbortController();
    metronome({ clock, everyMs: 500, signal: stop.signal, atOnce: 10, failed: () => undefined }, async (dueMs) => {
      dues.push(dueMs);
    });
    await pass(600);
    atMs = 10_100;
    await pass(500);
    stop.abort();
    expect(dues).toEqual([0, 500, 10_500]);
  });
});

describe('standing still', () => {
  test('is a gap, and spoils what was timed across it alone', async () => {
    const gaps: [number, number][] = [];
    const stop = new AbortController();
    const stillness = watchStillness({
      clock,
      signal: stop.signal,
      wallNow: () => atMs,
      onGap: (fromMs, toMs) => gaps.push([fromMs, toMs]),
      onStep: () => undefined,
    });
    await pass(1_000);
    atMs = 61_000;
    await pass(100);
    stop.abort();
    expect(gaps).toHaveLength(1);
    expect(gaps[0]![0]).toBeGreaterThan(900);
    expect(gaps[0]![1]).toBeGreaterThanOrEqual(61_000);
    expect(stillness.disturbed(500, 2_000)).toBe(true);
    expect(stillness.disturbed(100, 800)).toBe(false);
  });

  test('is not a step of the wall clock, which is told as such', async () => {
    const steps: number[] = [];
    let wallMs = 0;
    const stop = new AbortController();
    const options = {
      clock,
      signal: stop.signal,
      onGap: () => expect.unreachable(),
      onStep: (by: number) => steps.push(by),
    };
    watchStillness({ ...options, wallNow: () => atMs + wallMs });
    await pass(500);
    wallMs = -3_600_000;
    await pass(500);
    stop.abort();
    expect(steps).toEqual([-3_600_000]);
  });
});

describe('windows', () => {
  test('hold what was due in them; what comes late is another window of the same stretch', () => {
    const out: WindowEntry[] = [];
    const emit = (entry: Entry) => void out.push(entry as WindowEntry);
    const fold = new WindowFold({ check: 'soak.latency', assertion: 'T-api', lengthMs: 8_000, emit });
    fold.answered(1_000, 1_001, 1_041);
    fold.lost(2_000, 'timeout');
    fold.answered(9_000, 9_000, 9_010);
    fold.flush(8_500);
    expect(out).toHaveLength(1);
    expect(out[0]).toMatchObject({ fromMs: 0, toMs: 8_000, lost: { timeout: 1 } });
    expect(decodeBins(out[0]!.histogram!)[0]!.low / 1_000).toBeCloseTo(41, 0);
    fold.answered(7_000, 7_000, 12_000);
    fold.take({ ...out[0]!, lost: {}, fromMs: 10_000, toMs: 11_000 });
    fold.flush(16_000);
    expect(
      out
        .slice(1)
        .map(({ fromMs }) => fromMs)
        .sort((a, b) => a - b),
    ).toEqual([0, 8_000]);
    const counted = out.flatMap(({ histogram }) => decodeBins(histogram!)).reduce((sum, { count }) => sum + count, 0);
    expect(counted).toBe(4);
  });
});

describe('whose fault it is', () => {
  test.each([
    { because: 'cannot be reached (no route to the network)', network: true, ours: true },
    { because: 'connect EADDRNOTAVAIL 10.0.0.1:443', network: true, ours: true },
    { because: 'its name does not resolve', network: true, ours: false },
    { because: 'its name does not resolve', network: false, ours: true },
    { because: 'refused the connection', network: false, ours: false },
    { because: 'no answer within 5 s', network: false, ours: false },
  ])('$because, network $network', ({ because, network, ours }) => {
    expect(ownTrouble(because, () => network) !== null).toBe(ours);
  });

  test.each([
    { name: 'at the limit', ageMs: 3_600_000, expected: true },
    { name: 'a second early', ageMs: 3_599_000, expected: true },
    { name: 'a minute early', ageMs: 3_540_000, expected: false },
    { name: 'a minute late', ageMs: 3_660_000, expected: false },
    { name: 'never let in', ageMs: null, expected: false },
  ])('a socket that ends $name', ({ ageMs, expected }) => {
    expect(isExpected({ ageMs, limitMs: 3_600_000 })).toBe(expected);
  });
});

test('a day is busiest in the afternoon and quiet at night', () => {
  expect(dailyShare(14)).toBeCloseTo(1);
  expect(dailyShare(2)).toBeCloseTo(0.2);
  expect(dailyShare(8)).toBeCloseTo(0.6);
});

describe('a full disk', () => {
  const run: Entry = {
    kind: 'run',
    schema: '1.1',
    id: 'r-1',
    environment: 'test',
    profile: 'preparation',
    suites: ['soak'],
    partial: true,
    harness: '1.0.0',
    startedAt: '2026-01-02T03:04:05.678Z',
    soak: { plannedMs: 60_000, slotMs: 5_000, timeScale: 1 },
  };
  const ours = (what: 'disk-full' | 'gap' | 'resumed', fromMs: number, toMs: number, spoils: boolean): Entry => {
    return { kind: 'ours', what, fromMs, toMs, detail: what, spoils };
  };
  const slots = (from: number, to: number): Entry[] =>
    Array.from({ length: (to - from) / 5_000 }, (_, i) => ({
      kind: 'measurement',
      check: 'soak.uptime',
      assertion: 'T-uptime',
      dueMs: from + i * 5_000,
      startMs: from + i * 5_000,
      ok: true,
    }));
  const before: Entry[] = [
    run,
    { kind: 'plan', check: 'soak.uptime', assertions: ['T-uptime'], targets: { 'T-uptime': 'T-uptime' } },
    ...slots(0, 30_000),
    ours('disk-full', 30_000, 30_000, true),
  ];

  test('makes a run invalid, and is a gap once it was made free and the run went on', () => {
    expect(judge(before).verdict).toBe('invalid');
    const after = [
      ours('gap', 30_000, 90_000, false),
      ours('resumed', 90_000, 90_000, false),
      ...slots(90_000, 120_000),
    ];
    const report = judge([...before, ...after, { kind: 'end', atMs: 120_000 }]);
    expect(report.verdict).toBe('pass');
  });
});
