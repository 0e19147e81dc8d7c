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
  /** Of all that was answered; without it only the shares are judged. */
  readonly lowerQuartileMs?: number;
  readonly load?: number;
}

export interface Drift {
  readonly kind: 'steady' | 'drift' | 'level-shift' | 'undecided';
  /** Share of slow answers, or the logarithm of the lower quartile, at the start and at the end of the fitted line. */
  readonly from: number;
  readonly to: number;
  /** How likely as clear a rise is when nothing drifts, autocorrelation counted. */
  readonly chance: number;
  readonly why: string;
}

const fewestHours = 8;
/** A drift is material when this much more of the answers have become slow: from a quarter to two fifths. */
const leastRise = 0.15;
/** A lower quartile that is a quarter longer than it was. */
const leastSlower = 1.25;
/** By each of the ways to look at the hours: at most six in 10 000 healthy streams, were they independent. */
const mostChance = 1e-4;
const overStep = 3;

/**
 * Whether answers grow slower from hour to hour. Seen in the share at or over the stream's own early P75, which moves where
 * nothing else does yet; and in the lower quartile, because a drift wider than the stream's own spread soon makes every
 * answer slow, and looks like one step from then on. Whatever holds up some of the answers of an hour leaves it alone.
 */
export function judgeDrift(hours: readonly LatencyHour[]): Drift {
  const used = hours.filter(({ n }) => n > 0);
  if (used.length < fewestHours) {
    const why = `${used.length} hours with answers; ${fewestHours - used.length} more would begin to tell`;
    return { kind: 'undecided', from: Number.NaN, to: Number.NaN, chance: 1, why };
  }
  const rises = suffixes(used).flatMap((some) => [
    judgeRise(some, ({ slow, n }) => slow / n, sharesRise),
    ...(some.every(({ lowerQuartileMs }) => lowerQuartileMs! > 0)
      ? [judgeRise(some, ({ lowerQuartileMs }) => Math.log(lowerQuartileMs!), quartilesRise)]
      : []),
  ]);
  return rises.find(({ kind }) => kind === 'drift') ?? rises[0]!;
}

/** All hours, and the later ones by themselves: a drift that begins late is diluted by what was before. */
const startsAt = [0, 0.25, 0.5];
const suffixes = (used: readonly LatencyHour[]): (readonly LatencyHour[])[] =>
  startsAt
    .map((share) => used.slice(Math.floor(share * used.length)))
    .filter((some, index) => index === 0 || some.length >= fewestHours);

interface Rise {
  /** What is material, in the unit that is judged. */
  readonly least: number;
  readonly words: (from: number, to: number) => string;
}

const inBounds = (share: number): number => Math.min(1, Math.max(0, share));
const sharesRise: Rise = {
  least: leastRise,
  words: (from, to) => `slow answers went from ${percent(inBounds(from))} to ${percent(inBounds(to))}`,
};
const quartilesRise: Rise = {
  least: Math.log(leastSlower),
  words: (from, to) => `the lower quartile went from ${ms(Math.exp(from))} to ${ms(Math.exp(to))}`,
};

function judgeRise(
  used: readonly LatencyHour[],
  pick: (hour: LatencyHour) => number,
  { least, words: say }: Rise,
): Drift {
  const values = withoutLoad(used, pick);
  const { z, slope } = hamedRao(values);
  const t = Float64Array.from(used, ({ hour }) => hour);
  const rise = slope * (used.length - 1);
  const middle = values.toSorted()[used.length >> 1]!;
  const ends = { from: middle - rise / 2, to: middle + rise / 2, chance: upperTail(z) };
  const words = `${say(ends.from, ends.to)} from hour ${t[0]} to ${t.at(-1)}`;
  if (rise < least) return { ...ends, kind: 'steady', why: `${words}, which is no material drift` };
  const shape = shapeOf(t, values);
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

/** Values with what follows the load taken out, where the load varied at all. */
function withoutLoad(hours: readonly LatencyHour[], pick: (hour: LatencyHour) => number): Float64Array {
  const values = Float64Array.from(hours, pick);
  const t = Float64Array.from(hours, ({ hour }) => hour);
  const x = Float64Array.from(hours, ({ load }) => load ?? 1);
  const mean = x.reduce((sum, value) => sum + value, 0) / Math.max(1, x.length);
  const coefficient = partialSlope(values, x, t);
  return values.map((value, i) => value - coefficient * (x[i]! - mean));
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
const ms = (value: number): string => `${Number(value.toPrecision(2))} ms`;
