/** P(X ≥ k) for X of n fair coins. */
export function fairTail(k: number, n: number): number {
  let term = 0.5 ** n;
  let tail = k <= n ? term : 0;
  for (let i = n; i > k; i--) {
    term *= i / (n - i + 1);
    tail += term;
  }
  return tail;
}

const level = 0.001;

/** 10 of 10 decide at 0.001; both ways alike. `good` values satisfy the target, `bad` do not. */
export function signTest(good: number, bad: number): 'pass' | 'fail' | 'undecided' {
  const n = good + bad;
  if (n > 0 && fairTail(good, n) <= level) return 'pass';
  return n > 0 && fairTail(bad, n) <= level ? 'fail' : 'undecided';
}

/** How many more runs, all as the majority so far, would decide. */
export function furtherRuns(good: number, bad: number): number {
  let further = 0;
  while (fairTail(Math.max(good, bad) + further, good + bad + further) > level) further++;
  return further;
}

/** Ranks (from 1) of the order statistics that hold the median with at least 95 %; the whole range when n is under 6. */
export function medianRanks(n: number): readonly [low: number, high: number] {
  let low = 1;
  while (low + 1 <= n / 2 && 1 - 2 * fairTail(n - low, n) >= 0.95) low++;
  return [low, n + 1 - low];
}
