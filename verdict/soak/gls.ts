import { studentTail } from './student.ts';

/**
 * Generalised least squares of value ~ level + slope · t + coefficient · load, for every noise model of a grid at once.
 * The noise is part white, part Ornstein–Uhlenbeck; which part and how slow is not known and is averaged over. A Kalman
 * filter whitens value, level, t and load one point at a time, so a new point costs the same at hour 2 and at hour 200
 * and no point needs to be kept. Each segment (life of a process) has a level of its own; slope and coefficient are shared.
 */
const slowShares = [0.35, 0.9];
const timeConstantsHours = [0.5, 3, 18];
const roughCell = 2;
const cells = slowShares.length * timeConstantsHours.length;

/** The noise a floor is believed to have before anything was seen, as a share of its level, and how many points that belief is worth. */
const priorNoise = 0.02;
const priorPoints = 4;
/** Load that moves by 1 % is believed to move a floor by some 1 %: enough to keep a constant load from being a cause. */
const priorElasticity = 1;
const ridge = (priorNoise / priorElasticity) ** 2;

export interface Fit {
  readonly points: number;
  readonly dof: number;
  /** As shares of the level at the start, by hour. */
  readonly slope: number;
  readonly spread: number;
  readonly elasticity: number;
  /** The load at the start, which the coefficient counts from. */
  readonly load: number;
  /** The level the shares are shares of, in the unit of the series. */
  readonly level: number;
  /** P(slope ≤ value): the posterior over the noise models. */
  below(slope: number): number;
  above(slope: number): number;
}

const stateSize = 5; // filtered value, level, t, load; predicted variance
const sumSize = 10; // yy y1 yt yx 11 1t 1x tt tx xx
const pooledSize = 6; // yy yt yx tt tx xx

// Filled and read within one call, so that hundreds of series need not each hold their own.
const work = new Float64Array(pooledSize);
const slopes = new Float64Array(cells);
const errors = new Float64Array(cells);
const weights = new Float64Array(cells);
const coefficients = new Float64Array(cells);

export class GlsWindow {
  readonly #state = new Float64Array(cells * stateSize);
  readonly #sums = new Float64Array(cells * sumSize);
  readonly #pooled = new Float64Array(cells * pooledSize);
  readonly #lnDet = new Float64Array(cells);
  #segments = 0;
  #inSegment = 0;
  #points = 0;
  #last = 0;
  #origin = 0;
  #scale = 0;
  #loadScale = 0;

  get points(): number {
    return this.#points;
  }

  add(tHours: number, value: number, load: number): void {
    if (this.#points === 0) this.#begin(tHours, value, load);
    const fresh = this.#inSegment === 0;
    const y = value / this.#scale - 1;
    const t = tHours - this.#origin;
    const x = load / this.#loadScale - 1;
    const gap = tHours - this.#last;
    for (let tau = 0; tau < timeConstantsHours.length; tau++) {
      const phi = fresh ? 0 : Math.exp(-gap / timeConstantsHours[tau]!);
      for (let w = 0; w < slowShares.length; w++)
        this.#filter(tau * slowShares.length + w, slowShares[w]!, phi, y, t, x);
    }
    this.#last = tHours;
    this.#points += 1;
    this.#inSegment += 1;
  }

  /** The process behind the series is another one from here on. */
  restart(): void {
    if (this.#inSegment === 0) return;
    for (let cell = 0; cell < cells; cell++) this.#fold(cell, this.#pooled, cell * pooledSize);
    for (let cell = 0; cell < cells; cell++) this.#lnDet[cell]! += Math.log(this.#sums[cell * sumSize + 4]!);
    this.#sums.fill(0);
    this.#state.fill(0);
    this.#segments += 1;
    this.#inSegment = 0;
  }

  #begin(tHours: number, value: number, load: number): void {
    this.#origin = tHours;
    this.#scale = Math.abs(value) || 1;
    this.#loadScale = Math.abs(load) || 1;
  }

  #filter(cell: number, slow: number, phi: number, y: number, t: number, x: number): void {
    const s = this.#state;
    const a = this.#sums;
    const i = cell * stateSize;
    const j = cell * sumSize;
    const variance = phi * phi * s[i + 4]! + slow * (1 - phi * phi);
    const f = variance + 1 - slow;
    const gain = variance / f;
    const vy = y - phi * s[i]!;
    const v1 = 1 - phi * s[i + 1]!;
    const vt = t - phi * s[i + 2]!;
    const vx = x - phi * s[i + 3]!;
    s[i] = y - vy + gain * vy;
    s[i + 1] = 1 - v1 + gain * v1;
    s[i + 2] = t - vt + gain * vt;
    s[i + 3] = x - vx + gain * vx;
    s[i + 4] = variance * (1 - gain);
    const per = 1 / f;
    const wy = vy * per;
    const w1 = v1 * per;
    const wt = vt * per;
    a[j]! += vy * wy;
    a[j + 1]! += v1 * wy;
    a[j + 2]! += vt * wy;
    a[j + 3]! += vx * wy;
    a[j + 4]! += v1 * w1;
    a[j + 5]! += vt * w1;
    a[j + 6]! += vx * w1;
    a[j + 7]! += vt * wt;
    a[j + 8]! += vx * wt;
    a[j + 9]! += vx * vx * per;
    this.#lnDet[cell]! += Math.log(f);
  }

  /** Adds the current segment's sums to `into`, its level projected out. */
  #fold(cell: number, into: Float64Array, at: number): void {
    const a = this.#sums;
    const j = cell * sumSize;
    const per = 1 / a[j + 4]!;
    const y1 = a[j + 1]!;
    const t1 = a[j + 5]!;
    const x1 = a[j + 6]!;
    into[at]! += a[j]! - y1 * y1 * per;
    into[at + 1]! += a[j + 2]! - y1 * t1 * per;
    into[at + 2]! += a[j + 3]! - y1 * x1 * per;
    into[at + 3]! += a[j + 7]! - t1 * t1 * per;
    into[at + 4]! += a[j + 8]! - t1 * x1 * per;
    into[at + 5]! += a[j + 9]! - x1 * x1 * per;
  }

  /** A rough slope from one noise model alone: most looks at most series need no more to say that nothing rises. */
  roughSlope(): number {
    if (this.#points - this.#segments < 4) return 0;
    this.#solve(roughCell, this.#points + priorPoints);
    return slopes[roughCell]!;
  }

  /** null while there are too few points for a slope. */
  fit(): Fit | null {
    const segments = this.#segments + (this.#inSegment > 0 ? 1 : 0);
    const free = this.#points - segments - 2;
    if (free < 3) return null;
    const dof = free + priorPoints;
    let most = -Infinity;
    for (let cell = 0; cell < cells; cell++) most = Math.max(most, this.#solve(cell, dof));
    return this.#average(most, dof);
  }

  /** Slope, its error and the restricted likelihood of one noise model; answers the likelihood's logarithm. */
  #solve(cell: number, dof: number): number {
    const p = work;
    const at = cell * pooledSize;
    for (let k = 0; k < pooledSize; k++) p[k] = this.#pooled[at + k]!;
    let lnDet = this.#lnDet[cell]!;
    if (this.#inSegment > 0) {
      this.#fold(cell, p, 0);
      lnDet += Math.log(this.#sums[cell * sumSize + 4]!);
    }
    const xx = p[5]! + ridge;
    const det = p[3]! * xx - p[4]! * p[4]!;
    const slope = (xx * p[1]! - p[4]! * p[2]!) / det;
    const coefficient = (p[3]! * p[2]! - p[4]! * p[1]!) / det;
    const squares = Math.max(0, p[0]! - slope * p[1]! - coefficient * p[2]!) + priorPoints * priorNoise ** 2;
    slopes[cell] = slope;
    coefficients[cell] = coefficient;
    errors[cell] = Math.sqrt(((squares / dof) * xx) / det);
    const ln = -0.5 * (lnDet + Math.log(det)) - 0.5 * dof * Math.log(squares);
    weights[cell] = ln;
    return ln;
  }

  #average(most: number, dof: number): Fit {
    let total = 0;
    for (let cell = 0; cell < cells; cell++) {
      const weight = Math.exp(weights[cell]! - most);
      weights[cell] = weight;
      total += weight;
    }
    let slope = 0;
    let elasticity = 0;
    let second = 0;
    for (let cell = 0; cell < cells; cell++) {
      const weight = weights[cell]! / total;
      weights[cell] = weight;
      slope += weight * slopes[cell]!;
      elasticity += weight * coefficients[cell]!;
      second += weight * (errors[cell]! ** 2 + slopes[cell]! ** 2);
    }
    const spread = Math.sqrt(Math.max(0, second - slope * slope));
    // Shares are shares of the fitted level at the start: a first floor that is low by chance must not enlarge them.
    const level = Math.max(0.1, this.#startLevel(slope, elasticity));
    const tail = tailOf(slopes.slice(), errors.slice(), weights.slice(), dof);
    return {
      points: this.#points,
      dof,
      slope: slope / level,
      spread: spread / level,
      elasticity: elasticity / level,
      load: this.#loadScale,
      level: this.#scale * level,
      below: (at) => tail(at * level, 1),
      above: (at) => tail(at * level, -1),
    };
  }

  /** The fitted level at the origin as a share of the first floor; before the first restart only, after it 1. */
  #startLevel(slope: number, coefficient: number): number {
    if (this.#segments > 0) return 1;
    const j = roughCell * sumSize;
    const a = this.#sums;
    return 1 + (a[j + 1]! - slope * a[j + 5]! - coefficient * a[j + 6]!) / a[j + 4]!;
  }
}

/** The share of the posterior on one side of a slope: a mixture of Student distributions, one for each noise model. */
function tailOf(centres: Float64Array, spreads: Float64Array, shares: Float64Array, dof: number) {
  return (at: number, sign: number): number => {
    let p = 0;
    for (let cell = 0; cell < cells; cell++) {
      const share = shares[cell]!;
      if (share > 1e-12) p += share * studentTail((sign * (centres[cell]! - at)) / spreads[cell]!, dof);
    }
    return p;
  };
}
