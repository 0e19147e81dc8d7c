import { join } from 'node:path';
import type { Environment } from '../../environment/types.ts';
import type { Fault } from '../../reference/faults/fault.ts';
import type { ReferenceStatus } from '../../reference/handle.ts';
import { handle } from '../../reference/index.ts';
import { scaleTimers } from '../../reference/timers.ts';
import { allChecks, isBuilt } from '../../suites/index.ts';
import type { Report } from '../../verdict/types.ts';
import { environmentFrom } from '../environment.ts';
import { run } from '../run/run.ts';
import { select } from '../run/select.ts';
import type { Matrix, MatrixRow } from './matrix.ts';
import { complaint, firstWhy, rowOf } from './row.ts';
import { breaksSoaks, isOfSoak, rehearse, soakGroups, timeScale } from './soaks.ts';

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
  const { faults, signal } = options;
  const others = faults.filter((fault) => !breaksSoaks(fault));
  const looks = others.length > 0 ? [await healthy(options, environment, 'healthy-before')] : [];
  const rows: MatrixRow[] = [];
  for (const [index, fault] of others.entries()) {
    if (signal.aborted) break;
    rows.push(...(await withFaults(options, environment, [fault], `${index + 1} of ${faults.length}`)));
  }
  if (!signal.aborted && others.length > 0)
    looks.push(await healthy(options, environment, 'healthy-after', lastLook(options, looks[0]!)));
  const soaks = faults.filter(breaksSoaks);
  if (soaks.length > 0) await scaleTimers(handle(options.deployment), timeScale);
  for (const group of options.quick ? soakGroups(soaks) : soaks.map((fault) => [fault])) {
    if (signal.aborted) break;
    const place = group.map((_, index) => rows.length + index + 1).join(', ');
    rows.push(...(await withFaults(options, environment, group, `${place} of ${faults.length}`)));
  }
  if (soaks.length > 0 && !signal.aborted)
    looks.push(await healthy(options, environment, 'healthy-soak', soaksToPass(options)));
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

/** A quick proof looks at the healthy deployment for the checks it has seen fail, the whole matrix at all of the soak. */
const soaksToPass = ({ faults, quick }: ProveOptions): string[] =>
  quick ? [...new Set(faults.flatMap(({ catches }) => catches).filter(isOfSoak))] : ['soak.*'];

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

/** One fault, or several that are told apart: planted, looked at, lifted. */
async function withFaults(
  options: ProveOptions,
  environment: Environment,
  faults: readonly Fault[],
  place: string,
): Promise<MatrixRow[]> {
  const started = performance.now();
  const deployment = handle(options.deployment);
  let report: Report | null = null;
  let trouble: string | null = null;
  try {
    for (const fault of faults) await fault.plant(deployment);
    report = await lookWith(options, environment, faults);
  } catch (error) {
    trouble = `could not be planted: ${error instanceof Error ? error.message : String(error)}`;
  }
  for (const fault of faults) {
    try {
      await fault.lift(deployment);
    } catch (error) {
      trouble = `could not be lifted: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  const tookMs = performance.now() - started;
  return faults.map((fault) => {
    const row = rowOf(fault, { faults, report, trouble, tookMs });
    options.say(
      `${place} ${row.proven ? 'proven    ' : 'NOT PROVEN'} ${fault.name}: ${row.proven ? `caught by ${row.caught.join(', ')}` : complaint(row)} (${(row.tookMs / 1000).toFixed(1)} s)`,
    );
    return row;
  });
}

function lookWith(options: ProveOptions, environment: Environment, faults: readonly Fault[]): Promise<Report> {
  const [fault] = faults;
  const only = [...new Set(faults.flatMap((each) => onlyFor(options, each)))];
  if (!faults.every(breaksSoaks))
    return look(options, environment, fault!.name, only, fault!.loadSeconds ?? faultyLoadSeconds, fault!.profile);
  const hours = Math.max(0, ...faults.map(({ soakHours }) => soakHours ?? 0));
  return rehearse({
    environment,
    directory: options.out,
    name: fault!.name,
    only,
    awaited: options.quick ? faults.flatMap(({ catches }) => catches) : null,
    ...(fault!.profile ? { profile: fault!.profile } : {}),
    ...(hours > 0 ? { hours } : {}),
  });
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
  if (only.every(isOfSoak))
    return rehearse({ environment, directory: options.out, name, only, profile, awaited: null });
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
