import type { AssertionVerdict } from '../types.ts';
import type { SoakFold } from './fold.ts';
import type { Looks } from './looks.ts';
import type { Watched } from './watched.ts';
import { span, spanOf } from './words.ts';

/** Not seen for so much of the soak: nobody can say what it did then. */
export const unseenShare = 0.05;

type Found = Pick<AssertionVerdict, 'status' | 'observed' | 'why'>;

/** A pass stands for the whole soak, so it needs to have been looked at throughout; whatever was found broken stays broken. */
export function throughout<Row extends Found>(
  row: Row,
  fold: SoakFold,
  looks: readonly Looks[],
  reason: string | undefined,
): Row {
  if (row.status !== 'pass') return row;
  const unseenMs = Math.max(0, ...looks.map((one) => one.unseenMs(fold.lastMs, fold.gaps)));
  if (unseenMs <= unseenShare * fold.coveredMs) return row;
  const because = reason === undefined ? '' : ` (${reason})`;
  const why = `${row.why}; but nothing told of it for ${spanOf(unseenMs)} of ${span(fold.coveredMs / 3_600_000)}${because}, so that is not proven`;
  return { ...row, status: 'undecided', why: `${why}; seeing it throughout would decide` };
}

/** Why the source of a series could not be looked at, last. */
export function troubleOf({ unseen }: SoakFold, { service, labels }: Watched): string | undefined {
  const own = unseen.get(`${labels.from ?? ''} ${service}`);
  return own ?? [...unseen].find(([source]) => source === service || source.startsWith(`${service} `))?.[1];
}
