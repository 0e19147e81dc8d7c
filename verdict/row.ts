import { judgeCensus } from './census.ts';
import type { Evidence } from './evidence.ts';
import { judgeExact } from './exact.ts';
import { judgeFunctional } from './functional.ts';
import { judgeMedian } from './median.ts';
import { causes, type RowContext, rowOf } from './row-base.ts';
import { judgeShare } from './share.ts';
import { count, listed } from './text.ts';
import type { AssertionVerdict } from './types.ts';

/** What a row says before unmet access, spoilt evidence and waivers are looked at. */
export function judgeRow(evidence: Evidence, context: RowContext): AssertionVerdict {
  const row = withMissingCells(evidence, judged(evidence, context));
  if (evidence.planned) return row;
  return { ...row, why: `${row.why}; nobody planned to look at this, it is judged all the same` };
}

function judged(evidence: Evidence, context: RowContext): AssertionVerdict {
  if (evidence.targetId !== undefined && !evidence.target) return unknownTarget(evidence, evidence.targetId);
  if (evidence.n === 0) return nothingMeasured(evidence);
  if (!evidence.target) return judgeFunctional(evidence);
  if (neverAnswered(evidence)) return refused(evidence, context);
  return byStatistic(evidence, context);
}

function byStatistic(evidence: Evidence, context: RowContext): AssertionVerdict {
  switch (evidence.target!.target.statistic) {
    case 'P95':
    case 'proportion':
      return judgeShare(evidence, context);
    case 'median':
      return judgeMedian(evidence, context);
    case 'census':
      return judgeCensus(evidence, context);
    case 'exact':
      return judgeExact(evidence, context);
  }
}

/** A closed port, a wrong certificate, nothing but errors: no statistics are needed, on any profile. */
const neverAnswered = ({ good, badCount }: Evidence): boolean => good === 0 && badCount >= 3;

function refused(evidence: Evidence, context: RowContext): AssertionVerdict {
  return {
    ...rowOf(evidence, context),
    status: 'fail',
    observed: 'never once answered rightly',
    why: `none of ${count(evidence.badCount, 'attempt')} succeeded: ${causes(evidence)}`,
  };
}

function nothingMeasured(evidence: Evidence): AssertionVerdict {
  return {
    ...rowOf(evidence),
    status: 'undecided',
    observed: 'nothing',
    why: 'it was planned and nothing was measured; one complete run of this check would decide',
  };
}

function unknownTarget(evidence: Evidence, id: string): AssertionVerdict {
  return {
    ...rowOf(evidence),
    target: id,
    status: 'undecided',
    observed: `${count(evidence.n, 'measurement')}`,
    why: `its target ${id} is not known to this version of the harness`,
  };
}

/** A cell nobody looked at is not a pass, whatever the other cells say. */
function withMissingCells(evidence: Evidence, row: AssertionVerdict): AssertionVerdict {
  const missing = evidence.cells.filter((cell) => !evidence.heldCells.has(cell) && !evidence.brokenCells.has(cell));
  if (missing.length === 0 || (row.status !== 'pass' && row.status !== 'undecided')) return row;
  if (evidence.n === 0) return row;
  const why = `${count(missing.length, 'cell')} of ${evidence.cells.length} never looked at: ${listed(missing)}`;
  return { ...row, status: 'undecided', why };
}
