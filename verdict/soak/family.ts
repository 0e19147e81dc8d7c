/**
 * How often a whole soak calls any of its healthy series a leak. Looks are in it: the simulation counts a series as called
 * when any look of 48 h calls it. The chances of several series add up at most (Bonferroni), however they hang together.
 */
export interface FamilyError {
  readonly series: number;
  readonly atMost: number;
  readonly why: string;
}

/** The 95 % upper bound for one series in the worst scenario of `bench/soak/results/simulation.md`; a test holds it there. */
export const falseAlarmPerSeries = 2.5e-5;

export function familyError(series: number): FamilyError {
  const atMost = Math.min(1, series * falseAlarmPerSeries);
  const oneIn = Math.floor(1 / atMost);
  const why = `a healthy soak of ${series} series is called a leak in at most 1 of ${oneIn} runs of 48 h, all looks counted`;
  return { series, atMost, why };
}
