/** Points of one window, load already taken out, oldest first. */
export interface Shape {
  /** n · ln(RSS of the best single step / RSS of the ramp): above 0 the ramp explains more. */
  readonly overStep: number;
  /** The same against the best curve that rises and levels off. */
  readonly overPlateau: number;
  /** Where the best step is, and its height. */
  readonly stepAt: number;
  readonly stepHeight: number;
  /** Theil–Sen slopes of the two halves. */
  readonly halves: readonly [number, number];
}

export function shapeOf(t: Float64Array, y: Float64Array): Shape {
  const n = t.length;
  const ramp = rampRss(t, y);
  const step = bestStep(y);
  const middle = n >> 1;
  const per = n / 2;
  return {
    overStep: per * 2 * Math.log(step.rss / ramp),
    overPlateau: n * Math.log(plateauRss(t, y) / ramp),
    stepAt: t[step.index]!,
    stepHeight: step.height,
    halves: [
      theilSen(t.subarray(0, middle), y.subarray(0, middle)),
      theilSen(t.subarray(n - middle), y.subarray(n - middle)),
    ],
  };
}

/** The residual sum of squares of a straight line against any regressor. */
export function rampRss(t: ArrayLike<number>, y: ArrayLike<number>): number {
  const { tt, ty, yy } = products(t, y);
  return Math.max(tiny, yy - (tt > 0 ? (ty * ty) / tt : 0));
}

/** The slope of the same line. */
export function lineSlope(t: ArrayLike<number>, y: ArrayLike<number>): number {
  const { tt, ty } = products(t, y);
  return tt > 0 ? ty / tt : 0;
}

/** Sums of squares and products around the means. */
function products(t: ArrayLike<number>, y: ArrayLike<number>): { tt: number; ty: number; yy: number } {
  const n = t.length;
  let tSum = 0;
  let ySum = 0;
  for (let i = 0; i < n; i++) {
    tSum += t[i]!;
    ySum += y[i]!;
  }
  let tt = 0;
  let ty = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    const dt = t[i]! - tSum / n;
    const dy = y[i]! - ySum / n;
    tt += dt * dt;
    ty += dt * dy;
    yy += dy * dy;
  }
  return { tt, ty, yy };
}

const tiny = 1e-12;

function bestStep(y: Float64Array): { rss: number; index: number; height: number } {
  const n = y.length;
  let total = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) total += y[i]!;
  const mean = total / n;
  for (let i = 0; i < n; i++) squares += (y[i]! - mean) ** 2;
  let left = 0;
  let best = { gain: -1, index: 1, height: 0 };
  for (let k = 1; k < n; k++) {
    left += y[k - 1]! - mean;
    const height = -left / (n - k) - left / k;
    const gain = (height * height * k * (n - k)) / n;
    if (gain > best.gain) best = { gain, index: k, height };
  }
  return { rss: Math.max(tiny, squares - best.gain), index: best.index, height: best.height };
}

/** The best of a few saturating curves: a cache that fills, a pool that warms up. */
function plateauRss(t: Float64Array, y: Float64Array): number {
  const span = t[t.length - 1]! - t[0]!;
  let best = Infinity;
  for (const share of [0.08, 0.15, 0.3, 0.5]) {
    const curve = t.map((at) => 1 - Math.exp(-(at - t[0]!) / (share * span)));
    best = Math.min(best, rampRss(curve, y));
  }
  return best;
}

/** The median of the slopes of all pairs (Sen 1968). */
export function theilSen(t: ArrayLike<number>, y: ArrayLike<number>): number {
  const slopes = new Float64Array((t.length * (t.length - 1)) / 2);
  let count = 0;
  for (let i = 0; i < t.length; i++) {
    for (let j = i + 1; j < t.length; j++) {
      if (t[j]! !== t[i]!) slopes[count++] = (y[j]! - y[i]!) / (t[j]! - t[i]!);
    }
  }
  return medianOf(slopes.subarray(0, count));
}

export function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
