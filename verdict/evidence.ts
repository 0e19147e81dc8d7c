import type { MeasurementEntry, WindowEntry } from '../record/entries.ts';
import type { TargetInProfile } from '../targets/index.ts';
import { Arrivals } from './arrivals.ts';
import { Batches } from './batches.ts';
import { type Bin, decodeBins } from './histogram.ts';
import { Spread } from './spread.ts';
import { Stretches } from './stretches.ts';

/** One timed or counted touch, as far as judging needs it. */
export interface Single {
  readonly startMs: number;
  readonly dueMs: number;
  /** From the start; null when it is not known. */
  readonly tookMs: number | null;
  readonly ok: boolean;
  readonly value: number | null;
  readonly unit: string | null;
  readonly cell: string | null;
}

/** All that was seen under one assertion of one check; facts folded, nothing decided. */
export class Evidence {
  readonly check: string;
  readonly name: string;
  planned = false;
  /** undefined: functional. */
  target: TargetInProfile | undefined;
  targetId: string | undefined;
  cells: readonly string[] = [];
  atLeast = 1;
  /** The source that is to tell of it, where one was named. */
  source: string | undefined;

  good = 0;
  readonly bad = new Map<string, number>();
  firstGood: (MeasurementEntry & { readonly ok: true }) | null = null;
  firstBad: (MeasurementEntry & { readonly ok: false }) | null = null;
  readonly heldCells = new Set<string>();
  readonly brokenCells = new Set<string>();

  readonly stretches = new Stretches();
  readonly arrivals = new Arrivals();
  readonly singles: Single[] = [];

  /** Answers in windows, in the unit of the row; late ones counted against a pass (high) and against a fail (low). */
  readonly spread = new Spread();
  readonly batches = new Batches();
  windows = 0;
  lateHigh = 0;
  lateLow = 0;
  /** As lateHigh, had every request been counted from when it was really sent. */
  lateFromSent = 0;
  sentLate = false;

  constructor(check: string, name: string) {
    this.check = check;
    this.name = name;
  }

  get badCount(): number {
    let count = 0;
    for (const each of this.bad.values()) count += each;
    return count;
  }

  get n(): number {
    return this.good + this.badCount;
  }

  addMeasurement(entry: MeasurementEntry): void {
    const dueMs = entry.dueMs ?? entry.startMs;
    this.stretches.add(Math.min(dueMs, entry.startMs), entry.startMs + (entry.tookMs ?? 0));
    if (entry.ok) this.#holds(entry);
    else this.#breaks(entry);
    if (this.target) this.singles.push(single(entry, dueMs));
  }

  addWindow(entry: WindowEntry): void {
    this.stretches.add(entry.fromMs, entry.toMs);
    this.windows++;
    const bins = entry.histogram === undefined ? [] : decodeBins(entry.histogram);
    const answered = entry.histogram === undefined ? (entry.good ?? 0) : total(bins);
    const lost = this.#lose(entry.lost ?? {});
    this.good += answered;
    const unsent = entry.unsent ?? 0;
    this.arrivals.add(entry.fromMs, entry.toMs, answered + lost + unsent, unsent);
    if (this.target?.target.statistic === 'proportion') this.#countShare(answered, lost);
    else this.#countTimes(entry, bins, lost);
  }

  #holds(entry: MeasurementEntry): void {
    this.good++;
    if (entry.ok) this.firstGood ??= entry;
    if (entry.cell !== undefined) this.heldCells.add(entry.cell);
  }

  #breaks(entry: MeasurementEntry & { ok: false }): void {
    this.bad.set(entry.because, (this.bad.get(entry.because) ?? 0) + 1);
    this.firstBad ??= entry;
    if (entry.cell !== undefined) this.brokenCells.add(entry.cell);
  }

  #lose(lost: Readonly<Record<string, number>>): number {
    let count = 0;
    for (const [cause, each] of Object.entries(lost)) {
      if (each <= 0) continue;
      this.bad.set(cause, (this.bad.get(cause) ?? 0) + each);
      count += each;
    }
    return count;
  }

  #countShare(answered: number, lost: number): void {
    this.lateHigh += lost;
    this.lateLow += lost;
    this.lateFromSent += lost;
    this.batches.add(answered + lost, lost, [], 0);
  }

  #countTimes(entry: WindowEntry, microseconds: readonly Bin[], lost: number): void {
    const bins = microseconds.map(toMs);
    for (const { low, high, count } of bins) this.spread.add(low, high, count);
    this.spread.lost += lost;
    const limit = this.target?.limit?.value ?? Number.POSITIVE_INFINITY;
    const high = lost + countOf(bins, (bin) => bin.high >= limit);
    this.lateHigh += high;
    this.lateLow += lost + countOf(bins, (bin) => bin.low >= limit);
    if (entry.sentHistogram === undefined) this.lateFromSent += high;
    else {
      this.sentLate = true;
      this.lateFromSent += lost + countOf(decodeBins(entry.sentHistogram).map(toMs), (bin) => bin.high >= limit);
    }
    this.batches.add(total(bins) + lost, high, bins, lost);
  }
}

function single(entry: MeasurementEntry, dueMs: number): Single {
  const value = entry.ok ? (entry.value ?? null) : null;
  const unit = entry.ok ? (entry.unit ?? null) : null;
  const { startMs, tookMs = null, ok, cell = null } = entry;
  return { startMs, dueMs, tookMs, ok, value, unit, cell };
}

const toMs = ({ low, high, count }: Bin): Bin => ({ low: low / 1000, high: high / 1000, count });

const total = (bins: readonly Bin[]): number => bins.reduce((sum, { count }) => sum + count, 0);

function countOf(bins: readonly Bin[], late: (bin: Bin) => boolean): number {
  let count = 0;
  for (const bin of bins) if (late(bin)) count += bin.count;
  return count;
}
