import { designEffect } from './autocorrelation.ts';
import { levelOf, valueAt } from './batches.ts';
import { distributionOf } from './distribution.ts';
import type { Evidence } from './evidence.ts';
import {
  type Counts,
  furtherSamples,
  interval,
  lnEnough,
  lnEnoughToFail,
  lnEvidenceAbove,
  lnEvidenceBelow,
} from './proportion.ts';
import { type RowContext, rowOf } from './row-base.ts';
import { shareWords } from './share-words.ts';
import { foldCountedSingles, foldTimedSingles } from './singles.ts';
import type { AssertionVerdict, Status } from './types.ts';

/** A correlation time no run is believed to exceed; the first clean stretch hides it, so load is not passed before 20 of them. */
export const largestEffect = 50;
export const fewestUnderLoad = 20 * largestEffect;
export const shortestLoadMs = 60_000;
const fewestForEarlyFail = 200;

/** What a share is decided from. `high` counts doubtful ones as bad, `low` as good. */
export interface ShareEvidence {
  readonly n: number;
  readonly high: number;
  readonly low: number;
  /** null: too few batches to say. */
  readonly effect: number | null;
  /** Taken under load, in windows, and not one by one. */
  readonly load: boolean;
  readonly coveredMs: number;
}

export interface ShareDecision {
  readonly status: 'pass' | 'fail' | 'undecided';
  /** What k and n were divided by. */
  readonly effect: number;
  /** Under load and not yet at 60 s and 1 000 samples: nothing can pass, and failing takes more. */
  readonly early: boolean;
}

export function decideShare(evidence: ShareEvidence, p0: number, judgedTargets: number): ShareDecision {
  if (evidence.load && isEarly(evidence)) return decideEarly(evidence, p0, judgedTargets);
  const effect = evidence.effect ?? 1;
  const passes = lnEvidenceBelow(scaled(evidence.high, evidence.n, effect), p0) >= lnEnough;
  if (passes) return { status: 'pass', effect, early: false };
  return { status: failsAt(evidence, effect, p0, judgedTargets) ? 'fail' : 'undecided', effect, early: false };
}

function isEarly({ n, coveredMs, effect }: ShareEvidence): boolean {
  return n < fewestUnderLoad || coveredMs < shortestLoadMs || effect === null;
}

function decideEarly(evidence: ShareEvidence, p0: number, judgedTargets: number): ShareDecision {
  const effect = evidence.effect === null ? largestEffect : Math.max(largestEffect, 1.5 * evidence.effect);
  const fails = evidence.n >= fewestForEarlyFail && failsAt(evidence, effect, p0, judgedTargets);
  return { status: fails ? 'fail' : 'undecided', effect, early: true };
}

function failsAt({ low, n }: ShareEvidence, effect: number, p0: number, judgedTargets: number): boolean {
  return lnEvidenceAbove(scaled(low, n, effect), p0) >= lnEnoughToFail(judgedTargets);
}

export const scaled = (k: number, n: number, effect: number): Counts => ({ k: k / effect, n: n / effect });

/** Percentile and proportion rows: "P95 < T" says that at most 5 % take T or longer. */
export function judgeShare(evidence: Evidence, context: RowContext): AssertionVerdict {
  const timed = evidence.target!.target.statistic === 'P95';
  if (timed) foldTimedSingles(evidence);
  else foldCountedSingles(evidence);
  const seen = shareEvidence(evidence, timed);
  const p0 = allowedShare(evidence);
  const decision = decideShare(seen, p0 ?? 0.05, context.judgedTargets);
  const bounds = boundsOf(seen, decision.effect, context.judgedTargets);
  const row = {
    ...rowOf(evidence, context),
    samples: seen.n,
    interval: [bounds[0] * 100, bounds[1] * 100] as const,
    intervalUnit: '%',
    ...(timed && { distribution: distributionOf(evidence, decision.effect, context.judgedTargets) }),
  };
  const status = p0 === null ? 'shown' : finalStatus(evidence, seen, decision, p0, context);
  return { ...row, status, ...shareWords({ evidence, seen, decision, bounds, p0, status, outlook: outlookOf() }) };

  function outlookOf() {
    if (p0 === null || status !== 'undecided') return null;
    const ahead = furtherSamples(scaled(seen.high, seen.n, decision.effect), p0, lnEnoughToFail(context.judgedTargets));
    return ahead && { ...ahead, further: Math.ceil(ahead.further * decision.effect) };
  }
}

/** Lateness can only add: a pass counted from the due time stays one. What is not a pass may be our own doing. */
function finalStatus(
  evidence: Evidence,
  seen: ShareEvidence,
  decision: ShareDecision,
  p0: number,
  { judgedTargets }: RowContext,
): Status {
  if (decision.status === 'pass' || !evidence.sentLate) return decision.status;
  const fromSent = { ...seen, high: evidence.lateFromSent, low: evidence.lateFromSent };
  return decideShare(fromSent, p0, judgedTargets).status === 'pass' ? 'invalid' : decision.status;
}

function shareEvidence(evidence: Evidence, timed: boolean): ShareEvidence {
  return {
    n: evidence.n,
    high: evidence.lateHigh,
    low: evidence.lateLow,
    effect: designEffect(evidence.batches.all, timed ? 'own-quantiles' : 'errors-only', proxyFloor(evidence)),
    load: evidence.windows > 0,
    coveredMs: evidence.stretches.coveredMs,
  };
}

/**
 * A quarter of the way from the run's quickest answer to the limit: what is quicker does not stand in for a late answer. A way
 * that takes every answer fifty milliseconds moves the quickest along, and changes little.
 */
function proxyFloor({ target }: Evidence): (quickestLevel: number) => number {
  const limit = target?.limit?.value;
  if (limit === undefined) return () => 0;
  return (quickestLevel) => {
    const quickest = valueAt(quickestLevel);
    return levelOf(quickest + (limit - quickest) / 4);
  };
}

function boundsOf(seen: ShareEvidence, effect: number, judgedTargets: number): readonly [number, number] {
  const lnFail = lnEnoughToFail(judgedTargets);
  const [low] = interval(scaled(seen.low, seen.n, effect), lnFail);
  const [, high] = interval(scaled(seen.high, seen.n, effect), lnFail);
  return [low, high];
}

/** The largest share of bad ones the target allows; null when the profile has no value. */
function allowedShare({ target }: Evidence): number | null {
  if (!target?.limit) return null;
  if (target.target.statistic === 'P95') return 0.05;
  const percent = target.target.compare === 'at-least' ? 100 - target.limit.value : target.limit.value;
  // Taken through whole billionths, so that 100 − 99.9 is a tenth and not a tenth less a rounding error.
  return Math.round(percent * 1e7) / 1e9;
}
