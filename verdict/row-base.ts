import type { ProfileName } from '../targets/index.ts';
import type { Evidence } from './evidence.ts';
import { expectation, listed } from './text.ts';
import type { AssertionVerdict } from './types.ts';

export interface RowContext {
  readonly profile: ProfileName;
  /** Rows whose share is held against a target in this profile; failing any of them is a failure, so failing is corrected for them. */
  readonly judgedTargets: number;
}

/** The part of a row that does not depend on what was found. */
export function rowOf(evidence: Evidence, context?: RowContext): AssertionVerdict {
  const { target } = evidence;
  return {
    name: evidence.name,
    ...(target && { target: target.target.id }),
    statistic: target?.target.statistic ?? 'functional',
    status: 'undecided',
    expected: expected(evidence, context),
    observed: '',
    samples: evidence.n,
    interval: null,
    why: '',
  };
}

function expected({ target, firstBad, firstGood }: Evidence, context?: RowContext): string {
  if (!target) return firstBad?.expected ?? firstGood?.expected ?? 'as promised';
  if (target.limit) return expectation(target.target, target.limit);
  return context ? `no value in the profile ${context.profile}` : 'no value in this profile';
}

/** Why things went wrong, most frequent first. */
export function causes({ bad }: Evidence): string {
  const byCount = [...bad].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return listed(
    byCount.map(([because, times]) => (bad.size === 1 ? because : `${because} (${times})`)),
    3,
  );
}
