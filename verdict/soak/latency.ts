import type { WindowEntry } from '../../record/entries.ts';
import type { TargetInProfile } from '../../targets/index.ts';
import { dyadicEffect, fewestBatches } from '../autocorrelation.ts';
import { lentBins } from '../histogram.ts';
import { type Drift, judgeDrift, judgeHours, type LatencyHour } from './drift.ts';
import type { Looks } from './looks.ts';
import { ShareBreaches } from './thresholds.ts';

const hourMs = 3_600_000;
/** Levels are some 9 % apart, from a microsecond to an hour: enough to say where a P95 lies and what moved. */
const perOctave = 8;
const levels = 256;
const referenceShare = 0.25;
/** Where each level begins, in microseconds; the last one holds what was lost, and no time reaches it. */
const levelFrom = Float64Array.from({ length: levels }, (_, level) =>
  level === levels - 1 ? Number.POSITIVE_INFINITY : level === 0 ? 0 : 2 ** (level / perOctave),
);
/** Every latency target of a soak is a P95. */
const allowedShare = 0.05;
/** The threshold of the alert "API P95 > 500 ms". */
const alertMs = 500;

interface Cell {
  readonly hour: number;
  n: number;
  /** At or over the target; a bucket that straddles it counts against a pass, and not against a fail. */
  high: number;
  low: number;
  readonly levels: Uint32Array;
  lost: number;
  spoiltMs: number;
  /** Of the soak: the end of its last window. */
  lastMs: number;
  load: number;
  /** n and late of each window of the hour, for the correlation between them. */
  readonly windows: number[];
}

export interface HourRow {
  readonly hour: number;
  readonly n: number;
  /** Share at or over the target, lost ones included; null without a target. */
  readonly share: number | null;
  readonly p95Ms: number | null;
  readonly status: 'held' | 'broken' | 'undecided';
}

export interface StreamVerdict {
  readonly hours: readonly HourRow[];
  readonly drift: Drift;
}

/** One stream of timed answers, by the hour of the soak. */
export class LatencyFold {
  readonly target: TargetInProfile | undefined;
  readonly late = new ShareBreaches({ kind: 'share', name: '', severity: 'warning', above: allowedShare });
  /** Stretches in which surely more than may be were over the target. */
  readonly #over = new ShareBreaches({ kind: 'share', name: '', severity: 'warning', above: allowedShare });
  readonly #cells = new Map<number, Cell>();
  n = 0;

  /** When anything of it was answered or lost. */
  readonly looks: Looks;

  constructor(target: TargetInProfile | undefined, looks: Looks) {
    this.target = target;
    this.looks = looks;
  }

  /** `fromMs` and `toMs` of the soak, scaled. */
  add(entry: WindowEntry, fromMs: number, toMs: number, load: number): void {
    const cell = this.#cell(Math.floor(fromMs / hourMs));
    const lost = lostOf(entry);
    const limit = (this.target?.limit?.value ?? Number.POSITIVE_INFINITY) * 1000;
    const found =
      entry.histogram === undefined
        ? { ...nothing, n: entry.good ?? 0 }
        : foldBins(entry.histogram, limit, cell.levels);
    const n = lost + found.n;
    if (n > 0) this.looks.add(toMs);
    const high = lost + found.high;
    const low = lost + found.low;
    cell.levels[levels - 1]! += lost;
    cell.lost += lost;
    cell.n += n;
    cell.high += high;
    cell.low += low;
    cell.load += load * n;
    cell.windows.push(n, high);
    cell.lastMs = Math.max(cell.lastMs, Math.min(toMs, (cell.hour + 1) * hourMs));
    this.n += n;
    const waited = lostOf(entry, tookLong);
    this.late.add({ fromMs, toMs, n: found.n + waited, k: found.alarming + waited });
    this.#over.add({ fromMs, toMs, n, k: low });
  }

  /** A stretch in which our own lateness may have been the cause. */
  spoil(fromMs: number, toMs: number): void {
    for (let hour = Math.floor(fromMs / hourMs); hour <= Math.floor(toMs / hourMs); hour++) {
      const from = Math.max(fromMs, hour * hourMs);
      this.#cell(hour).spoiltMs += Math.max(0, Math.min(toMs, (hour + 1) * hourMs) - from);
    }
  }

  /** `nowMs` of the soak: an hour that goes on is half seen, and a drift called with it may be gone when it is over. */
  look(judgedTargets: number, nowMs: number): StreamVerdict {
    const cells = [...this.#cells.values()].filter(({ n }) => n > 0).sort((a, b) => a.hour - b.hour);
    const over = cells.filter(({ hour }) => (hour + 1) * hourMs <= nowMs);
    return { hours: this.#hours(cells, judgedTargets), drift: judgeDrift(slowShares(over)) };
  }

  #hours(cells: readonly Cell[], judgedTargets: number): HourRow[] {
    const limited = this.target?.limit !== undefined && this.target.limit !== null;
    const usual = median(cells.map(effectOf));
    return cells.map((cell) => {
      const p95Ms = quantileMs(cell, 0.95);
      if (!limited) return { hour: cell.hour, n: cell.n, share: null, p95Ms, status: 'undecided' as const };
      const effect = Math.max(usual, effectOf(cell));
      const [held, broken] = [cell.high, cell.low].map(
        (k) =>
          judgeHours(
            [{ hour: cell.hour, n: cell.n, k, slow: 0 }],
            allowedShare,
            effect,
            judgedTargets * cells.length,
          )[0]!,
      );
      const status =
        (broken!.status === 'broken' || this.#isLost(cell)) && !spoilt(cell)
          ? 'broken'
          : held!.status === 'held'
            ? 'held'
            : 'undecided';
      return { hour: cell.hour, n: cell.n, share: cell.high / cell.n, p95Ms, status };
    });
  }

  /**
   * A stretch is surely over the target, and has made late more than the whole of its hour may: whatever comes yet, the hour
   * is missed. Counting from the hour's beginning alone takes a quarter of an hour to tell, because a level that moved
   * within it looks like correlation.
   */
  #isLost({ hour, n, low, lastMs }: Cell): boolean {
    const from = hour * hourMs;
    const covered = Math.max(1, lastMs - from) / hourMs;
    if (low <= allowedShare * (n / Math.min(1, covered))) return false;
    return this.#over.end().some(({ fromMs, toMs }) => fromMs < from + hourMs && (toMs ?? lastMs) > from);
  }

  /** Hours too short or too quiet to pass by themselves, taken together: their counts, correlation taken out. */
  pooled(hours: ReadonlySet<number>): { readonly n: number; readonly k: number } {
    const cells = [...this.#cells.values()].filter(({ hour, n }) => n > 0 && hours.has(hour));
    const effect = median([...this.#cells.values()].filter(({ n }) => n > 0).map(effectOf));
    const sum = (pick: (cell: Cell) => number) => cells.reduce((total, cell) => total + pick(cell), 0);
    return { n: sum(({ n }) => n) / effect, k: sum(({ high }) => high) / effect };
  }

  #cell(hour: number): Cell {
    const known = this.#cells.get(hour);
    if (known) return known;
    const cell: Cell = {
      hour,
      n: 0,
      high: 0,
      low: 0,
      levels: new Uint32Array(levels),
      lost: 0,
      spoiltMs: 0,
      lastMs: 0,
      load: 0,
      windows: [],
    };
    this.#cells.set(hour, cell);
    return cell;
  }
}

const nothing = { n: 0, high: 0, low: 0, alarming: 0 };

/** Counts a histogram into the levels of its hour; how many it holds, and how many of them at or over the target. */
function foldBins(histogram: string, limitUs: number, into: Uint32Array): typeof nothing {
  const bins = lentBins(histogram);
  const sum = { ...nothing };
  let level = 0;
  for (let i = 0; i < bins.length; i++) {
    const count = bins.count[i]!;
    const low = bins.low[i]!;
    sum.n += count;
    if (bins.high[i]! >= limitUs) sum.high += count;
    if (low >= limitUs) sum.low += count;
    if (low >= alertMs * 1000) sum.alarming += count;
    // They ascend, so the level of one is never below that of the one before.
    while (low >= levelFrom[level + 1]!) level += 1;
    into[level]! += count;
  }
  return sum;
}

/** Lost after a wait. What was refused at once is an error and no late answer, and another alert tells of it. */
const tookLong = /time-?out|timed out|within/i;

function lostOf({ lost }: WindowEntry, causes?: RegExp): number {
  let sum = 0;
  for (const cause in lost) if (causes?.test(cause) ?? true) sum += Math.max(0, lost[cause]!);
  return sum;
}

/** Our own lateness in more than a hundredth of an hour could have broken a P95 by itself. */
const spoilt = ({ spoiltMs }: Cell): boolean => spoiltMs > 0.01 * hourMs;

function effectOf({ windows }: Cell): number {
  const count = windows.length / 2;
  if (count < fewestBatches) return 1;
  const n = new Float64Array(count);
  const k = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    n[i] = windows[2 * i]!;
    k[i] = windows[2 * i + 1]!;
  }
  return dyadicEffect(k, n);
}

/** Per hour: how many are at or over the stream's own P75 of the first quarter. It moves long before the target is near. */
function slowShares(cells: readonly Cell[]): LatencyHour[] {
  const early = cells.slice(0, Math.max(1, Math.ceil(cells.length * referenceShare)));
  const reference = levelOfShare(early, referenceShare);
  return cells.map(({ hour, n, high, levels: counts, load }) => {
    const lowerQuartileMs = lowerQuartileOf(counts, n);
    const slow = from(counts, reference);
    return { hour, n, k: high, slow, load: load / n, ...(lowerQuartileMs === null ? {} : { lowerQuartileMs }) };
  });
}

/** Between the ends of its level by how much of the level lies below it; null: three quarters were lost. */
function lowerQuartileOf(counts: Uint32Array, n: number): number | null {
  let below = 0;
  let level = 0;
  while (below + counts[level]! < n / 4) below += counts[level++]!;
  const within = (n / 4 - below) / Math.max(1, counts[level]!);
  return level === levels - 1 ? null : 2 ** ((level + within) / perOctave) / 1000;
}

/** The lowest level that at most this share reaches. */
function levelOfShare(cells: readonly Cell[], share: number): number {
  const total = cells.reduce((sum, { n }) => sum + n, 0);
  let over = 0;
  for (let level = levels - 1; level > 0; level--) {
    over += cells.reduce((sum, cell) => sum + cell.levels[level]!, 0);
    if (over > share * total) return nearer(cells, level, over, share * total);
  }
  return 1;
}

/** Of two neighbouring levels the one whose share is nearer, so that a narrow distribution is cut in two at all. */
function nearer(cells: readonly Cell[], level: number, over: number, wanted: number): number {
  const next = over - cells.reduce((sum, cell) => sum + cell.levels[level]!, 0);
  return next > 0 && wanted - next < over - wanted ? level + 1 : level;
}

function from(counts: Uint32Array, level: number): number {
  let sum = 0;
  for (let i = level; i < levels; i++) sum += counts[i]!;
  return sum;
}

function quantileMs({ levels: counts, n }: Cell, quantile: number): number | null {
  let seen = 0;
  for (let level = 0; level < levels; level++) {
    seen += counts[level]!;
    if (seen >= quantile * n) return level === levels - 1 ? null : 2 ** ((level + 0.5) / perOctave) / 1000;
  }
  return null;
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 1;
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
