import type { Status } from './types.ts';
import { statuses } from './types.ts';

/** A proven failure outweighs a doubt about us, that a doubt about them, that a closed door; everything else weighs nothing. */
export const gravity: Readonly<Record<Status, number>> = {
  fail: 4,
  invalid: 3,
  undecided: 2,
  'not-verified': 1,
  pass: 0,
  waived: 0,
  excluded: 0,
  shown: 0,
};

/** An empty list has no worst member, so it cannot be asked for one. Among the weightless, a pass names the whole. */
export const worst = ([first, ...rest]: readonly [Status, ...Status[]]): Status =>
  rest.reduce((a, b) => (statuses.indexOf(b) < statuses.indexOf(a) ? b : a), first);

export function exitCodeFor(status: Status): 0 | 1 | 2 | 3 {
  if (status === 'fail') return 1;
  if (status === 'invalid') return 3;
  return gravity[status] > 0 ? 2 : 0;
}
