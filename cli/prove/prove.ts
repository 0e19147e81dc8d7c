import { join } from 'node:path';
import type { Environment } from '../../environment/types.ts';
import type { Fault } from '../../reference/faults/fault.ts';
import type { ReferenceStatus } from '../../reference/handle.ts';
import { handle } from '../../reference/index.ts';
import { allChecks, isBuilt } from '../../suites/index.ts';
import type { CheckVerdict, Report } from '../../verdict/types.ts';
import { environmentFrom } from '../environment.ts';
import { run } from '../run/run.ts';
import { globToRegExp, select } from '../run/select.ts';
import { planFor, soakSelection } from '../soak/plan.ts';
import { soak } from '../soak/soak.ts';
import type { Matrix, MatrixRow } from './matrix.ts';

export interface ProveOptions {
  readonly deployment: ReferenceStatus;
  readonly faults: readonly Fault[];
  /** Every fault there is, to see which checks have none. */
  readonly all: readonly Fault[];
  readonly quick: boolean;
  readonly out: string;
  readonly signal: AbortSignal;
  say(line: string): void;
}

/** Load of a planted fault need not be long: what is broken shows before a pass could be given. */
const faultyLoadSeconds = 75;
const suites = ['smoke', 'e2e', 'security', 'load', 'soak'];
/** Of the suites before: a soak is a run of its own. */
const suitesOfOneRun = suites.filter((suite) => suite !== 'soak');

/**
 * The healthy deployment first: no check may raise an alarm. Then one fault at a time: every check in `catches` must
 * fail, none outside `catches` and `mayAlso` may. The healthy one again at the end: a fault that stayed would show.
 */
export async function prove(options: ProveOptions): Promise<Matrix> {
  const environment = environmentFrom(options.deployment.environmentFile);
  const looks = [await healthy(options, environment, 'healthy-before')];
  const rows: MatrixRow[] = [];
  for (const [index, fault] of options.faults.entries()) {
    if (options.signal.aborted) break;
    rows.push(await withFault(options, environment, fault, `${index + 1} of ${options.faults.length}`));
  }
  if (!options.signal.aborted)
    looks.push(await healthy(options, environment, 'healthy-after', lastLook(options, looks[0]!)));
  const soaks = !options.quick && options.faults.some((fault) => fault.catches.some(isOfSoak));
  if (soaks && !options.signal.aborted) looks.push(await healthy(options, environment, 'healthy-soak', ['soak.*']));
  const alarms = looks.flatMap((look) => look.alarms);
  const neverPassed = unpassed(looks);
  const uncovered = allChecks
    .filter(
      (check) =>
        suites.includes(check.suite) &&
        isBuilt(check) &&
        !options.all.some((fault) => fault.catches.includes(check.id)),
    )
    .map((check) => check.id);
  const later = allChecks.filter((check) => suites.includes(check.suite) && !isBuilt(check)).map((check) => check.id);
  const complete = rows.length === options.faults.length && !options.signal.aborted;
  const proven =
    complete &&
    alarms.length === 0 &&
    neverPassed.length === 0 &&
    uncovered.length === 0 &&
    rows.every((row) => row.proven);
  return { quick: options.quick, rows, alarmsOnHealthy: alarms, neverPassed, uncovered, later, complete, proven };
}

interface HealthyLook {
  readonly alarms: readonly string[];
  /** Every check that was looked at, with its status and why. */
  readonly seen: readonly { readonly id: string; readonly status: string; readonly why: string }[];
}

async function healthy(
  options: ProveOptions,
  environment: Environment,
  name: string,
  only = healthyChecks(options),
): Promise<HealthyLook> {
  options.say(`${name}: every check against the healthy deployment`);
  const report = await look(options, environment, name, only, undefined);
  const seen = report.checks.map((check) => ({ id: check.id, status: check.status, why: firstWhy(check) }));
  for (const { id, status, why } of seen) if (!calm.has(status)) options.say(`  ${id} is ${status}: ${why}`);
  return {
    seen,
    alarms: seen.filter(({ status }) => status === 'fail').map(({ id, why }) => `${name}: ${id}: ${why}`),
  };
}

/** Smoke is quick and looked at whole; of the rest, what the chosen faults break. Load, which takes minutes to pass, a quick proof leaves out. */
function healthyChecks({ faults, quick }: ProveOptions): string[] {
  const caught = new Set(faults.flatMap((fault) => fault.catches));
  const journeys = [...caught].filter((id) => journey.test(id));
  return ['smoke.*', ...journeys, ...(!quick && caught.has('load.users') ? ['load.users'] : [])];
}

const journey = /^(e2e|sec)\./;

/** A quick proof looks again only at those journeys and attacks that were not seen to pass before. */
function lastLook(options: ProveOptions, first: HealthyLook): string[] {
  if (!options.quick) return healthyChecks(options);
  return [
    'smoke.*',
    ...first.seen.filter(({ id, status }) => journey.test(id) && !calm.has(status)).map(({ id }) => id),
  ];
}

const calm: ReadonlySet<string> = new Set(['pass', 'shown', 'waived', 'excluded']);

/** An undecided look is no alarm, but a check must have been seen to pass at least once to be worth its green. */
function unpassed(looks: readonly HealthyLook[]): string[] {
  const passed = new Set(
    looks.flatMap(({ seen }) => seen.filter(({ status }) => calm.has(status)).map(({ id }) => id)),
  );
  const all = new Map(looks.flatMap(({ seen }) => seen.map((one) => [one.id, one] as const)));
  return (
    [...all.values()]
      // A rehearsal is too short to exclude a slow leak; what it leaves open is said on the way and is no alarm.
      .filter(({ id, status }) => !passed.has(id) && !(isOfSoak(id) && status === 'undecided'))
      .map(({ id, status, why }) => `${id} was ${status} each time: ${why}`)
  );
}

async function withFault(
  options: ProveOptions,
  environment: Environment,
  fault: Fault,
  place: string,
): Promise<MatrixRow> {
  const started = performance.now();
  const deployment = handle(options.deployment);
  let report: Report | null = null;
  let trouble: string | null = null;
  try {
    await fault.plant(deployment);
    report = await look(
      options,
      environment,
      fault.name,
      onlyFor(options, fault),
      fault.loadSeconds ?? faultyLoadSeconds,
      fault.profile,
    );
  } catch (error) {
    trouble = `could not be planted: ${error instanceof Error ? error.message : String(error)}`;
  }
  try {
    await fault.lift(deployment);
  } catch (error) {
    trouble = `could not be lifted: ${error instanceof Error ? error.message : String(error)}`;
  }
  const row = rowOf(fault, report, trouble, performance.now() - started);
  options.say(
    `${place} ${row.proven ? 'proven    ' : 'NOT PROVEN'} ${fault.name}: ${row.proven ? `caught by ${row.caught.join(', ')}` : complaint(row)} (${(row.tookMs / 1000).toFixed(1)} s)`,
  );
  return row;
}

/** Quick looks only at what must go red; the whole matrix also looks for alarms beside, in a soak among its own checks. */
function onlyFor(options: ProveOptions, fault: Fault): string[] {
  if (options.quick) return [...fault.catches];
  if (fault.catches.every(isOfSoak)) return ['soak.*'];
  return ['smoke.*', ...(isOfIsolation(fault) ? ['sec.*'] : []), ...fault.catches];
}

/** What is wrong with a page or a socket leaves no trace in what proves isolation; what is wrong with the database may. */
const isOfIsolation = ({ catches, mayAlso }: Fault): boolean =>
  [...catches, ...mayAlso].some((id) => id.startsWith('sec.')) || catches.some((id) => id.startsWith('smoke.db.'));

async function look(
  options: ProveOptions,
  environment: Environment,
  name: string,
  only: readonly string[],
  loadSeconds: number | undefined,
  profile = 'readiness',
): Promise<Report> {
  if (only.every(isOfSoak)) return rehearse(options, environment, name, { only, profile });
  const selection = select(suitesOfOneRun, { gate: true, only, waived: new Set() });
  const checks = selection.checks.filter(isBuilt);
  const { report } = await run({
    environment,
    profile,
    selection: { ...selection, checks },
    out: join(options.out, name),
    earlyStop: false,
    withinMs: null,
    ...(loadSeconds === undefined ? {} : { loadSeconds }),
    progress: Object.assign(() => undefined, { end: () => undefined }),
  });
  return report;
}

const isOfSoak = (id: string): boolean => id.startsWith('soak.');

/** Ten hours in 75 s: hours enough to tell a drift from a step. */
const rehearsal = { forMs: 10 * 3_600_000, timeScale: 480, users: 4 };

/** A soak in scaled time. It ends as soon as one check has failed, unless others are watched for alarms beside. */
async function rehearse(
  options: ProveOptions,
  environment: Environment,
  name: string,
  { only, profile }: { readonly only: readonly string[]; readonly profile: string },
): Promise<Report> {
  const selection = select(['soak'], { gate: false, only, waived: new Set() });
  const checks = selection.checks.filter(isBuilt);
  const { report } = await soak({
    environment,
    profile,
    selection: soakSelection({ ...selection, checks }, rehearsal.forMs),
    plan: planFor(rehearsal.forMs, rehearsal.timeScale, false),
    segmentMs: null,
    users: rehearsal.users,
    socketLimitMs: rehearsal.forMs,
    earlyStop: only.length === 1 && !only[0]!.includes('*'),
    out: join(options.out, name),
    progress: Object.assign(() => undefined, { end: () => undefined }),
  });
  return report;
}

function rowOf(fault: Fault, report: Report | null, trouble: string | null, tookMs: number): MatrixRow {
  const red = new Map(
    (report?.checks ?? []).filter((check) => check.status === 'fail').map((check) => [check.id, firstWhy(check)]),
  );
  // A rehearsal of a soak is short: what it leaves open is no alarm.
  const odd = (report?.checks ?? []).filter(
    ({ id, status }) => status === 'invalid' || (status === 'undecided' && !isOfSoak(id)),
  );
  const expected = (id: string) =>
    fault.catches.includes(id) || fault.mayAlso.some((glob) => globToRegExp(glob).test(id));
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

function complaint(row: MatrixRow): string {
  return [
    row.trouble,
    row.missed.length > 0 ? `unseen by ${row.missed.join(', ')}` : null,
    row.beside.length > 0 ? `alarm beside from ${row.beside.join(', ')}` : null,
  ]
    .filter((part) => part !== null)
    .join('; ');
}

function firstWhy(check: CheckVerdict): string {
  return check.assertions.find((assertion) => assertion.status === check.status)?.why ?? '';
}
