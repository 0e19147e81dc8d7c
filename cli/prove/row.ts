import type { Fault } from '../../reference/faults/fault.ts';
import type { CheckVerdict, Report } from '../../verdict/types.ts';
import { globToRegExp } from '../run/select.ts';
import type { MatrixRow } from './matrix.ts';
import { isOfSoak } from './soaks.ts';

export interface Seen {
  /** All that were planted: what one of them breaks is no alarm beside another. */
  readonly faults: readonly Fault[];
  readonly report: Report | null;
  readonly trouble: string | null;
  readonly tookMs: number;
}

/** What became of one fault. */
export function rowOf(fault: Fault, { faults, report, trouble, tookMs }: Seen): MatrixRow {
  const red = new Map(
    (report?.checks ?? []).filter((check) => check.status === 'fail').map((check) => [check.id, firstWhy(check)]),
  );
  // A rehearsal of a soak is short: what it leaves open is no alarm.
  const odd = (report?.checks ?? []).filter(
    ({ id, status }) => status === 'invalid' || (status === 'undecided' && !isOfSoak(id)),
  );
  const expected = (id: string) =>
    faults.some(({ catches, mayAlso }) => catches.includes(id) || mayAlso.some((glob) => globToRegExp(glob).test(id)));
  const missed = fault.catches.filter((id) => !red.has(id));
  const beside = [...red.keys(), ...odd.map((check) => check.id)].filter((id) => !expected(id));
  return {
    fault: fault.name,
    plants: fault.plants,
    caught: fault.catches.filter((id) => red.has(id)),
    also: [...red.keys()].filter((id) => !fault.catches.includes(id)),
    missed,
    beside,
    why: Object.fromEntries(red),
    trouble,
    tookMs: Math.round(tookMs),
    proven: trouble === null && missed.length === 0 && beside.length === 0,
  };
}

export function complaint(row: MatrixRow): string {
  return [
    row.trouble,
    row.missed.length > 0 ? `unseen by ${row.missed.join(', ')}` : null,
    row.beside.length > 0 ? `alarm beside from ${row.beside.join(', ')}` : null,
  ]
    .filter((part) => part !== null)
    .join('; ');
}

export function firstWhy(check: CheckVerdict): string {
  return check.assertions.find((assertion) => assertion.status === check.status)?.why ?? '';
}
