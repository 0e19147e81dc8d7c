import { Random } from '../../bench/soak/random.ts';
import type { Entry, RunEntry } from '../../record/entries.ts';
import { judge } from '../../verdict/judge.ts';
import type { AssertionVerdict, CheckVerdict, Report } from '../../verdict/types.ts';
import { run, sketch } from '../verdict/records.ts';

export const hour = 3_600_000;

export const soakRun = (hours: number, more: Partial<NonNullable<RunEntry['soak']>> = {}): RunEntry => ({
  ...run,
  schema: '1.1',
  suites: ['soak'],
  soak: { plannedMs: hours * hour, timeScale: 1, slotMs: 5000, ...more },
});

export const planned = (check: string, assertions: readonly string[] = ['holds']): Entry => ({
  kind: 'plan',
  check,
  claim: `${check} keeps its promise`,
  assertions,
});

/** A sample a minute of one series, with a little noise around what the shape says. */
export function series(
  name: string,
  hours: number,
  shape: (tHours: number) => number,
  of: {
    readonly labels?: Record<string, string>;
    readonly life?: (tHours: number) => string;
    readonly noise?: number;
    readonly unit?: string;
    readonly from?: number;
  } = {},
): Entry[] {
  const random = new Random(3);
  return Array.from({ length: Math.round(hours * 60) }, (_, i): Entry => {
    const tHours = (of.from ?? 0) + i / 60;
    const labels = { ...of.labels, ...(of.life ? { life: of.life(tHours) } : {}) };
    const value = shape(tHours) * (1 + (of.noise ?? 0.005) * random.normal());
    return { kind: 'sample', series: name, unit: of.unit ?? '1', labels, atMs: tHours * hour, value };
  });
}

export const limit = (name: string, value: number, from: string, labels: Record<string, string> = {}): Entry => ({
  kind: 'limit',
  series: name,
  labels,
  atMs: 0,
  value,
  from,
});

/** Windows of ten minutes, which is as good as ten seconds to the judge and quicker to make. */
export function answers(
  name: string,
  hours: number,
  ms: (tHours: number, i: number) => number,
  of: { readonly perWindow?: number; readonly lost?: (tHours: number) => number } = {},
): Entry[] {
  return Array.from({ length: hours * 6 }, (_, w): Entry => {
    const t = w / 6;
    const lost = of.lost?.(t) ?? 0;
    return {
      kind: 'window',
      check: 'soak.latency',
      assertion: name,
      fromMs: t * hour,
      toMs: (t + 1 / 6) * hour,
      histogram: sketch(Array.from({ length: of.perWindow ?? 100 }, (_, i) => ms(t, i))),
      ...(lost > 0 ? { lost: { timeout: lost } } : {}),
    };
  });
}

/** Slots every 5 s; `down` says why one is not answered. */
export function slots(hours: number, down: (tHours: number) => string | null = () => null): Entry[] {
  return Array.from({ length: hours * 720 }, (_, i): Entry => {
    const dueMs = i * 5000;
    const because = down(dueMs / hour);
    const base = { kind: 'measurement', check: 'soak.uptime', assertion: 'T-uptime', dueMs, startMs: dueMs } as const;
    return because === null ? { ...base, ok: true, tookMs: 4 } : { ...base, ok: false, because };
  });
}

export function judged(start: RunEntry, entries: readonly Entry[], profile = 'readiness'): Report {
  const inTime = inOrder(entries);
  const last = inTime.reduce((most, entry) => Math.max(most, timeOf(entry)), 0);
  return judge([start, ...inTime, { kind: 'end', atMs: last }], { profile });
}

export const inOrder = (entries: readonly Entry[]): Entry[] => entries.toSorted((a, b) => timeOf(a) - timeOf(b));

export const timeOf = (entry: Entry): number => {
  if (entry.kind === 'plan' || entry.kind === 'unmet' || entry.kind === 'limit') return -1;
  if ('atMs' in entry) return entry.atMs ?? 0;
  return 'fromMs' in entry ? entry.fromMs : 'dueMs' in entry ? (entry.dueMs ?? 0) : 0;
};

export const checkOf = (report: Report, id: string): CheckVerdict => report.checks.find((check) => check.id === id)!;

export const rowOf = (report: Report, id: string, name: string): AssertionVerdict =>
  checkOf(report, id).assertions.find((row) => row.name === name)!;
