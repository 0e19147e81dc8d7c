import { describe, expect, test } from 'vitest';
import { serial, simulateCell, underLoad } from '../../bench/verdict/simulator.ts';
import { bursts, lateShare, lognormal } from '../../bench/verdict/streams.ts';

/** A part of bench/verdict/simulation.ts, seeded: what may not happen once in thousands may not happen in these either. */
const streams = [1, 10, 50].flatMap((tau) => [
  { tau, name: 'lognormal 0.25', kind: (ratio: number) => lognormal(0.25, ratio, tau) },
  { tau, name: 'lognormal 0.5', kind: (ratio: number) => lognormal(0.5, ratio, tau) },
  { tau, name: 'lognormal 1', kind: (ratio: number) => lognormal(1, ratio, tau) },
  { tau, name: 'bursts', kind: (ratio: number) => bursts(ratio, tau) },
]);

describe('with optional stopping', () => {
  test.each(streams)('$name, τ $tau: none of 60 runs passes at 1.10 × or fails at 0.90 × the limit', ({ kind }) => {
    expect(simulateCell(underLoad(180, 8), kind(1.1), 60, 11).passed).toBe(0);
    expect(simulateCell(underLoad(180, 8), kind(0.9), 60, 12).failed).toBe(0);
  });

  test('1 % late passes by 1 000 samples in at least 97 % of 200 runs, serially and under load', () => {
    expect(simulateCell(serial(1000), lateShare(0.01, 1), 200, 13).passed).toBeGreaterThanOrEqual(194);
    expect(simulateCell(underLoad(125, 8), lateShare(0.01, 1), 200, 14).passed).toBeGreaterThanOrEqual(194);
  });

  test('20 % late fails by 200 serial samples in at least 95 % of 200 runs, and by 1 000 under load in 99 %', () => {
    expect(simulateCell(serial(200), lateShare(0.2, 1), 200, 15).failed).toBeGreaterThanOrEqual(190);
    expect(simulateCell(underLoad(125, 8), lateShare(0.2, 1), 200, 16).failed).toBeGreaterThanOrEqual(198);
  });

  test('the printed interval holds the true share in at least 99 % of 300 runs', () => {
    expect(simulateCell(serial(400), lateShare(0.04, 1), 300, 17).covered).toBeGreaterThanOrEqual(297);
  });

  test('the same seed gives the same run', () => {
    const run = () => simulateCell(underLoad(100, 8), bursts(1.1, 10), 10, 18);
    expect(run()).toEqual(run());
  });
});
