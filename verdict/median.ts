import type { Evidence } from './evidence.ts';
import { type RowContext, rowOf } from './row-base.ts';
import { furtherRuns, medianRanks, signTest } from './signtest.ts';
import { quantity } from './singles.ts';
import { count, satisfies, withUnit } from './text.ts';
import type { AssertionVerdict } from './types.ts';

interface Group {
  readonly cell: string | null;
  /** Ascending from good to bad; a run that came to nothing is worse than every value. */
  readonly values: readonly number[];
  readonly good: number;
  readonly status: 'pass' | 'fail' | 'undecided';
}

/** The median of n runs, by the sign test: all of 10 under the value pass. Each page (cell) has a median of its own. */
export function judgeMedian(evidence: Evidence, context: RowContext): AssertionVerdict {
  const groups = groupsOf(evidence);
  const [worst] = groups.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const { unit } = evidence.target!.target;
  const [low, high] = medianRanks(worst!.values.length);
  const ends = [worst!.values[low - 1]!, worst!.values[high - 1]!].sort((a, b) => a - b);
  return {
    ...rowOf(evidence, context),
    status: evidence.target!.limit ? worst!.status : 'shown',
    observed: `median ${shown(middleOf(worst!.values), unit)}${at(worst!)}`,
    samples: evidence.n,
    interval: ends.every(Number.isFinite) ? [ends[0]!, ends[1]!] : null,
    intervalUnit: unit,
    why: why(evidence, worst!),
  };
}

const order = ['fail', 'undecided', 'pass'];

function groupsOf(evidence: Evidence): readonly [Group, ...Group[]] {
  const cells = new Map<string | null, number[]>();
  const { compare, unit } = evidence.target!.target;
  const never = compare === 'above' || compare === 'at-least' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  for (const single of evidence.singles) {
    const values = cells.get(single.cell) ?? [];
    cells.set(single.cell, values);
    values.push(quantity(single, unit) ?? never);
  }
  if (evidence.windows > 0) cells.set(null, [...(cells.get(null) ?? []), ...windowValues(evidence)]);
  return [...cells].map(([cell, values]) => groupOf(evidence, cell, values)) as [Group, ...Group[]];
}

function windowValues({ spread }: Evidence): number[] {
  const answered = spread.bins().flatMap(({ high, count: times }) => Array<number>(times).fill(high));
  return [...answered, ...Array<number>(spread.lost).fill(Number.POSITIVE_INFINITY)];
}

function groupOf({ target }: Evidence, cell: string | null, values: number[]): Group {
  const { limit } = target!;
  const good = limit ? values.filter((value) => satisfies(target!.target.compare, value, limit.value)).length : 0;
  const rising = values.toSorted((a, b) => a - b);
  return { cell, values: rising, good, status: signTest(good, values.length - good) };
}

function why({ target }: Evidence, group: Group): string {
  const n = group.values.length;
  if (!target!.limit) return `this profile has no value for it: the median of ${count(n, 'run')} is shown`;
  const limit = withUnit(target!.limit.value, target!.target.unit);
  const held = `${group.good} of ${count(n, 'run')}${at(group)} kept to ${limit}`;
  if (group.status === 'pass') return `${held}, so the median does, by the sign test at 0.001`;
  if (group.status === 'fail') return `only ${held}, so the median does not, by the sign test at 0.001`;
  return `${held}; ${count(furtherRuns(group.good, n - group.good), 'more run')} like most of them would decide`;
}

const at = ({ cell }: Group): string => (cell === null ? '' : ` at ${cell}`);

function middleOf(values: readonly number[]): number {
  const half = values.length / 2;
  return values.length % 2 === 1 ? values[Math.floor(half)]! : (values[half - 1]! + values[half]!) / 2;
}

const shown = (value: number, unit: string): string => (Number.isFinite(value) ? withUnit(value, unit) : 'never came');
