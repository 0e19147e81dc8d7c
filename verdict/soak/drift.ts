import { lnEnough, lnEvidenceAbove, lnEvidenceBelow } from '../proportion.ts';
import { hamedRao, upperTail } from './mann-kendall.ts';
import { shapeOf } from './shape.ts';

/** One hour of one stream: `n` answers, `k` of them at or over the target, `slow` at or over the reference level. */
export interface LatencyHour {
  readonly hour: number;
  readonly n: number;
  readonly k: number;
  /** The reference is the stream's own P75 over its first quarter: it moves long before the target is near. */
  readonly slow: number;
  readonly load?: number;
}

export interface Drift {
  readonly kind: 'steady' | 'drift' | 'level-shift' | 'undecided';
  /** Share of slow answers, at the start and at the end of the fitted line. */
  readonly from: number;
  readonly to: number;
  /** How likely as clear a rise is when nothing drifts, autocorrelation counted. */
  readonly chance: number;
  readonly why: string;
}

const fewestHours = 8;
/** A drift is material when this much more of the answers have become slow: from a quarter to two fifths. */
const leastRise = 0.15;
const mostChance = 1e-4;
const overStep = 3;

/** Whether answers grow slower from hour to hour, seen in the share at or over the stream's own early P75. */
export function judgeDrift(hours: readonly LatencyHour[]): Drift {
  const used = hours.filter(({ n }) => n > 0);
  const shares = withoutLoad(used);
  if (used.length < fewestHours) {
    const why = `${used.length} hours with answers; ${fewestHours - used.length} more would begin to tell`;
    return { kind: 'undecided', from: Number.NaN, to: Number.NaN, chance: 1, why };
  }
  const { z, slope } = hamedRao(shares);
  const t = Float64Array.from(used, ({ hour }) => hour);
  const rise = slope * (used.length - 1);
  const middle = shares.toSorted()[used.length >> 1]!;
  const ends = { from: middle - rise / 2, to: middle + rise / 2, chance: upperTail(z) };
  const words = `slow answers went from ${percent(ends.from)} to ${percent(ends.to)}`;
  if (rise < leastRise) return { ...ends, kind: 'steady', why: `${words}, which is no material drift` };
  const shape = shapeOf(t, shares);
  if (shape.overStep <= overStep) {
    return { ...ends, kind: 'level-shift', why: `${words} in one step at hour ${shape.stepAt.toFixed(0)}` };
  }
  if (ends.chance > mostChance) {
    return { ...ends, kind: 'undecided', why: `${words}, which could still be chance; a longer run would decide` };
  }
  return { ...ends, kind: 'drift', why: `${words}, steadily` };
}

export interface HourVerdict {
  readonly hour: number;
  readonly share: number;
  readonly status: 'held' | 'broken' | 'undecided';
}

/** Each hour against the target by itself. One broken hour is enough to fail, so every hour and target is counted in. */
export function judgeHours(hours: readonly LatencyHour[], p0: number, effect: number, targets: number): HourVerdict[] {
  const lnBroken = lnEnough + Math.log(Math.max(1, hours.length * targets));
  return hours.map(({ hour, n, k }) => ({
    hour,
    share: n > 0 ? k / n : 0,
    status: hourStatus({ k: k / effect, n: n / effect }, p0, lnBroken),
  }));
}

function hourStatus(
  counts: { readonly k: number; readonly n: number },
  p0: number,
  lnBroken: number,
): HourVerdict['status'] {
  if (counts.n <= 0) return 'undecided';
  if (lnEvidenceAbove(counts, p0) >= lnBroken) return 'broken';
  return lnEvidenceBelow(counts, p0) >= lnEnough ? 'held' : 'undecided';
}

/** Shares with what follows the load taken out, where the load varied at all. */
function withoutLoad(hours: readonly LatencyHour[]): Float64Array {
  const shares = Float64Array.from(hours, ({ slow, n }) => slow / n);
  const t = Float64Array.from(hours, ({ hour }) => hour);
  const x = Float64Array.from(hours, ({ load }) => load ?? 1);
  const mean = x.reduce((sum, value) => sum + value, 0) / Math.max(1, x.length);
  const coefficient = partialSlope(shares, x, t);
  return shares.map((share, i) => share - coefficient * (x[i]! - mean));
}

/** The coefficient of x in y ~ 1 + x + t; 0 when x hardly varies beside t. */
function partialSlope(y: Float64Array, x: Float64Array, t: Float64Array): number {
  const dx = residuals(x, t);
  const dy = residuals(y, t);
  const squares = dot(dx, dx);
  const scale = dot(x, x);
  return squares > 1e-4 * scale ? dot(dx, dy) / squares : 0;
}

function residuals(y: Float64Array, t: Float64Array): Float64Array {
  const n = Math.max(1, y.length);
  const tMean = t.reduce((sum, value) => sum + value, 0) / n;
  const yMean = y.reduce((sum, value) => sum + value, 0) / n;
  const dt = t.map((value) => value - tMean);
  const tt = dot(dt, dt);
  const slope = tt > 0 ? dot(dt, y) / tt : 0;
  return y.map((value, i) => value - yMean - slope * dt[i]!);
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
