import type { Distribution } from '../../verdict/types.ts';

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Nothing is quicker than this on a logarithmic axis: one unit of a microsecond, in milliseconds. */
const floor = 0.001;

/**
 * Bins of equal width on a logarithmic axis, laid out from the limit, so that no bar lies across it: what is drawn as
 * late is what is over the target. A bucket is dealt out over the bins it covers, in proportion to its logarithmic width.
 */
export function binned({ buckets, limit }: Distribution): readonly Bin[] {
  const filled = buckets.filter((bucket) => bucket.count > 0).map(spread);
  if (filled.length === 0) return [];
  const [low, high] = [filled[0]!.from, filled.at(-1)!.to];
  const origin = limit !== undefined && limit > 0 ? limit : low;
  const step = Math.max(Math.log(high / low) / atMost(filled), Math.log(1.04));
  const first = Math.floor(Math.log(low / origin) / step + 1e-9);
  const last = Math.ceil(Math.log(high / origin) / step - 1e-9);
  const edge = (index: number) => (index === 0 ? origin : origin * Math.exp(index * step));
  const bins = Array.from({ length: last - first }, (_, index) => ({
    from: edge(first + index),
    to: edge(first + index + 1),
  }));
  return bins.map((bin) => ({ ...bin, count: filled.reduce((total, bucket) => total + shared(bucket, bin), 0) }));
}

/** Few samples in many bins are a comb; the cube root is Rice's rule, and more than 64 bins are narrower than a line. */
const atMost = (filled: readonly Bin[]): number =>
  Math.min(64, Math.max(12, Math.round(3 * Math.cbrt(filled.reduce((total, bucket) => total + bucket.count, 0)))));

/** A bucket that starts at zero, or holds a single value, still has a width on a logarithmic axis. */
function spread({ from, to, count }: Bin): Bin {
  const start = Math.max(from, floor);
  return { from: start, to: to > start ? to : start * 1.001, count };
}

function shared(bucket: Bin, bin: Pick<Bin, 'from' | 'to'>): number {
  const low = Math.max(bucket.from, bin.from);
  const high = Math.min(bucket.to, bin.to);
  return high <= low ? 0 : (bucket.count * Math.log(high / low)) / Math.log(bucket.to / bucket.from);
}
