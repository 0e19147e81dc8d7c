import type { Evidence } from './evidence.ts';
import { broken } from './functional.ts';
import { type RowContext, rowOf } from './row-base.ts';
import { quantity } from './singles.ts';
import { count, satisfies, withUnit } from './text.ts';
import type { AssertionVerdict } from './types.ts';

/** Every one must hold: no share, no interval. A broken one is broken on any profile; only the number is the profile's. */
export function judgeCensus(evidence: Evidence, context: RowContext): AssertionVerdict {
  const row = rowOf(evidence, context);
  if (evidence.badCount > 0) return { ...broken(evidence), expected: row.expected };
  return evidence.target!.target.unit === '%' ? cellsHeld(evidence, row) : timesHeld(evidence, row);
}

function cellsHeld(evidence: Evidence, row: AssertionVerdict): AssertionVerdict {
  const observed = `all of ${count(evidence.good, 'cell')} held`;
  if (!evidence.target!.limit) return { ...row, status: 'shown', observed, why: shownWhy };
  return { ...row, status: 'pass', observed, why: `${observed}, none unprobed` };
}

function timesHeld(evidence: Evidence, row: AssertionVerdict): AssertionVerdict {
  const { target, limit } = evidence.target!;
  const times = evidence.singles.flatMap((single) => quantity(single, target.unit) ?? []);
  if (times.length === 0)
    return { ...row, observed: 'no times', why: 'nothing was timed; one timed case would decide' };
  const slowest = times.reduce((a, b) => Math.max(a, b));
  const observed = `slowest ${withUnit(slowest, target.unit)} of ${times.length}`;
  if (!limit) return { ...row, status: 'shown', observed, why: shownWhy };
  const over = times.filter((time) => !satisfies(target.compare, time, limit.value)).length;
  const value = withUnit(limit.value, target.unit);
  if (over > 0) return { ...row, status: 'fail', observed, why: `${over} of ${times.length} took ${value} or longer` };
  const fewest = Math.max(target.fewest ?? 1, evidence.atLeast);
  if (times.length >= fewest && times.length === evidence.good) {
    return { ...row, status: 'pass', observed, why: `every one of ${times.length} stayed under ${value}` };
  }
  const missing = Math.max(fewest - times.length, evidence.good - times.length);
  return {
    ...row,
    observed,
    why: `all of ${times.length} timed ones stayed under ${value}; ${count(missing, 'more', 'more')} must be timed to decide`,
  };
}

const shownWhy = 'this profile has no value for it: it is shown, not judged';
