import type { Evidence } from './evidence.ts';
import { causes, rowOf } from './row-base.ts';
import { count, number } from './text.ts';
import type { AssertionVerdict } from './types.ts';

/** Form, content, refusal: one broken promise is proof, and it takes the promised number of kept ones to pass. */
export function judgeFunctional(evidence: Evidence): AssertionVerdict {
  if (evidence.badCount > 0) return broken(evidence);
  const row = rowOf(evidence);
  if (evidence.firstGood?.value !== undefined) return shown(evidence);
  const observed = evidence.firstGood?.observed ?? `${count(evidence.good, 'time')} as promised`;
  if (evidence.good >= evidence.atLeast) {
    return { ...row, status: 'pass', observed, why: `as promised in all of ${count(evidence.good, 'look')}` };
  }
  const missing = evidence.atLeast - evidence.good;
  return {
    ...row,
    observed,
    why: `as promised in all of ${count(evidence.good, 'look')}, and ${count(missing, 'more good one')} would decide`,
  };
}

/** A quantity without a target says what is there; nothing was promised about it. */
function shown(evidence: Evidence): AssertionVerdict {
  const { firstGood } = evidence;
  const observed = firstGood?.observed ?? `${firstGood?.value} ${firstGood?.unit ?? ''}`.trim();
  return { ...rowOf(evidence), status: 'shown', observed, why: `nothing to hold it against: ${observed}` };
}

export function broken(evidence: Evidence): AssertionVerdict {
  const row = rowOf(evidence);
  return {
    ...row,
    status: 'fail',
    observed: evidence.firstBad?.observed ?? causes(evidence),
    why: `${howOften(evidence)}: ${causes(evidence)}${place(evidence)}`,
  };
}

const howOften = ({ badCount, n }: Evidence): string =>
  n === 1 ? 'broken' : `broken ${number(badCount)} of ${number(n)} times`;

function place({ firstBad, bad }: Evidence): string {
  if (!firstBad) return '';
  const where = firstBad.cell === undefined ? '' : ` at ${firstBad.cell}`;
  const when = `${(firstBad.startMs / 1000).toFixed(1)} s into the run`;
  const what = bad.size > 1 ? `, first ${firstBad.because}` : ', first';
  return `${what}${where} ${when}`;
}
