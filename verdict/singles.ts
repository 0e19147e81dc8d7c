import type { Evidence, Single } from './evidence.ts';

/**
 * Folds single timed probes into what windows already folded: latency from the due time, lost ones, and the latency
 * had we not been late ourselves. Time spent waiting for the previous answer is the deployment's, not ours.
 */
export function foldTimedSingles(evidence: Evidence): void {
  const limit = evidence.target?.limit?.value ?? Number.POSITIVE_INFINITY;
  let previousEnd = Number.NEGATIVE_INFINITY;
  for (const single of evidence.singles.toSorted((a, b) => a.startMs - b.startMs)) {
    const fromDue = single.tookMs === null ? null : single.startMs - single.dueMs + single.tookMs;
    const ours = ourLateness(single, previousEnd);
    // A lost probe may not say how long it was waited for, so whoever follows it is not called late by us.
    previousEnd = single.tookMs === null ? Number.POSITIVE_INFINITY : single.startMs + single.tookMs;
    if (!single.ok || fromDue === null) countUntimed(evidence, single.ok);
    else countTimed(evidence, fromDue, fromDue - ours, limit);
  }
}

function countTimed(evidence: Evidence, fromDue: number, fromSent: number, limit: number): void {
  const late = fromDue >= limit ? 1 : 0;
  evidence.spread.add(fromDue, fromDue, 1);
  evidence.lateHigh += late;
  evidence.lateLow += late;
  evidence.lateFromSent += fromSent >= limit ? 1 : 0;
  if (fromDue - fromSent > 1) evidence.sentLate = true;
  evidence.batches.add(1, late, [{ low: fromDue, high: fromDue, count: 1 }], 0);
}

/** Lost is late both ways. An answer without a time is no evidence of speed, nor of slowness. */
function countUntimed(evidence: Evidence, answered: boolean): void {
  evidence.spread.lost++;
  evidence.lateHigh++;
  evidence.lateFromSent++;
  if (!answered) evidence.lateLow++;
  evidence.batches.add(1, 1, [], 1);
}

function ourLateness({ startMs, dueMs }: Single, previousEnd: number): number {
  if (previousEnd === Number.POSITIVE_INFINITY) return 0;
  const free = previousEnd <= startMs ? Math.max(dueMs, previousEnd) : dueMs;
  return Math.max(0, startMs - free);
}

/** Single right and wrong answers of a proportion, in time order. */
export function foldCountedSingles(evidence: Evidence): void {
  for (const { ok } of evidence.singles.toSorted((a, b) => a.startMs - b.startMs)) {
    const bad = ok ? 0 : 1;
    evidence.lateHigh += bad;
    evidence.lateLow += bad;
    evidence.lateFromSent += bad;
    evidence.batches.add(1, bad, [], 0);
  }
}

const inUnit: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ms: { s: 1000 },
  By: { kB: 1000, KB: 1000, KiBy: 1024 },
  '1/min': { '1/s': 60 },
  '1/s': { '1/min': 1 / 60 },
  h: { min: 1 / 60, s: 1 / 3600, ms: 1 / 3_600_000 },
};

/** What a single measured, in the unit of its target; null when it measured nothing that could be converted. */
export function quantity(single: Single, unit: string): number | null {
  if (!single.ok) return null;
  if (single.value !== null) return inTargetUnit(single.value, single.unit ?? unit, unit);
  if (single.tookMs === null || unit !== 'ms') return null;
  return single.startMs - single.dueMs + single.tookMs;
}

function inTargetUnit(value: number, unit: string, wanted: string): number | null {
  if (unit === wanted) return value;
  const factor = inUnit[wanted]?.[unit];
  return factor === undefined ? null : value * factor;
}
