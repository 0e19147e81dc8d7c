import { lnBetaAbove, lnBetaBelow } from './beta.ts';

/** `k` of `n` are bad. Both may be fractions: they are divided by the design effect. */
export interface Counts {
  readonly k: number;
  readonly n: number;
}

/** Evidence is an e-value: looked at as often as one likes, under the null it reaches 1 000 in at most 1 of 1 000 runs. */
export const lnEnough = Math.log(1000);

/** Failing needs a correction for the number of judged targets, because one failure is enough; passing needs all. */
export const lnEnoughToFail = (judgedTargets: number): number => Math.log(1000 * Math.max(1, judgedTargets));

/**
 * ln E⁻: the evidence that the true share is below p0. The likelihood of the data under a Beta(½, ½) mixture truncated
 * to (0, p0), over the likelihood at p0. It depends on k and n alone, so it folds, merges and resumes to the same value.
 */
export function lnEvidenceBelow({ k, n }: Counts, p0: number): number {
  return lnBetaBelow(p0, 0.5 + k, 0.5 + n - k) - lnBetaBelow(p0, 0.5, 0.5) - lnLikelihood(k, n, p0);
}

/** ln E⁺: the evidence that the true share is above p0; the same mixture truncated to (p0, 1). */
export function lnEvidenceAbove({ k, n }: Counts, p0: number): number {
  return lnBetaAbove(p0, 0.5 + k, 0.5 + n - k) - lnBetaAbove(p0, 0.5, 0.5) - lnLikelihood(k, n, p0);
}

const lnLikelihood = (k: number, n: number, p: number): number => k * Math.log(p) + (n - k) * Math.log1p(-p);

export type Decision = 'pass' | 'fail' | 'undecided';

export function decide(counts: Counts, p0: number, lnFail: number): Decision {
  if (counts.n <= 0) return 'undecided';
  if (lnEvidenceBelow(counts, p0) >= lnEnough) return 'pass';
  return lnEvidenceAbove(counts, p0) >= lnFail ? 'fail' : 'undecided';
}

/**
 * The deciding interval: the shares that are neither proven too small nor too large. It passes exactly when its upper
 * end is at most p0 and fails exactly when its lower end is at least p0.
 */
export function interval(counts: Counts, lnFail: number): readonly [low: number, high: number] {
  if (counts.n <= 0) return [0, 1];
  return [lowerEnd(counts, lnFail), upperEnd(counts)];
}

function upperEnd(counts: Counts): number {
  const share = counts.k / counts.n;
  if (share >= 1) return 1;
  return crossing(share, 1, (p) => lnEvidenceBelow(counts, p) >= lnEnough);
}

function lowerEnd(counts: Counts, lnFail: number): number {
  const share = counts.k / counts.n;
  if (share <= 0) return 0;
  return crossing(share, 0, (p) => lnEvidenceAbove(counts, p) >= lnFail);
}

/** Bisects for where `proven` turns true on the way from `inside`, where it is false, to `outside`; answers the proven side. */
function crossing(inside: number, outside: number, proven: (p: number) => boolean): number {
  let no = inside;
  let yes = outside;
  for (let i = 0; i < 60 && Math.abs(yes - no) > 1e-12; i++) {
    const middle = (no + yes) / 2;
    if (proven(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

export interface Outlook {
  readonly further: number;
  readonly towards: 'pass' | 'fail';
}

const furthest = 1e7;

/** How many more samples would decide if the share stayed as observed; null when ten million would not. */
export function furtherSamples(counts: Counts, p0: number, lnFail: number): Outlook | null {
  const share = counts.n > 0 ? counts.k / counts.n : 0;
  const after = (m: number) => decide({ k: counts.k + share * m, n: counts.n + m }, p0, lnFail);
  let enough = 1;
  while (after(enough) === 'undecided') {
    enough *= 2;
    if (enough > furthest) return null;
  }
  const further = fewest(Math.floor(enough / 2), enough, (m) => after(m) !== 'undecided');
  return { further, towards: after(further) === 'pass' ? 'pass' : 'fail' };
}

/** The smallest whole number in (no, yes] for which it holds. */
function fewest(no: number, yes: number, holds: (m: number) => boolean): number {
  let low = no;
  let high = yes;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
