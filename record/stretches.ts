/** From a moment to a later one; both in the same ms. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The parts of a stretch that lie in none of the others: what two tell of is counted once. */
export function outside(stretch: Stretch, others: readonly Stretch[]): readonly Stretch[] {
  const cut = (part: Stretch, other: Stretch): readonly Stretch[] =>
    [
      { fromMs: part.fromMs, toMs: Math.min(part.toMs, other.fromMs) },
      { fromMs: Math.max(part.fromMs, other.toMs), toMs: part.toMs },
    ].filter(({ fromMs, toMs }) => toMs > fromMs);
  const isWithin = (part: Stretch, other: Stretch) => other.fromMs < part.toMs && other.toMs > part.fromMs;
  return others.reduce<readonly Stretch[]>(
    (parts, other) => parts.flatMap((part) => (isWithin(part, other) ? cut(part, other) : [part])),
    [stretch],
  );
}

export const lengthMs = (stretches: readonly Stretch[]): number =>
  stretches.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs), 0);
