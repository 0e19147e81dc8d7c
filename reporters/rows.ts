import { suiteOf } from '../verdict/checks.ts';
import { type AssertionVerdict, type CheckVerdict, type Report, type Status, statuses } from '../verdict/types.ts';

/** What a report says, picked out and put in the order in which a reader needs it. Nothing is judged here. */

export const blocking: readonly Status[] = ['fail', 'invalid', 'undecided', 'not-verified'];

const gravity = (status: Status): number => statuses.indexOf(status);

/** Checks that keep the verdict from being a pass, the worst first, in the order of the plan within one status. */
export const blockers = (report: Report): readonly CheckVerdict[] =>
  report.checks
    .filter((check) => blocking.includes(check.status))
    .toSorted((a, b) => gravity(a.status) - gravity(b.status));

/** The rows that made a check what it is; every row, should none of them be to blame. */
export function blamed(check: CheckVerdict): readonly AssertionVerdict[] {
  const guilty = check.assertions.filter((row) => blocking.includes(row.status));
  return guilty.length > 0 ? guilty.toSorted((a, b) => gravity(a.status) - gravity(b.status)) : check.assertions;
}

export interface TargetRow {
  readonly check: CheckVerdict;
  readonly row: AssertionVerdict;
}

/** Rows that are held against a number, or have one to show. */
export const targetRows = (report: Report): readonly TargetRow[] =>
  report.checks.flatMap((check) =>
    check.assertions
      .filter((row) => row.target !== undefined || row.distribution !== undefined)
      .map((row) => ({ check, row })),
  );

export const withStatus = (report: Report, status: Status): readonly CheckVerdict[] =>
  report.checks.filter((check) => check.status === status);

/** need → checks it would let us look at, in the order of the plan; waived ones included, they want it just as much. */
export function missingAccess(report: Report): ReadonlyMap<string, readonly CheckVerdict[]> {
  const needs = new Map<string, CheckVerdict[]>();
  for (const check of report.checks) {
    if (check.status !== 'not-verified' && check.without !== 'not-verified') continue;
    for (const need of new Set(check.assertions.flatMap((row) => row.needs ?? [])))
      needs.set(need, [...(needs.get(need) ?? []), check]);
  }
  return needs;
}

export const whyOf = (check: CheckVerdict): string =>
  [...new Set(blamed(check).map((row) => row.why))].join(' ') || 'no row was judged';

export const suiteTitle = (suite: string): string => titles[suite] ?? suite;

const titles: Readonly<Record<string, string>> = {
  smoke: 'Smoke',
  e2e: 'End to end',
  load: 'Load',
  security: 'Security',
  soak: 'Soak',
  ops: 'Operations',
};

/** Suites in the order asked for, then any other, each with its checks. */
export function bySuite(report: Report): ReadonlyMap<string, readonly CheckVerdict[]> {
  const present = new Set(report.checks.map((check) => suiteOf(check.id)));
  const order = [...report.suites.filter((suite) => present.has(suite)), ...present];
  return new Map(order.map((suite) => [suite, report.checks.filter((check) => suiteOf(check.id) === suite)]));
}

const commands = ['smoke', 'e2e', 'load', 'security', 'soak'];

/** The line that runs one check again; the environment file's path is nobody's business but its owner's. */
export const again = (report: Report, check: CheckVerdict): string =>
  `${briefly(check)} --env ENVIRONMENT-FILE --profile ${report.profile}`;

/** The same for a reader who has just typed the rest. */
export function briefly(check: CheckVerdict): string {
  const suite = suiteOf(check.id);
  const command = commands.includes(suite) ? suite : 'gate';
  return `shakedown ${command} --only ${check.id}`;
}

/** What keeps a run from a pass although no check of its own says so; the headline need not be said twice. */
export function shortcomings(report: Report): readonly string[] {
  const ended = report.complete ? [] : ['The run did not reach its end, so its verdict is undecided at best.'];
  const empty = report.checks.length > 0 ? [] : ['No check was judged, and nothing judged is never a pass.'];
  const skipped = report.skipped
    .filter(({ suite, why }) => !report.headline.includes(`${suite} skipped: ${why}`))
    .map(({ suite, why }) => `The suite ${suite} was skipped: ${why}`);
  return [...ended, ...empty, ...skipped];
}

/** Waivers that waive nothing, because their check passes: they can go. */
export const spareWaivers = (report: Report): readonly CheckVerdict[] =>
  withStatus(report, 'pass').filter((check) => check.waiver !== undefined);

/** What a row needs, unless its reason has said so. */
export const unsaidNeed = ({ needs, why }: AssertionVerdict): string | undefined =>
  needs !== undefined && !why.includes(needs) ? needs : undefined;

/** Whole days from the start of the run to the waiver's expiry, a bare date's last moment; null where either is no date. */
export function daysLeft(report: Report, until: string): number | null {
  const end = Date.parse(until) + (/^\d{4}-\d{2}-\d{2}$/.test(until) ? 86_400_000 : 0);
  const left = end - Date.parse(report.startedAt);
  return Number.isNaN(left) ? null : Math.floor(left / 86_400_000);
}

export const counted = (report: Report): readonly (readonly [Status, number])[] =>
  statuses
    .filter((status) => (report.counts[status] ?? 0) > 0)
    .map((status) => [status, report.counts[status]] as const);
