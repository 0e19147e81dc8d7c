import { join, resolve } from 'node:path';
import { redactor } from '../../environment/redact.ts';
import { installGuard } from '../../environment/sockets.ts';
import type { Environment } from '../../environment/types.ts';
import { removeLeftovers } from '../../platform/leftovers.ts';
import { type RunClock, resumedClock, runClock } from '../../record/clock.ts';
import { type Entry, type OursWhat, type RunEntry, type SoakPlan, schemaVersion } from '../../record/entries.ts';
import { RecordError } from '../../record/reader.ts';
import { type Survived, surviving } from '../../record/survive.ts';
import { type RecordWriter, recordName, resumeRecord } from '../../record/writer.ts';
import { preflight } from '../../runners/preflight.ts';
import { runSoak } from '../../runners/soak/engine.ts';
import type { SoakBody } from '../../runners/soak/types.ts';
import { toolPaths } from '../../setup/tools.mjs';
import type { Check } from '../../suites/check.ts';
import { exitCodes, UsageError } from '../errors.ts';
import { finish } from '../run/finish.ts';
import { plan } from '../run/plan.ts';
import type { Progress } from '../run/progress.ts';
import { createOrRefuse } from '../run/recording.ts';
import { type RunResult, runId, toPlanned } from '../run/run.ts';
import type { Selection } from '../run/select.ts';
import { type Stop, watchForStop } from '../run/stop.ts';
import { harnessVersion } from '../version.ts';
import { type Continuous, judgeContinuously } from './continuous.ts';
import { type Lock, takeLock } from './lock.ts';
import { recordSoak, type SoakRecording } from './recording.ts';

export interface SoakOptions {
  readonly environment: Environment;
  readonly profile: string;
  readonly selection: Selection;
  readonly plan: SoakPlan;
  /** This process ends after so long, real ms, and leaves the rest to another; null: it does not. */
  readonly segmentMs: number | null;
  readonly users: number;
  /** Of the soak, unscaled. */
  readonly socketLimitMs: number;
  readonly earlyStop: boolean;
  readonly progress: Progress;
  readonly out?: string;
  /** A directory with a record to go on with. */
  readonly resume?: string;
  /** For tests: parts are closed at this size. */
  readonly partBytes?: number;
}

/** One process of a soak: the first, or one that goes on where another ended. What it found is in the record, and judged from there. */
export async function soak(options: SoakOptions): Promise<RunResult> {
  const startedAt = new Date();
  const id = runId(startedAt);
  const directory = resolve(options.resume ?? options.out ?? join('runs', id));
  const before = options.resume === undefined ? null : survivedIn(directory, options);
  const writer = before ? null : createOrRefuse(directory, () => clock.now());
  const lock = takeLock(directory);
  const resumed = before ? resumedClock(before.run.startedAt, before.lastMs) : null;
  const clock = resumed?.clock ?? runClock();
  const run = before?.run ?? runEntry(options, id, startedAt);
  try {
    return await work(options, {
      directory,
      lock,
      clock,
      run,
      before,
      steppedBackMs: resumed?.steppedBackMs ?? 0,
      writer: writer ?? resumeRecord(directory, { now: () => Math.round(clock.now()) }),
    });
  } finally {
    lock.release();
  }
}

interface Opened {
  readonly directory: string;
  readonly lock: Lock;
  readonly clock: RunClock;
  readonly run: RunEntry;
  readonly before: Survived | null;
  readonly steppedBackMs: number;
  readonly writer: RecordWriter;
}

async function work(options: SoakOptions, opened: Opened): Promise<RunResult> {
  const { environment, progress } = options;
  const { directory, clock, run, before } = opened;
  const stop = watchForStop(directory, null);
  const judge = startJudge(options, opened, stop, (entry) => recording.emit(entry));
  const recording: SoakRecording = recordSoak(opened.writer, {
    redact: redactor(environment.secrets).value,
    onEntry: judge.add,
    onFull: (full) => stop.stop(full.message),
    onSync: opened.lock.touch,
    mayClose: judge.isCaughtUp,
    ...(options.partBytes === undefined ? {} : { partBytes: options.partBytes }),
  });
  const removeGuard = installGuard(environment, {
    onRefused: (refused) => recording.emit(ours('egress-refused', clock.now(), clock.now(), refused.message, false)),
  });
  try {
    if (before) tellResumed(opened, recording);
    else recording.emit(run);
    await lastAsLongAsItShould(options, opened, { recording, judge, stop });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    recording.emit(ours('check-crashed', clock.now(), clock.now(), detail, true));
    progress({ type: 'message', atMs: clock.now(), text: `shakedown itself failed: ${detail}` });
  } finally {
    removeGuard();
    stop.release();
    await judge.close();
    await recording.close();
    progress.end();
  }
  const full = recording.full();
  const finished = await finish(directory, environment.secrets);
  return { ...finished, directory, exitCode: full && !full.noted ? exitCodes.ours : finished.exitCode };
}

interface Working {
  readonly recording: SoakRecording;
  readonly judge: Continuous;
  readonly stop: Stop;
}

async function lastAsLongAsItShould(options: SoakOptions, opened: Opened, working: Working): Promise<void> {
  const { environment, progress, selection } = options;
  const { clock, run, before } = opened;
  const { recording, judge, stop } = working;
  const wanted = before ? selection.checks.filter(({ id }) => before.planned.includes(id)) : selection.checks;
  const promised = plan(environment, wanted);
  if (!before) for (const entry of promised.entries) recording.emit(entry);
  progress({ type: 'message', atMs: clock.now(), text: before ? 'going on' : 'asking every address' });
  const settled = before
    ? new Set<string>()
    : await preflight(environment, promised.runnable.map(toPlanned), clock, recording.emit);
  const bodies = await bodiesOf(promised.runnable.filter(({ id }) => !settled.has(id)));
  const ending = endings(options, opened, working);
  const soakPlan = run.soak!;
  const leftMs = Math.max(0, soakPlan.plannedMs - (before?.lastMs ?? clock.now()));
  tellStart(options, opened, bodies.length, leftMs);
  if (bodies.length > 0) {
    const clearing = before ? clearUp(options, opened, recording) : null;
    await runSoak({
      environment: withShareOfBudget(environment, leftMs / soakPlan.plannedMs),
      clock,
      scope: scopeOf(run),
      plan: soakPlan,
      leftMs: Math.max(leftMs, 1),
      users: options.users,
      socketLimitMs: options.socketLimitMs / soakPlan.timeScale,
      k6Path: toolPaths().k6,
      signal: stop.signal,
      ready: clearing ?? Promise.resolve(),
      bodies,
      emit: recording.emit,
    });
  }
  ending.clear();
  await judge.caughtUp;
  tellEnd(stop, clock, recording);
}

const scopeOf = (run: RunEntry): string => `sd-${run.id.slice(-4)}`;

const whole = 'the whole length is covered';
const segmentEnd = 'the segment is over; --resume goes on with the next';

/**
 * The soak ends when its planned length is covered; how much of what was recorded before was a gap is known only once it
 * has been read, which nobody waits for.
 */
function endings(
  { segmentMs }: SoakOptions,
  { run, before, clock }: Opened,
  { judge, stop }: Working,
): { clear(): void } {
  let end: { clear(): void } | null = null;
  let over = false;
  void judge.caughtUp.then(({ gapsMs }) => {
    const coveredMs = before ? before.lastMs - gapsMs : 0;
    const resumedMs = before ? clock.now() - startedMs : clock.now();
    if (!over) end = longTimer(run.soak!.plannedMs - coveredMs - resumedMs, () => stop.stop(whole));
  });
  const startedMs = clock.now();
  const segment = segmentMs === null ? null : longTimer(segmentMs, () => stop.stop(segmentEnd));
  return {
    clear() {
      over = true;
      end?.clear();
      segment?.clear();
    },
  };
}

/** A timer of Node is at most 24 days long, and one of 48 h should not hang on a single one. */
function longTimer(ms: number, then: () => void): { clear(): void } {
  const until = performance.now() + ms;
  const timer = setInterval(
    () => {
      if (performance.now() < until) return;
      clearInterval(timer);
      then();
    },
    Math.min(500, Math.max(20, ms / 20)),
  );
  return { clear: () => clearInterval(timer) };
}

/** The run is complete, over for now, or was stopped; only the first has an `end`. */
function tellEnd(stop: Stop, clock: RunClock, recording: SoakRecording): void {
  const why = stop.reason();
  if (why === null || why === whole) recording.emit({ kind: 'end', atMs: Math.round(clock.now()) });
  else recording.emit(ours('interrupted', clock.now(), clock.now(), why, false));
}

function tellStart({ progress }: SoakOptions, { run, clock }: Opened, checks: number, leftMs: number): void {
  const { timeScale } = run.soak!;
  const hours = ((leftMs * timeScale) / 3_600_000).toFixed(2);
  const scaled = timeScale === 1 ? '' : `, in ${(leftMs / 60_000).toFixed(1)} min: time is scaled by ${timeScale}`;
  progress({ type: 'suite-started', suite: 'soak', checks, atMs: clock.now() });
  progress({ type: 'message', atMs: clock.now(), text: `soaking for ${hours} h${scaled}` });
}

/** Shown as soon as it is known; ends the soak after the stretch in which an outage may still end. */
const settledAfterSoakMs = 120_000;
/** The breach itself is called within five minutes of the soak; looks are four times as frequent. */
const lookEverySoakMs = 60_000;
const looksAtMostEveryMs = 1_000;

function startJudge(
  { profile, earlyStop, progress }: SoakOptions,
  { directory, clock, before, run }: Opened,
  stop: Stop,
  emit: (entry: Entry) => void,
): Continuous {
  const { timeScale } = run.soak!;
  return judgeContinuously({
    profile,
    before: before ? { path: join(directory, recordName), lastHash: before.lastHash } : null,
    lookEveryMs: Math.max(looksAtMostEveryMs, lookEverySoakMs / timeScale),
    onFailed: (because) => {
      emit(ours('check-crashed', clock.now(), clock.now(), `the judge beside the soak: ${because}`, true));
      stop.stop(`the record cannot be judged: ${because}`);
    },
    onCalled: ({ check, why }) => {
      emit({ kind: 'note', check, what: 'called', detail: `at ${spoken(clock.now() * timeScale)}: ${why}` });
      progress({ type: 'message', atMs: clock.now(), text: `${check} fails: ${why}` });
      if (!earlyStop) return;
      const why2 = `the outcome is settled by ${check}; --no-early-stop goes on all the same`;
      setTimeout(() => stop.stop(why2), settledAfterSoakMs / timeScale).unref();
    },
  });
}

const spoken = (soakMs: number): string => `hour ${(soakMs / 3_600_000).toFixed(2)}`;

/** The stretch in which nobody watched, and what ended the process before. */
function tellResumed({ before, clock, lock, steppedBackMs }: Opened, recording: SoakRecording): void {
  const { lastMs, torn } = before!;
  const nowMs = clock.now();
  const away = `${((nowMs - lastMs) / 1000).toFixed(1)} s`;
  const how = lock.stale === null ? 'the process before had ended in good order' : lock.stale;
  if (lock.stale !== null) recording.emit(ours('killed', lastMs, nowMs, lock.stale, false));
  if (steppedBackMs > 0) {
    const detail = `the wall clock is ${Math.round(steppedBackMs)} ms behind the record`;
    recording.emit(ours('clock-jump', nowMs, nowMs, detail, false));
  }
  recording.emit(ours('gap', lastMs, nowMs, `nobody watched for ${away}`, false));
  recording.emit(ours('resumed', nowMs, nowMs, `${how}${torn ? '; its last line was torn' : ''}`, false));
}

/** What a process that was killed had made is still there. */
async function clearUp({ environment }: SoakOptions, { run, lock }: Opened, recording: SoakRecording): Promise<void> {
  if (lock.stale === null) return;
  const scope = scopeOf(run);
  const why = await removeLeftovers(environment, scope);
  if (why !== null)
    recording.emit({ kind: 'residue', what: 'users and tenants of a killed process', id: `${scope}-*`, why });
}

/** @throws UsageError when there is nothing to go on with, or it is of another deployment. */
function survivedIn(directory: string, { environment, profile }: SoakOptions): Survived {
  let survived: Survived;
  try {
    survived = surviving(join(directory, recordName));
  } catch (error) {
    if (error instanceof RecordError) throw new UsageError(`${directory}: ${error.message}`);
    throw error;
  }
  const { run, ended } = survived;
  if (!run.soak)
    throw new UsageError(`${directory}: expected the record of a soak, found one of ${run.suites.join(', ')}`);
  if (ended) throw new UsageError(`${directory}: this soak is complete; "shakedown report" writes its reports again`);
  if (run.environment !== environment.name)
    throw new UsageError(`${directory}: expected a soak of "${environment.name}", found one of "${run.environment}"`);
  if (run.profile !== profile)
    throw new UsageError(`${directory}: expected profile ${run.profile}, as the soak began, found ${profile}`);
  return survived;
}

async function bodiesOf(checks: readonly Check[]): Promise<{ check: string; body: SoakBody }[]> {
  return Promise.all(
    checks.map(async ({ id }) => {
      const { default: body } = (await import(`../../suites/soak/${id.slice('soak.'.length)}.ts`)) as {
        default: SoakBody;
      };
      return { check: id, body };
    }),
  );
}

/** Everything is paced so that the budget lasts: what is left of it is as much as is left of the time. */
function withShareOfBudget(environment: Environment, share: number): Environment {
  const { budget } = environment;
  const of = (amount: number) => Math.floor(amount * Math.min(1, share));
  return {
    ...environment,
    budget: { requests: of(budget.requests), aiMessages: of(budget.aiMessages), usd: budget.usd * Math.min(1, share) },
  };
}

function runEntry(
  { environment, profile, selection, plan: soakPlan }: SoakOptions,
  id: string,
  startedAt: Date,
): RunEntry {
  return {
    kind: 'run',
    schema: schemaVersion,
    id,
    environment: environment.name,
    environmentKind: environment.kind,
    ...(environment.revision ? { revision: environment.revision } : {}),
    profile,
    suites: selection.suites,
    ...(selection.notBuilt.length > 0 ? { notBuilt: selection.notBuilt } : {}),
    partial: selection.partial,
    of: selection.of,
    harness: harnessVersion,
    startedAt: startedAt.toISOString(),
    soak: soakPlan,
  };
}

function ours(what: OursWhat, fromMs: number, toMs: number, detail: string, spoils: boolean): Entry {
  return { kind: 'ours', what, fromMs: Math.round(fromMs), toMs: Math.round(toMs), detail, spoils };
}
