import { requestsSpent } from '../../environment/spending.ts';
import type { Environment } from '../../environment/types.ts';
import { harnessWatcher } from '../../probes/watch/harness.ts';
import type { Watcher } from '../../probes/watch/types.ts';
import type { RunClock } from '../../record/clock.ts';
import type { Entry, OursEntry, SoakPlan } from '../../record/entries.ts';
import { metronome } from './metronome.ts';
import { watchStillness } from './stillness.ts';
import type { SoakBody, SoakContext } from './types.ts';
import { startWatching } from './watching.ts';

export interface SoakRun {
  readonly environment: Environment;
  readonly clock: RunClock;
  readonly scope: string;
  readonly plan: SoakPlan;
  readonly leftMs: number;
  readonly users: number;
  readonly socketLimitMs: number;
  readonly k6Path: string;
  /** Ends everything: planned end, segment end, kill switch. */
  readonly signal: AbortSignal;
  /** What an ended process left behind is taken away; users are made after that. */
  readonly ready: Promise<void>;
  readonly bodies: readonly { readonly check: string; readonly body: SoakBody }[];
  emit(entry: Entry): void;
}

/** Starts the bodies and lets them run until the signal; then every clean-up, bounded in time. */
export async function runSoak(run: SoakRun): Promise<void> {
  const undos = new Set<() => Promise<void>>();
  const works: Promise<void>[] = [];
  const soak = contextOf(run, undos, works);
  try {
    // Our own memory is on record whatever else is looked at; each check's body starts what tells of it.
    soak.watch(harnessWatcher());
    for (const { check, body } of run.bodies) await startBody(soak, check, body);
    if (!run.signal.aborted)
      await new Promise((resolve) => run.signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    await Promise.race([Promise.all(works), tooLong()]).catch(() => undefined);
    await undoAll([...undos].reverse(), run);
  }
}

/** An exception is our own mistake: the check is invalid, the others go on. */
async function startBody(soak: SoakContext, check: string, body: SoakBody): Promise<void> {
  try {
    await body(soak);
  } catch (error) {
    const nowMs = Math.round(soak.now());
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    soak.emit({ kind: 'ours', what: 'check-crashed', check, fromMs: nowMs, toMs: nowMs, detail, spoils: true });
  }
}

/** However much the time is scaled, nothing is repeated faster than this, but for slots, whose length is the plan's own. */
const fastestMs = 500;
const loadEveryMs = 10_000;
const atOnce = 200;

function contextOf(run: SoakRun, undos: Set<() => Promise<void>>, works: Promise<void>[]): SoakContext {
  const { clock, signal, plan, emit } = run;
  const ours = (what: OursEntry['what'], fromMs: number, toMs: number, detail: string, spoils: boolean) =>
    emit({ kind: 'ours', what, fromMs: Math.round(fromMs), toMs: Math.round(toMs), detail, spoils });
  const gap = (fromMs: number, toMs: number, detail: string) => ours('gap', fromMs, toMs, detail, false);
  const stillness = watchStillness({
    clock,
    signal,
    onGap: (fromMs, toMs) => gap(fromMs, toMs, `this process stood still for ${seconds(toMs - fromMs)}`),
    onStep: (byMs) => ours('clock-jump', clock.now(), clock.now(), `the wall clock stepped by ${seconds(byMs)}`, false),
  });
  const watched = new Set<string>();
  const said = new Set<string>();
  let foreign = 0;

  const soak: SoakContext = {
    ...run,
    checks: new Set(run.bodies.map(({ check }) => check)),
    timeScale: plan.timeScale,
    now: () => clock.now(),
    gap,
    disturbed: stillness.disturbed,
    sent: (requests) => {
      foreign += requests;
    },
    lasts: (work) => void works.push(work),
    cleanup(undo) {
      undos.add(undo);
      return () => void undos.delete(undo);
    },
    ours(what, detail, spoils = false) {
      if (said.has(`${what} ${detail}`)) return;
      said.add(`${what} ${detail}`);
      ours(what, clock.now(), clock.now(), detail, spoils);
    },
    every(name, everyMs, task) {
      const beat = { clock, signal, atOnce, everyMs: realEveryMs(everyMs, plan) };
      metronome({ ...beat, failed: onceFailed(soak, name) }, task);
    },
    watch(watcher: Watcher) {
      if (watched.has(watcher.name)) return void watcher.close?.();
      watched.add(watcher.name);
      startWatching(soak, watcher);
    },
  };
  tellLoad(soak, () => foreign);
  return soak;
}

function realEveryMs(everyMs: number, { slotMs, timeScale }: SoakPlan): number {
  const isSlots = Math.abs(everyMs / timeScale - slotMs) < 1e-6;
  return isSlots ? slotMs : Math.max(fastestMs, everyMs / timeScale);
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** The load beside which every series is seen. */
function tellLoad(soak: SoakContext, foreign: () => number): void {
  let before = requestsSpent() + foreign();
  let beforeMs = soak.now();
  soak.every('load', loadEveryMs, async () => {
    const sent = requestsSpent() + foreign();
    const nowMs = soak.now();
    const value = Math.round(((sent - before) / Math.max(1, nowMs - beforeMs)) * 1e6) / 1000;
    soak.emit({ kind: 'sample', series: 'harness.load', unit: '1/s', atMs: Math.round(nowMs), value });
    before = sent;
    beforeMs = nowMs;
  });
}

/** A task answers for its own failures; one that throws is our mistake, and saying so once is enough. */
function onceFailed(soak: SoakContext, name: string): (error: unknown) => void {
  let said = false;
  return (error) => {
    if (said || soak.signal.aborted) return;
    said = true;
    soak.ours('check-crashed', `${name}: ${error instanceof Error ? error.message : String(error)}`, false);
  };
}

const undoAtMostMs = 20_000;

async function undoAll(undos: readonly (() => Promise<void>)[], run: SoakRun): Promise<void> {
  for (const undo of undos) {
    try {
      await Promise.race([undo(), tooLong()]);
    } catch (error) {
      const why = `clean-up failed: ${error instanceof Error ? error.message : String(error)}`;
      run.emit({ kind: 'residue', what: 'left by the soak', id: run.scope, why });
    }
  }
}

function tooLong(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`did not finish within ${undoAtMostMs / 1000} s`)), undoAtMostMs).unref();
  });
}
