import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { Entry, MeasurementEntry, OursEntry, PlanEntry, RunEntry, WindowEntry } from '../../record/entries.ts';

export const run: RunEntry = {
  kind: 'run',
  schema: '1.0',
  id: 'r-test',
  environment: 'test',
  profile: 'readiness',
  suites: ['smoke'],
  partial: false,
  harness: '1.0.0',
  startedAt: '2026-01-02T03:04:05.678Z',
};

export const end: Entry = { kind: 'end', atMs: 1_000_000 };

/** A whole record around the given entries. */
export const record = (...entries: readonly (Entry | readonly Entry[])[]): Entry[] => [
  run,
  ...(entries.flat() as Entry[]),
  end,
];

export const plan = (check: string, assertions: readonly string[], more: Partial<PlanEntry> = {}): PlanEntry => ({
  kind: 'plan',
  check,
  claim: `${check} keeps its promise`,
  assertions,
  ...more,
});

export const good = (check: string, assertion: string, more: object = {}): MeasurementEntry => ({
  kind: 'measurement',
  check,
  assertion,
  startMs: 100,
  ok: true,
  ...more,
});

export const bad = (check: string, assertion: string, because: string, more: object = {}): MeasurementEntry => ({
  kind: 'measurement',
  check,
  assertion,
  startMs: 200,
  ok: false,
  because,
  ...more,
});

/** Paced serial probes, 50 ms apart. */
export const timed = (check: string, assertion: string, tookMs: readonly (number | 'lost')[]): MeasurementEntry[] =>
  tookMs.map((took, i) => {
    const at = { dueMs: i * 50, startMs: i * 50 };
    return took === 'lost'
      ? bad(check, assertion, 'timeout', at)
      : good(check, assertion, { ...at, tookMs: Math.min(took, 1e6) });
  });

export const spoilt = (more: Partial<OursEntry>): OursEntry => ({
  kind: 'ours',
  what: 'generator-starved',
  fromMs: 0,
  toMs: 1000,
  detail: 'the processor was busy',
  spoils: true,
  ...more,
});

export function sketch(valuesMs: readonly number[]): string {
  const histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: 6e8, numberOfSignificantValueDigits: 3 });
  for (const value of valuesMs) histogram.recordValue(Math.round(value * 1000));
  return encodeIntoCompressedBase64(histogram);
}

/** One-second windows, each with the values the function gives. */
export const windows = (
  check: string,
  assertion: string,
  seconds: number,
  of: (second: number) => { ms?: readonly number[] } & Partial<WindowEntry>,
): WindowEntry[] =>
  Array.from({ length: seconds }, (_, i) => {
    const { ms, ...rest } = of(i);
    const histogram = ms ? { histogram: sketch(ms) } : {};
    return { kind: 'window', check, assertion, fromMs: i * 1000, toMs: (i + 1) * 1000, ...histogram, ...rest };
  });
