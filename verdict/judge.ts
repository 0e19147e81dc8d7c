import type { Entry } from '../record/entries.ts';
import { judgeCheck, suiteOf } from './checks.ts';
import { RecordError } from './errors.ts';
import { Facts } from './fold.ts';
import { exitCodeFor, gravity, worst } from './gravity.ts';
import { headline } from './headline.ts';
import { soakReport } from './soak/report.ts';
import type { CheckVerdict, Report, Status } from './types.ts';
import { statuses } from './types.ts';

export { RecordError } from './errors.ts';
export { exitCodeFor, gravity, worst } from './gravity.ts';

export interface JudgeOptions {
  /** Another profile than the one the run was made under. */
  readonly profile?: string;
}

export const reportSchema = '1.0';

/** The same record gives the same report on any machine, on any day: no clock, no disk, no network. */
export function judge(entries: Iterable<Entry>, options: JudgeOptions = {}): Report {
  const judging = new Judging(options);
  for (const entry of entries) judging.add(entry);
  return judging.report();
}

/** The same an entry at a time, for a record that does not fit into memory or is still being written. */
export class Judging {
  readonly #options: JudgeOptions;
  #facts: Facts | null = null;

  constructor(options: JudgeOptions = {}) {
    this.#options = options;
  }

  add(entry: Entry): void {
    if (this.#facts) this.#facts.add(entry);
    else if (entry.kind === 'run') this.#facts = new Facts(entry, this.#options.profile ?? entry.profile);
    else throw new RecordError('the record does not begin with its run line, so nobody can say what it is a record of');
  }

  /** Of what was added so far; more may be added afterwards. */
  report(): Report {
    return reportOf(this.#known);
  }

  /** The same without what is only for reading, a picture of every series above all: for looks on the way. */
  checks(): readonly CheckVerdict[] {
    return checksOf(this.#known);
  }

  get #known(): Facts {
    if (!this.#facts) throw new RecordError('the record is empty: there is no run line in it');
    return this.#facts;
  }
}

function checksOf(facts: Facts): readonly CheckVerdict[] {
  const judgedTargets = countJudgedTargets(facts);
  return [...facts.checks.values()].map((check) => judgeCheck(check, facts, { profile: facts.profile, judgedTargets }));
}

function reportOf(facts: Facts): Report {
  const checks = checksOf(facts);
  const verdict = overall(checks, facts);
  const soak = soakReport(facts.soak);
  return {
    ...aboutTheRun(facts),
    verdict,
    exitCode: exitCodeFor(verdict),
    counts: countsOf(checks),
    checks,
    ...(soak ? { soak } : {}),
    headline: headline(facts, checks, verdict),
  };
}

function countJudgedTargets(facts: Facts): number {
  let judged = 0;
  for (const { rows } of facts.checks.values()) for (const row of rows.values()) if (row.target?.limit) judged++;
  return judged;
}

/** Worst first. It takes a pass to pass, an end to pass, and something judged to be anything but undecided. */
function overall(checks: readonly CheckVerdict[], facts: Facts): Status {
  const found = checks.map(({ status }) => status);
  const atBest: Status[] = [];
  if (!facts.ended || skippedUnplanned(facts)) atBest.push('undecided');
  if (facts.ours.some(({ what, spoils }) => what === 'disk-full' && spoils)) atBest.push('invalid');
  if (!found.some((status) => status === 'pass' || gravity[status] > 0)) atBest.push('undecided');
  return worst([...found, ...atBest] as [Status, ...Status[]]);
}

/** A suite that was asked for, was skipped and left no plan behind: what it holds nobody knows. */
function skippedUnplanned({ skipped, checks }: Facts): boolean {
  return skipped.some(({ suite }) => [...checks.keys()].every((id) => suiteOf(id) !== suite));
}

function countsOf(checks: readonly CheckVerdict[]): Record<Status, number> {
  const counts = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;
  for (const { status } of checks) counts[status]++;
  return counts;
}

function aboutTheRun(facts: Facts): Omit<Report, 'verdict' | 'exitCode' | 'counts' | 'checks' | 'soak' | 'headline'> {
  const { run } = facts;
  return {
    schema: reportSchema,
    run: run.id,
    partial: facts.partial,
    profile: facts.profile,
    environment: run.environment,
    revision: run.revision ?? null,
    suites: run.suites,
    notBuilt: run.notBuilt ?? [],
    skipped: facts.skipped.map(({ suite, why }) => ({ suite, why })),
    startedAt: run.startedAt,
    tookMs: facts.lastMs,
    complete: facts.ended,
    harness: run.harness,
    findings: facts.findings.map(bare),
    residue: facts.residue.map(bare),
    ours: facts.ours.map(bare),
    notes: facts.notes.map(bare),
  };
}

/** Without the words of the record's own line: its kind and its link in the chain. */
function bare<E extends Entry>(entry: E): Omit<E, 'kind'> {
  const { kind: _kind, h: _hash, ...rest } = entry as E & { readonly h?: string };
  return rest as Omit<E, 'kind'>;
}
