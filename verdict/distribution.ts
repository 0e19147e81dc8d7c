import type { Evidence } from './evidence.ts';
import type { Bin } from './histogram.ts';
import { type Counts, lnEnough, lnEnoughToFail, lnEvidenceAbove, lnEvidenceBelow } from './proportion.ts';
import type { Distribution } from './types.ts';

/** For plots: some fifty log-spaced buckets, the quantiles with lost ones as the slowest, the limit and the interval of P95. */
export function distributionOf(evidence: Evidence, effect: number, judgedTargets: number): Distribution {
  const { spread, target } = evidence;
  const quantile = (share: number) => tidy(spread.quantile(share));
  return {
    unit: target!.target.unit,
    buckets: logBuckets(spread.bins(), target!.limit?.value),
    lost: spread.lost,
    quantiles: {
      p50: quantile(0.5),
      p90: quantile(0.9),
      p95: quantile(0.95),
      p99: quantile(0.99),
      max: quantile(1),
    },
    ...(target!.limit && { limit: target!.limit.value }),
    interval: intervalOfP95(evidence, effect, judgedTargets).map((end) => tidy(end)) as [number | null, number | null],
  };
}

/** The values that are neither proven below nor proven above the 95th percentile. */
function intervalOfP95({ spread }: Evidence, effect: number, judgedTargets: number): [number | null, number | null] {
  const { n } = spread;
  const lnFail = lnEnoughToFail(judgedTargets);
  const at = (k: number): Counts => ({ k: k / effect, n: n / effect });
  const mostToPass = lastTrue(n, (k) => lnEvidenceBelow(at(k), 0.05) >= lnEnough);
  const fewestToFail = lastTrue(n, (k) => lnEvidenceAbove(at(k), 0.05) < lnFail) + 1;
  return [
    fewestToFail > n ? null : (spread.smallestWithAtMostOver(fewestToFail - 1) ?? spread.largestAnswered()),
    mostToPass < 0 ? null : spread.smallestWithAtMostOver(mostToPass),
  ];
}

/** The largest k in 0…n for which it holds, given that it holds up to some k and not after; −1 when it never does. */
function lastTrue(n: number, holds: (k: number) => boolean): number {
  let yes = -1;
  let no = n + 1;
  while (no - yes > 1) {
    const middle = Math.floor((yes + no) / 2);
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

const mostBuckets = 50;
const narrowest = 1.02;

/** Laid out from the limit, so that no bucket lies across it: when nothing was late, no bucket says that something was. */
function logBuckets(bins: readonly Bin[], limit: number | undefined): Distribution['buckets'] {
  if (bins.length === 0) return [];
  const first = Math.max(middle(bins[0]!), 1e-3);
  const last = Math.max(middle(bins.at(-1)!), first);
  const ratio = Math.max(narrowest, (last / first) ** (1 / (mostBuckets - 2)));
  const origin = limit !== undefined && limit > 0 ? limit : first;
  const counts = new Map<number, number>();
  for (const bin of bins) {
    const index = bucketOf(Math.max(middle(bin), first), origin, ratio);
    counts.set(index, (counts.get(index) ?? 0) + bin.count);
  }
  const edge = (index: number) => tidy(origin * ratio ** index);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([index, count]) => ({ from: edge(index), to: edge(index + 1), count }));
}

/** Rounding may move a value by one bucket, but never across the origin. */
function bucketOf(value: number, origin: number, ratio: number): number {
  const index = Math.floor(Math.log(value / origin) / Math.log(ratio) + 1e-9);
  return value < origin ? Math.min(index, -1) : Math.max(index, 0);
}

const middle = ({ low, high }: Bin): number => (low + high) / 2;

/** Six digits say more than any clock measured, and keep rounding noise out of the report. */
function tidy(value: number): number;
function tidy(value: number | null): number | null;
function tidy(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(6));
}
