import type { Evidence } from './evidence.ts';
import { broken } from './functional.ts';
import { type RowContext, rowOf } from './row-base.ts';
import { quantity } from './singles.ts';
import { count, satisfies, withUnit } from './text.ts';
import type { AssertionVerdict } from './types.ts';

/** A measured number without spread, or several: each must keep to the value. */
export function judgeExact(evidence: Evidence, context: RowContext): AssertionVerdict {
  const row = rowOf(evidence, context);
  const { target, limit } = evidence.target!;
  const values = evidence.singles.flatMap((single) => quantity(single, target.unit) ?? []);
  const observed = values.length === 0 ? 'no value' : extent(values, target.unit);
  if (!limit) {
    return { ...row, status: 'shown', observed, why: 'this profile has no value for it: it is shown, not judged' };
  }
  if (evidence.badCount > 0) return { ...broken(evidence), expected: row.expected };
  if (values.length < evidence.good) {
    return {
      ...row,
      observed,
      why: `${evidence.good - values.length} of ${evidence.good} came without a value in ${target.unit}; measuring it again would decide`,
    };
  }
  const kept = values.filter((value) => satisfies(target.compare, value, limit.value)).length;
  const against = `${row.expected}: ${kept} of ${count(values.length, 'value')} kept to it`;
  return { ...row, status: kept === values.length ? 'pass' : 'fail', observed, why: `${observed} against ${against}` };
}

function extent(values: readonly number[], unit: string): string {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  return low === high ? withUnit(low, unit) : `${withUnit(low, unit)} to ${withUnit(high, unit)}`;
}
