/**
 * The design effect τ̂: how many samples of this run are worth one independent one. Batch means over dyadic batch
 * sizes, as long as there are 16 batches; the largest estimate counts, because a correlation seen at any scale is one.
 */
export const fewestBatches = 16;

/** A stretch of the run in time order: one sample, or one window. `levels` says which values it holds. */
export interface Batch {
  /** How many samples, lost ones included. */
  readonly n: number;
  /** How many of them are at or over the target, or errors. */
  readonly late: number;
  /** Ascending or not: value levels and how often each occurs; lost ones are at the highest level. */
  readonly levels: ArrayLike<number>;
  readonly counts: ArrayLike<number>;
}

/**
 * null when there are fewer than 16 batches, so that nothing can be said about correlation.
 *
 * The run's own quantiles stand in for lateness that has not been seen yet. Below a floor, which is
 * taken from the level of the run's quickest answer, they cannot: how answers of one millisecond follow each other says
 * nothing about answers of fifty (docs/decisions/0102).
 */
export function designEffect(
  batches: readonly Batch[],
  own: 'own-quantiles' | 'errors-only',
  floorFrom: (quickestLevel: number) => number = () => 0,
): number | null {
  const used = batches.filter((batch) => batch.n > 0);
  if (used.length < fewestBatches) return null;
  const of = Float64Array.from(used, (batch) => batch.n);
  const indicators: Float64Array[] = [Float64Array.from(used, (batch) => batch.late)];
  if (own === 'own-quantiles') for (const level of ownLevels(used, floorFrom)) indicators.push(atOrOver(used, level));
  return indicators.reduce((most, late) => Math.max(most, dyadicEffect(late, of)), 1);
}

/** The largest batch-means estimate over dyadic groupings of the given batches; 1 when the indicator never varies. */
export function dyadicEffect(late: Float64Array, of: Float64Array): number {
  let most = 1;
  let k = late;
  let n = of;
  while (k.length >= fewestBatches) {
    most = Math.max(most, batchMeansEffect(k, n));
    k = pairSums(k);
    n = pairSums(n);
  }
  return most;
}

/** Variance of the batch totals around their share, over what independent samples would show. */
function batchMeansEffect(k: Float64Array, n: Float64Array): number {
  const total = sum(n);
  const share = sum(k) / total;
  if (share <= 0 || share >= 1) return 1;
  let squares = 0;
  for (let i = 0; i < k.length; i++) squares += (k[i]! - share * n[i]!) ** 2;
  return (squares * (k.length / (k.length - 1))) / (share * (1 - share) * total);
}

function pairSums(values: Float64Array): Float64Array {
  const pairs = new Float64Array(values.length >> 1);
  for (let i = 0; i < pairs.length; i++) pairs[i] = values[2 * i]! + values[2 * i + 1]!;
  return pairs;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

/** The levels of the run's own P60, P80, P90 and P95 as far as they reach the floor, which the quickest answer sets. */
function ownLevels(batches: readonly Batch[], floorFrom: (quickestLevel: number) => number): readonly number[] {
  const totals = new Map<number, number>();
  let n = 0;
  for (const { levels, counts } of batches) {
    for (let i = 0; i < levels.length; i++) {
      totals.set(levels[i]!, (totals.get(levels[i]!) ?? 0) + counts[i]!);
      n += counts[i]!;
    }
  }
  const ascending = [...totals].sort(([a], [b]) => a - b);
  const own = [0.6, 0.8, 0.9, 0.95].flatMap((quantile) => levelAt(ascending, quantile * n));
  const floor = Math.max(0, ...ascending.slice(0, 1).map(([level]) => floorFrom(level)));
  return own.filter((level) => level >= floor);
}

function levelAt(ascending: readonly (readonly [number, number])[], rank: number): number[] {
  let seen = 0;
  for (const [level, count] of ascending) {
    seen += count;
    if (seen >= rank) return [level];
  }
  return [];
}

function atOrOver(batches: readonly Batch[], level: number): Float64Array {
  return Float64Array.from(batches, ({ levels, counts }) => {
    let over = 0;
    for (let i = 0; i < levels.length; i++) if (levels[i]! >= level) over += counts[i]!;
    return over;
  });
}
