import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { redactor } from '../../environment/redact.ts';
import { installGuard } from '../../environment/sockets.ts';
import type { Environment } from '../../environment/types.ts';
import { type RunClock, runClock } from '../../record/clock.ts';
import { type Entry, type RunEntry, schemaVersion } from '../../record/entries.ts';
import { preflight } from '../../runners/preflight.ts';
import type { PlannedCheck } from '../../runners/vitest/messages.ts';
import type { Check } from '../../suites/check.ts';
import { judge } from '../../verdict/judge.ts';
import { exitCodes } from '../errors.ts';
import { harnessVersion } from '../version.ts';
import { type Finished, finish } from './finish.ts';
import { plan } from './plan.ts';
import { type Progress, workerProgress } from './progress.ts';
import { type Recording, startRecording } from './recording.ts';
import type { Selection } from './select.ts';
import { type Stop, watchForStop } from './stop.ts';

export interface RunOptions {
  readonly environment: Environment;
  readonly profile: string;
  readonly selection: Selection;
  readonly out?: string;
  readonly earlyStop: boolean;
  readonly withinMs: number | null;
  /** Seconds of load; the suite's own length unless said. */
  readonly loadSeconds?: number;
  readonly journeys?: JourneyOptions;
  readonly progress: Progress;
}

/** How the end-to-end suite is run. */
export interface JourneyOptions {
  /** How often a failed journey is looked at again. */
  readonly retries?: number;
  /** The browser runner's own tools, for whoever writes a check. */
  readonly tools?: 'ui' | 'debug' | 'headed';
}

export interface RunResult extends Finished {
  readonly directory: string;
}

/** One run from plan to report: everything is a fact in the record first, and judged from there. */
export async function run(options: RunOptions): Promise<RunResult> {
  const startedAt = new Date();
  const clock = runClock();
  const id = runId(startedAt);
  const directory = resolve(options.out ?? join('runs', id));
  const stop = watchForStop(directory, options.withinMs);
  const redact = redactor(options.environment.secrets);
  const secrets: string[] = [...options.environment.secrets];
  const recording = startRecording(directory, clock, redact.value, (full) => stop.stop(full.message));
  const removeGuard = installGuard(options.environment, {
    onRefused: (refused) => recording.emit(ours('egress-refused', clock.now(), refused.message, false)),
  });
  try {
    await record(options, { id, directory, clock, recording, stop, startedAt, spent: {}, secrets });
  } catch (error) {
    recording.emit(
      ours('check-crashed', clock.now(), error instanceof Error ? `${error.message}` : String(error), true),
    );
    options.progress({
      type: 'message',
      atMs: clock.now(),
      text: `shakedown itself failed: ${error instanceof Error ? error.message : String(error)}`,
    });
  } finally {
    removeGuard();
    stop.release();
    recording.close();
    options.progress.end();
  }
  const full = recording.full();
  const finished = await finish(directory, secrets);
  return { ...finished, directory, exitCode: full && !full.noted ? exitCodes.ours : finished.exitCode };
}

interface Running {
  readonly id: string;
  readonly directory: string;
  readonly clock: RunClock;
  readonly recording: Recording;
  readonly stop: Stop;
  readonly startedAt: Date;
  /** Requests each suite has sent, to be taken from the budget of the next. */
  readonly spent: Record<string, number>;
  /** What must stand in no file of the run: the environment's secrets, and those the suites made. */
  readonly secrets: string[];
}

async function record(options: RunOptions, running: Running): Promise<void> {
  const { environment, selection, progress } = options;
  const { recording, clock, stop } = running;
  recording.emit(runEntry(options, running));
  const { entries, runnable } = plan(environment, selection.checks);
  for (const entry of entries) recording.emit(entry);
  progress({ type: 'message', atMs: clock.now(), text: 'asking every address' });
  const settled = await preflight(environment, runnable.map(toPlanned), clock, recording.emit);
  for (const suite of selection.suites) {
    const checks = runnable.filter((check) => check.suite === suite && !settled.has(check.id));
    if (checks.length === 0) continue;
    const skip = stop.signal.aborted
      ? `the run was stopped: ${stop.reason()}`
      : settledBefore(options, recording.entries, suite);
    if (skip) recording.emit({ kind: 'skipped', suite, why: skip });
    else await runSuite(suite, checks, options, running);
  }
  const why = stop.reason();
  if (why) recording.emit(ours('interrupted', clock.now(), why, false));
  else recording.emit({ kind: 'end', atMs: Math.round(clock.now()) });
}

async function runSuite(suite: string, checks: readonly Check[], options: RunOptions, running: Running): Promise<void> {
  const { recording, clock, stop, id } = running;
  const { progress } = options;
  const environment = withBudgetLeft(options.environment, running.spent);
  const scope = `sd-${id.slice(-4)}`;
  const show = workerProgress(progress, clock.now);
  progress({ type: 'suite-started', suite, checks: checks.length, atMs: clock.now() });
  // Loaded when they are needed: a deployment that is dead is told before a test runner has started.
  if (suite === 'load') {
    const { runLoad } = await import('./load.ts');
    await runLoad({
      checks,
      environment,
      clock,
      scope,
      signal: stop.signal,
      emit: recording.emit,
      seconds: options.loadSeconds,
      progress,
    });
  } else if (suite === 'e2e') {
    const { runJourneys } = await import('./journeys.ts');
    const { spent, secrets } = await runJourneys({
      ...options.journeys,
      checks: checks.map(toPlanned),
      environment,
      clock,
      scope,
      signal: stop.signal,
      directory: running.directory,
      emit: recording.emit,
      onMessage: show,
    });
    running.spent[suite] = spent;
    running.secrets.push(...secrets);
  } else {
    const { runOnVitest } = await import('../../runners/vitest/run.ts');
    await runOnVitest({
      id: `${id}-${suite}`,
      checks: checks.map(toPlanned),
      environment,
      clock,
      scope,
      signal: stop.signal,
      emit: recording.emit,
      onMessage: (message) => {
        if (message.type === 'finished') running.spent[suite] = message.spent;
        show(message);
      },
    });
  }
}

/** One budget for the whole run: what the suites before have sent is gone. */
function withBudgetLeft(environment: Environment, spent: Readonly<Record<string, number>>): Environment {
  const requests = Object.values(spent).reduce((sum, one) => sum + one, 0);
  return {
    ...environment,
    budget: { ...environment.budget, requests: Math.max(0, environment.budget.requests - requests) },
  };
}

/** Smoke always runs to its end; a later suite is skipped once the outcome cannot change for the better. */
function settledBefore(options: RunOptions, entries: readonly Entry[], suite: string): string | null {
  if (!options.earlyStop || suite === 'smoke') return null;
  const failed = judge(entries).checks.find((check) => check.status === 'fail');
  return failed ? `the outcome was settled by ${failed.id}; --no-early-stop runs it all the same` : null;
}

export const toPlanned = (check: Check): PlannedCheck & { needs: readonly string[] } => ({
  id: check.id,
  suite: check.suite,
  assertions: Object.keys(check.assertions),
  timeoutMs: check.timeoutMs ?? 15_000,
  needs: check.needs,
});

/** The first line of a record; a soak adds what it planned. */
export function runEntry(
  { environment, profile, selection }: Pick<RunOptions, 'environment' | 'profile' | 'selection'>,
  { id, startedAt }: Pick<Running, 'id' | 'startedAt'>,
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
    ...(selection.shard ? { shard: selection.shard } : {}),
    of: selection.of,
    harness: harnessVersion,
    startedAt: startedAt.toISOString(),
  };
}

const ours = (
  what: Extract<Entry, { kind: 'ours' }>['what'],
  atMs: number,
  detail: string,
  spoils: boolean,
): Entry => ({
  kind: 'ours',
  what,
  fromMs: Math.round(atMs),
  toMs: Math.round(atMs),
  detail,
  spoils,
});

/** Sorts by time, and two runs of one minute differ: `r-20260102-0304-ab12`. */
export function runId(at: Date): string {
  const [day, time] = at.toISOString().split('T') as [string, string];
  return `r-${day.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}-${randomBytes(2).toString('hex')}`;
}
