import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { endings, tellEnd } from '../../cli/soak/endings.ts';
import { ours } from '../../cli/soak/opened.ts';
import type { Entry } from '../../record/entries.ts';
import { outside } from '../../record/stretches.ts';
import { hour, judged, planned, rowOf, slots, soakRun } from './records.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function started(leftMs: number) {
  let reason: string | null = null;
  const stop = {
    signal: new AbortController().signal,
    reason: () => reason,
    stop: (why: string) => {
      reason = reason ?? why;
    },
    release: () => undefined,
  };
  const ending = endings(leftMs, { segmentMs: null }, stop);
  const gap = (fromMs: number, toMs: number) => ending.tell(ours('gap', fromMs, toMs, 'away', false));
  const entries: Entry[] = [];
  const recording = {
    emit: (entry: Entry) => void entries.push(entry),
    full: () => null,
    close: async () => undefined,
  };
  const told = () => {
    tellEnd(stop, ending, { now: () => leftMs, origin: '0' }, recording);
    return entries.at(-1)!.kind;
  };
  return { gap, told, isOver: () => reason !== null };
}

describe('the end of a soak', () => {
  test('comes when its length is covered', async () => {
    const soak = started(10_000);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(soak.isOver()).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(soak.isOver()).toBe(true);
    expect(soak.told()).toBe('end');
  });

  test('is put off by gaps of ours, once where two overlap', async () => {
    const soak = started(10_000);
    await vi.advanceTimersByTimeAsync(6_000);
    soak.gap(1_000, 4_000);
    soak.gap(2_000, 5_000);
    await vi.advanceTimersByTimeAsync(7_000);
    expect(soak.isOver()).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(soak.isOver()).toBe(true);
    expect(soak.told()).toBe('end');
  });

  test('a gap that is told when it is over leaves it open to be gone on with', async () => {
    const soak = started(10_000);
    await vi.advanceTimersByTimeAsync(11_000);
    soak.gap(8_000, 10_000);
    expect(soak.isOver()).toBe(true);
    expect(soak.told()).toBe('ours');
  });

  test('comes after twice the length where the network never comes back', async () => {
    const soak = started(10_000);
    for (let atMs = 1_000; !soak.isOver() && atMs < 60_000; atMs += 1_000) {
      await vi.advanceTimersByTimeAsync(1_000);
      soak.gap(atMs - 1_000, atMs);
    }
    expect(soak.isOver()).toBe(true);
    expect(soak.told()).toBe('ours');
  });
});

test('what lies outside of other stretches', () => {
  const others = [
    { fromMs: 2, toMs: 4 },
    { fromMs: 6, toMs: 8 },
  ];
  expect(outside({ fromMs: 0, toMs: 10 }, others)).toEqual([
    { fromMs: 0, toMs: 2 },
    { fromMs: 4, toMs: 6 },
    { fromMs: 8, toMs: 10 },
  ]);
  expect(outside({ fromMs: 2, toMs: 3 }, others)).toEqual([]);
  expect(outside({ fromMs: 4, toMs: 6 }, others)).toEqual([{ fromMs: 4, toMs: 6 }]);
});

describe('a soak with gaps', () => {
  const away = (fromHours: number, toHours: number): Entry =>
    ours('gap', fromHours * hour, toHours * hour, 'away', false);
  const answered = (entry: Entry, gaps: readonly (readonly [number, number])[]) =>
    !gaps.some(([from, to]) => 'dueMs' in entry && entry.dueMs! >= from * hour && entry.dueMs! < to * hour);

  test('covers its length where two gaps overlap, and its slots are those of the length', () => {
    const gaps = [
      [10, 12],
      [11, 13],
    ] as const;
    const entries = slots(51).filter((entry) => answered(entry, gaps));
    const uptime = planned('soak.uptime', ['T-uptime', 'T-soak']);
    const report = judged(soakRun(48), [uptime, ...entries, away(10, 12), away(11, 13)], 'preparation');
    expect(report.soak!.coveredHours).toBeCloseTo(48, 2);
    expect(rowOf(report, 'soak.uptime', 'T-uptime').status).toBe('pass');
  });

  test('of nights: nine tenths of the time were gaps, and one lost slot is one of all that were sent', () => {
    const gaps = [0, 1, 2].map((night) => [night * 24 + 2, night * 24 + 24] as const);
    const down = (tHours: number) => (tHours >= 25 && tHours < 25 + 5 / 3600 ? 'refused' : null);
    const entries = slots(74, down).filter((entry) => answered(entry, gaps));
    const report = judged(
      soakRun(8),
      [planned('soak.uptime', ['T-uptime']), ...entries, ...gaps.map(([from, to]) => away(from, to))],
      'preparation',
    );
    expect(rowOf(report, 'soak.uptime', 'T-uptime')).toMatchObject({ status: 'pass', samples: 8 * 720 });
  });
});
