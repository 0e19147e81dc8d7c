/**
 * How many independent observations a run of timings is worth. Neighbours resemble each other, the more so the busier the
 * machines, and the judge divides by that resemblance. This estimate judges nothing: it only tells a probe when it has asked
 * often enough. It takes the largest of the batch-means estimates (batches of 1, 2, 4, …, at least sixteen of them) over the
 * indicators at the run's own P90 and P95 as far as they reach `slowMs`, and at `slowMs`: how quick answers follow each
 * other says nothing about slow ones.
 */
export function worth(tookMs: readonly number[], slowMs = 0): number {
  if (tookMs.length < fewestBatches) return tookMs.length;
  const sorted = [...tookMs].sort((a, b) => a - b);
  const own = [0.9, 0.95].map((share) => sorted[Math.floor(share * sorted.length)]!);
  const limits = [...own.filter((limit) => limit >= slowMs), slowMs];
  const effects = limits.map((limit) => designEffect(tookMs.map((took) => (took > limit ? 1 : 0))));
  return tookMs.length / Math.max(1, ...effects);
}

const fewestBatches = 16;

function designEffect(indicators: readonly number[]): number {
  const single = variance(indicators);
  if (single === 0) return 1;
  let largest = 1;
  for (let size = 2; indicators.length / size >= fewestBatches; size *= 2) {
    largest = Math.max(largest, (variance(meansOf(indicators, size)) * size) / single);
  }
  return largest;
}

function meansOf(values: readonly number[], size: number): number[] {
  const batches = Math.floor(values.length / size);
  return Array.from({ length: batches }, (_, i) => mean(values.slice(i * size, (i + 1) * size)));
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}
