import { join } from 'node:path';
import type { Environment } from '../../environment/types.ts';
import type { Fault } from '../../reference/faults/fault.ts';
import { isBuilt } from '../../suites/index.ts';
import type { Report } from '../../verdict/types.ts';
import { globToRegExp, select } from '../run/select.ts';
import { planFor, soakSelection } from '../soak/plan.ts';
import { soak } from '../soak/soak.ts';

export const isOfSoak = (id: string): boolean => id.startsWith('soak.');
export const breaksSoaks = ({ catches }: Fault): boolean => catches.every(isOfSoak);

/** Ten hours in 75 s: hours enough to tell a leak; a drift asks for more. */
const usualHours = 10;
export const timeScale = 480;
const users = 4;
const hourMs = 3_600_000;

/**
 * Faults that are told apart within one soak, so that a quick proof takes minutes: none breaks, or may break, what another
 * must break, so whatever a check says of one it cannot say because of another.
 */
export function soakGroups(faults: readonly Fault[]): Fault[][] {
  const groups: Fault[][] = [];
  for (const fault of faults) {
    const group = groups.find((others) => others.every((other) => apart(fault, other)));
    if (group) group.push(fault);
    else groups.push([fault]);
  }
  return groups;
}

function apart(one: Fault, other: Fault): boolean {
  const mayBreak = (fault: Fault, id: string) =>
    [...fault.catches, ...fault.mayAlso].some((glob) => globToRegExp(glob).test(id));
  const sees = (fault: Fault, ids: readonly string[]) => ids.some((id) => mayBreak(fault, id));
  return one.profile === other.profile && !sees(one, other.catches) && !sees(other, one.catches);
}

interface Rehearsal {
  readonly environment: Environment;
  readonly directory: string;
  readonly name: string;
  readonly only: readonly string[];
  readonly profile?: string;
  readonly hours?: number;
  /** Ends when all of these have failed; null: the whole length is looked at. */
  readonly awaited: readonly string[] | null;
}

/** A soak in scaled time. */
export async function rehearse({ environment, directory, name, only, awaited, ...more }: Rehearsal): Promise<Report> {
  const forMs = (more.hours ?? usualHours) * hourMs;
  const selection = select(['soak'], { gate: false, only, waived: new Set() });
  const checks = selection.checks.filter(isBuilt);
  const { report } = await soak({
    environment,
    profile: more.profile ?? 'readiness',
    selection: soakSelection({ ...selection, checks }, forMs),
    plan: planFor(forMs, timeScale, false),
    segmentMs: null,
    users,
    socketLimitMs: forMs,
    earlyStop: awaited !== null,
    awaited: awaited ?? [],
    out: join(directory, name),
    progress: Object.assign(() => undefined, { end: () => undefined }),
  });
  return report;
}
