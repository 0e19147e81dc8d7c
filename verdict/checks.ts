import type { FindingEntry, OursEntry, WaiverEntry } from '../record/entries.ts';
import { profiles } from '../targets/index.ts';
import type { Evidence } from './evidence.ts';
import { type CheckFacts, type Facts, isOfSoak } from './fold.ts';
import { gravity, worst } from './gravity.ts';
import { judgeRow } from './row.ts';
import type { RowContext } from './row-base.ts';
import { soakRows } from './soak/rows.ts';
import { count, listed, percent } from './text.ts';
import type { AssertionVerdict, CheckVerdict, Status } from './types.ts';

/** One check: its rows, then what was not granted, what is about us, and what is waived, in this order. */
export function judgeCheck(check: CheckFacts, facts: Facts, context: RowContext): CheckVerdict {
  const rows = check.excluded ? excludedRows(check) : rowsOf(check, facts, context);
  const status = worst(rows.map((row) => row.status) as [Status, ...Status[]]);
  const claim = check.claim || check.id;
  return { id: check.id, claim, ...waived(status, check.waivers, facts.run.startedAt), assertions: rows };
}

function rowsOf(check: CheckFacts, facts: Facts, context: RowContext): readonly AssertionVerdict[] {
  if (isOfSoak(check.id)) return withoutGap(withFindings(ofSoak(check, facts, context), check, facts), check, facts);
  const evidence = [...check.rows.values()];
  const starved = evidence.find((row) => row.arrivals.spoilt);
  const rows = evidence.map((row) => {
    const judged = withSkipped(row, judgeRow(row, context), facts);
    return withOurs(row, withUnmet(row, judged, check), facts, starved);
  });
  return withoutGap(withFindings(rows, check, facts), check, facts);
}

function ofSoak(check: CheckFacts, facts: Facts, context: RowContext): readonly AssertionVerdict[] {
  const rows = soakRows(check, facts.soak, context);
  const named = rows.map(({ name }) => name);
  // An assertion that is refused by name while the soak runs was in nobody's plan.
  const refused = check.unmet.flatMap(({ assertion }) =>
    assertion !== undefined && !named.includes(assertion) ? [{ ...bare(assertion), observed: 'nothing' }] : [],
  );
  const all = [...rows, ...refused].map((row) => withUnmet({ name: row.name }, row, check));
  return all.map((row) => withOursInSoak(check, row, facts));
}

/** A stretch of ours in 48 h is left out by itself; the whole is spoilt when the check broke or a twentieth was ours. */
function withOursInSoak(check: CheckFacts, judged: AssertionVerdict, facts: Facts): AssertionVerdict {
  if (judged.status === 'not-verified') return judged;
  const own = facts.ours.find(({ spoils, check: of }) => spoils && of === check.id);
  const whole =
    facts.soak.spoiltMs > mostSpoilt * facts.soak.lastMs ? facts.ours.find(({ spoils }) => spoils) : undefined;
  const ours = own ?? whole;
  if (!ours) return judged;
  return { ...judged, status: 'invalid', why: `the evidence is about us: ${ours.what}, ${ours.detail}` };
}

const mostSpoilt = 0.05;

function excludedRows(check: CheckFacts): readonly AssertionVerdict[] {
  const names = check.rows.size > 0 ? [...check.rows.keys()] : ['part'];
  return names.map((name) => ({ ...bare(name), status: 'excluded', observed: 'nothing', why: check.excluded!.why }));
}

function withSkipped(row: Evidence, judged: AssertionVerdict, facts: Facts): AssertionVerdict {
  const skipped = facts.skipped.find(({ suite }) => suite === suiteOf(row.check));
  return skipped && row.n === 0 ? { ...judged, why: `the suite ${skipped.suite} was skipped: ${skipped.why}` } : judged;
}

/** What was not granted is not verified; what was proven broken before the door closed stays broken. */
function withUnmet(row: Pick<Evidence, 'name'>, judged: AssertionVerdict, check: CheckFacts): AssertionVerdict {
  const unmet = check.unmet.find(({ assertion }) => assertion === undefined || assertion === row.name);
  if (!unmet || judged.status === 'fail') return judged;
  return { ...judged, status: 'not-verified', why: `not verified, needs ${unmet.needs}`, needs: unmet.needs };
}

/** The cause comes first: evidence about us is neither for nor against the deployment. */
function withOurs(row: Evidence, judged: AssertionVerdict, facts: Facts, starved?: Evidence): AssertionVerdict {
  if (judged.status === 'not-verified') return judged;
  const ours = facts.ours.find((entry) => spoils(entry, row));
  if (ours) return { ...judged, status: 'invalid', why: `the evidence is about us: ${ours.what}, ${ours.detail}` };
  if (!starved || row.windows === 0) return judged;
  return {
    ...judged,
    status: 'invalid',
    why: `the load that was asked for was not sent, for our own cause: ${sent(starved)}`,
  };
}

function spoils(ours: OursEntry, row: Evidence): boolean {
  if (!ours.spoils) return false;
  if (ours.check !== undefined) return ours.check === row.check;
  return row.stretches.overlaps(ours.fromMs, ours.toMs);
}

function sent({ name, arrivals }: Evidence): string {
  const ten = `${percent(arrivals.worstTenSeconds)} in the worst 10 s (95 % needed)`;
  return `of ${name} ${percent(arrivals.share)} of ${count(arrivals.asked, 'arrival')} (99 % needed), ${ten}`;
}

/** A finding is judged by its severity, in a row of its own or added to the planned one. */
function withFindings(rows: readonly AssertionVerdict[], check: CheckFacts, facts: Facts): readonly AssertionVerdict[] {
  if (check.findings.length === 0) return rows;
  const planned = rows.find(({ name }) => name === 'findings');
  const judged = findingsRow(check.findings, facts);
  if (!planned) return [...rows, withOursAlone(judged, check, facts)];
  return rows.map((row) => (row === planned ? joined(row, judged) : row));
}

function joined(row: AssertionVerdict, findings: AssertionVerdict): AssertionVerdict {
  if (row.status === 'invalid') return row;
  if (findings.status === 'fail') return { ...row, ...findings, samples: row.samples + findings.samples };
  return { ...row, observed: findings.observed, why: `${row.why}; ${findings.why}` };
}

function withOursAlone(row: AssertionVerdict, check: CheckFacts, facts: Facts): AssertionVerdict {
  const ours = facts.ours.find((entry) => entry.spoils && entry.check === check.id);
  return ours ? { ...row, status: 'invalid', why: `the evidence is about us: ${ours.what}, ${ours.detail}` } : row;
}

const mildestFirst = ['info', 'low', 'medium', 'high', 'critical'] as const;

function findingsRow(findings: readonly FindingEntry[], facts: Facts): AssertionVerdict {
  const { failsFrom } = profiles[facts.profile];
  const grave = findings.filter(({ severity }) => mildestFirst.indexOf(severity) >= mildestFirst.indexOf(failsFrom));
  const perSeverity = mildestFirst.toReversed().flatMap((severity) => {
    const of = findings.filter((finding) => finding.severity === severity).length;
    return of > 0 ? [`${of} ${severity}`] : [];
  });
  const row = {
    ...bare('findings'),
    statistic: 'exact',
    expected: `no finding of severity ${failsFrom} or above`,
    observed: perSeverity.join(', '),
    samples: findings.length,
  };
  if (grave.length === 0)
    return { ...row, status: 'shown', why: `${perSeverity.join(', ')}, none of them ${failsFrom} or above` };
  const places = listed(
    grave.map(({ what, where }) => `${what} (${where})`),
    3,
  );
  return {
    ...row,
    status: 'fail',
    why: `${count(grave.length, 'finding')} of severity ${failsFrom} or above: ${places}`,
  };
}

/** A check without a single row has nothing to be the worst of: it says so in one. */
function withoutGap(rows: readonly AssertionVerdict[], check: CheckFacts, facts: Facts): readonly AssertionVerdict[] {
  if (rows.length > 0) return rows;
  const row = { ...bare('evidence'), status: 'undecided' as const, observed: 'nothing', why: nothingWhy(check) };
  const [unmet] = check.unmet;
  if (unmet) {
    return [{ ...row, status: 'not-verified', why: `not verified, needs ${unmet.needs}`, needs: unmet.needs }];
  }
  return [withOursAlone(row, check, facts)];
}

const nothingWhy = (check: CheckFacts): string =>
  check.planned
    ? 'it was planned and promises nothing that could be measured'
    : 'nothing was planned or measured for it; one complete run of this check would decide';

const bare = (name: string): AssertionVerdict => ({
  name,
  statistic: 'functional',
  status: 'undecided',
  expected: 'as promised',
  observed: '',
  samples: 0,
  interval: null,
  why: '',
});

type Standing = Pick<CheckVerdict, 'status' | 'without' | 'waiver'>;

/** A waiver hides what would count against the deployment, never a pass, and nothing once it has expired. */
function waived(status: Status, waivers: readonly WaiverEntry[], startedAt: string): Standing {
  const waiver = waivers.find(({ until }) => !hasExpired(until, startedAt)) ?? waivers[0];
  if (!waiver) return { status };
  const { reason, owner, until } = waiver;
  const told = { reason, owner, until, expired: hasExpired(until, startedAt) };
  if (told.expired || gravity[status] === 0) return { status, waiver: told };
  return { status: 'waived', without: status, waiver: told };
}

const dayMs = 86_400_000;

/** A bare date is valid through its last moment, UTC; a date that cannot be read waives nothing. */
export function hasExpired(until: string, startedAt: string): boolean {
  const end = Date.parse(until) + (/^\d{4}-\d{2}-\d{2}$/.test(until) ? dayMs : 0);
  return !(Date.parse(startedAt) < end);
}

const suites: Readonly<Record<string, string>> = { sec: 'security' };

export function suiteOf(check: string): string {
  const prefix = check.split('.', 1)[0]!;
  return suites[prefix] ?? prefix;
}
