/** How exactly a proxy keeps to its limit, and how long after it the news takes. */
const earlyMs = 2_000;
const lateMs = 10_000;

/**
 * A proxy that holds a socket as one long request ends it at a known age (Cloud Run: at most 60 minutes). An end at that
 * age is expected, whatever its code; at any other it is the deployment's doing. `limitMs` is of the same clock as the age.
 */
export function isExpected(end: { readonly ageMs: number | null; readonly limitMs: number }): boolean {
  return end.ageMs !== null && end.ageMs >= end.limitMs - earlyMs && end.ageMs <= end.limitMs + lateMs;
}
