import { flushCompileCache } from 'node:module';
import { join, resolve } from 'node:path';
import { redactor } from '../../environment/redact.ts';
import { installGuard } from '../../environment/sockets.ts';
import type { Environment } from '../../environment/types.ts';
import { resumedClock, runClock } from '../../record/clock.ts';
import type { Entry, RunEntry } from '../../record/entries.ts';
import { recordName, resumeRecord } from '../../record/writer.ts';
import { preflight } from '../../runners/preflight.ts';
import { runSoak } from '../../runners/soak/engine.ts';
import type { SoakBody } from '../../runners/soak/types.ts';
import { toolPaths } from '../../setup/tools.mjs';
import type { Check } from '../../suites/check.ts';
import { exitCodes } from '../errors.ts';
import { finish } from '../run/finish.ts';
import { plan } from '../run/plan.ts';
import { createOrRefuse } from '../run/recording.ts';
import { type RunResult, runEntry, runId, toPlanned } from '../run/run.ts';
import { type Stop, watchForStop } from '../run/stop.ts';
import { type Continuous, judgeContinuously } from './continuous.ts';
import { endings, tellEnd } from './endings.ts';
import { takeLock } from './lock.ts';
import { type Opened, ours, type SoakOptions, scopeOf, type Working } from './opened.ts';
import { recordSoak, type SoakRecording } from './recording.ts';
import { clearUp, refuseNothing, survivedIn, tellResumed } from './resumed.ts';

/** One process of a soak: the first, or one that goes on where another ended. What it found is in the record, and judged from there. */
export async function soak(options: SoakOptions): Promise<RunResult> {
  const startedAt = new Date();
  const id = runId(startedAt);
  const directory = resolve(options.resume ?? options.out ?? join('runs', id));
  if (options.resume !== undefined) refuseNothing(directory);
  const writer = options.resume === undefined ? createOrRefuse(directory, () => clock.now()) : null;
  const lock = takeLock(directory);
  let clock = runClock();
  try {
    const before = writer ? null : survivedIn(directory, options);
    const resumed = before ? resumedClock(before.run.startedAt, before.lastMs) : null;
    clock = resumed?.clock ?? clock;
    return await work(options, {
      directory,
      lock,
      clock,
      run: before?.run ?? firstEntry(options, id, startedAt),
      before,
      steppedBackMs: resumed?.steppedBackMs ?? 0,
      writer: writer ?? resumeRecord(directory, { now: () => Math.round(clock.now()) }),
    });
  } finally {
    lock.release();
  }
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

async function lastAsLongAsItShould(options: SoakOptions, opened: Opened, working: Working): Promise<void> {
  const { environment, progress, selection } = options;
  const { clock, run, before } = opened;
  const { recording, stop } = working;
  const wanted = before ? selection.checks.filter(({ id }) => before.planned.includes(id)) : selection.checks;
  const promised = plan(environment, wanted);
  if (!before) for (const entry of promised.entries) recording.emit(entry);
  progress({ type: 'message', atMs: clock.now(), text: before ? 'going on' : 'asking every address' });
  const settled = before
    ? new Set<string>()
    : await preflight(environment, promised.runnable.map(toPlanned), clock, recording.emit);
  const bodies = await bodiesOf(promised.runnable.filter(({ id }) => !settled.has(id)));
  // A process that is killed keeps nothing at its end; whoever goes on need not compile again what this one has.
  flushCompileCache();
  const soakPlan = run.soak!;
  const leftMs = Math.max(1, soakPlan.plannedMs - (before ? before.lastMs - before.gapsMs : clock.now()));
  const ending = endings(leftMs, options, stop);
  tellStart(options, opened, bodies.length, leftMs);
  if (bodies.length > 0) {
    const clearing = before ? clearUp(options, opened, recording) : null;
    await runSoak({
      environment: withShareOfBudget(environment, leftMs / soakPlan.plannedMs),
      clock,
      scope: scopeOf(run),
      plan: soakPlan,
      leftMs,
      users: options.users,
      socketLimitMs: options.socketLimitMs / soakPlan.timeScale,
      k6Path: toolPaths().k6,
      signal: stop.signal,
      ready: clearing ?? Promise.resolve(),
      bodies,
      emit: (entry) => {
        recording.emit(entry);
        ending.tell(entry);
      },
    });
  }
  ending.clear();
  tellEnd(stop, ending, clock, recording);
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
  { profile, earlyStop, awaited = [], progress }: SoakOptions,
  { directory, clock, before, run }: Opened,
  stop: Stop,
  emit: (entry: Entry) => void,
): Continuous {
  const { timeScale } = run.soak!;
  const open = new Set(awaited);
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
      open.delete(check);
      if (!earlyStop || open.size > 0) return;
      const why2 = `the outcome is settled by ${check}; --no-early-stop goes on all the same`;
      setTimeout(() => stop.stop(why2), settledAfterSoakMs / timeScale).unref();
    },
  });
}

const spoken = (soakMs: number): string => `hour ${(soakMs / 3_600_000).toFixed(2)}`;

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

const firstEntry = (options: SoakOptions, id: string, startedAt: Date): RunEntry => ({
  ...runEntry(options, { id, startedAt }),
  soak: options.plan,
});
