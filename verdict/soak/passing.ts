import type { AssertionVerdict } from '../types.ts';
import type { SoakFold } from './fold.ts';
import type { Watched } from './watched.ts';
import { span } from './words.ts';

const hourMs = 3_600_000;
/** Less of a life than this tells of no leak but the fastest. */
const tooShortMs = 6 * hourMs;
/** One that was taken away again takes with it whatever it had gathered. */
const takenAwayMs = 24 * hourMs;
const goneMs = 30 * 60_000;
const throughoutShare = 0.9;

export interface Judged {
  readonly series: Watched;
  readonly row: AssertionVerdict;
}

/**
 * Copies are added and taken away with the load, and one that was there for an hour leaves its own trend open for ever.
 * Where another of the same service was there throughout and holds, it is only shown.
 */
export function passingBy({ series, row }: Judged, all: readonly Judged[], fold: SoakFold): AssertionVerdict {
  if (row.status !== 'undecided' || row.statistic !== 'trend' || !isCopy(series)) return row;
  const { seen } = series;
  const there = seen.lastMs - seen.firstMs;
  const isGone = fold.lastMs - seen.lastMs > goneMs;
  if (there >= (isGone ? takenAwayMs : tooShortMs)) return row;
  const holds = (other: Judged) =>
    isOfSame(series, other.series) &&
    other.row.status === 'pass' &&
    other.series.seen.lastMs - other.series.seen.firstMs >= throughoutShare * fold.lastMs;
  if (!all.some(holds)) return row;
  const why = `${row.why}; it was there for ${span(there / hourMs)} of ${span(fold.lastMs / hourMs)}, and another that was there throughout holds`;
  return { ...row, status: 'shown', why };
}

const isCopy = ({ labels }: Watched): boolean => labels.instance !== undefined || labels.process !== undefined;

const isOfSame = (one: Watched, other: Watched): boolean =>
  one !== other && one.series === other.series && one.service === other.service && one.from === other.from;
