import { theilSen } from './shape.ts';

export interface MannKendall {
  readonly s: number;
  readonly variance: number;
  readonly z: number;
  /** Sen's slope by step. */
  readonly slope: number;
}

/** Mann (1945), Kendall (1975), with the correction of the variance for ties. */
export function mannKendall(y: ArrayLike<number>): MannKendall {
  const s = concordance(y);
  const variance = tiedVariance(y);
  const slope = theilSen(
    Float64Array.from(y, (_, i) => i),
    y,
  );
  return { s, variance, z: score(s, variance), slope };
}

/**
 * The variance enlarged for autocorrelation after Hamed & Rao (1998): significant lags of the ranks of the series without
 * its slope. Their factor can come out below 1 and even below 0; a correlation is never a reason for more certainty, so 1
 * is the least.
 */
export function hamedRao(y: ArrayLike<number>): MannKendall {
  const plain = mannKendall(y);
  const ranks = ranksOf(Float64Array.from(y, (value, i) => value - plain.slope * (i + 1)));
  const variance = plain.variance * Math.max(1, rankFactor(ranks));
  return { ...plain, variance, z: score(plain.s, variance) };
}

/** One-sided: how likely a z as large is when nothing rises (Numerical Recipes' erfc, relative error below 1.2e-7). */
export function upperTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  const series = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ].reduceRight((sum, term) => sum * t + term, 0);
  const half = 0.5 * t * Math.exp(-x * x + series);
  return z >= 0 ? half : 1 - half;
}

function concordance(y: ArrayLike<number>): number {
  let s = 0;
  for (let i = 0; i < y.length; i++) for (let j = i + 1; j < y.length; j++) s += Math.sign(y[j]! - y[i]!);
  return s;
}

function tiedVariance(y: ArrayLike<number>): number {
  const ties = new Map<number, number>();
  for (let i = 0; i < y.length; i++) ties.set(y[i]!, (ties.get(y[i]!) ?? 0) + 1);
  const of = (n: number) => n * (n - 1) * (2 * n + 5);
  return [...ties.values()].reduce((left, tied) => left - of(tied), of(y.length)) / 18;
}

const score = (s: number, variance: number): number => (variance > 0 ? (s - Math.sign(s)) / Math.sqrt(variance) : 0);

/** Tied values share the mean of their ranks. */
function ranksOf(y: Float64Array): Float64Array {
  const order = Array.from(y.keys()).sort((a, b) => y[a]! - y[b]!);
  const ranks = new Float64Array(y.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && y[order[to]!] === y[order[from]!]) to += 1;
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + to + 1) / 2;
    from = to;
  }
  return ranks;
}

function rankFactor(ranks: Float64Array): number {
  const n = ranks.length;
  const bound = 1.959963984540054 / Math.sqrt(n);
  const mean = ranks.reduce((sum, rank) => sum + rank, 0) / n;
  const squares = ranks.reduce((sum, rank) => sum + (rank - mean) ** 2, 0);
  let sum = 0;
  for (let lag = 1; lag < n; lag++) {
    let products = 0;
    for (let i = lag; i < n; i++) products += (ranks[i]! - mean) * (ranks[i - lag]! - mean);
    const rho = squares > 0 ? products / squares : 0;
    if (Math.abs(rho) > bound) sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * rho;
  }
  return 1 + (2 / (n * (n - 1) * (n - 2))) * sum;
}
