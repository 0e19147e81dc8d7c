import type { Environment } from '../environment/types.ts';
import type { RunClock } from '../record/clock.ts';
import type { Entry, MeasurementEntry } from '../record/entries.ts';
import type { Body, BodyContext, Seen } from './body.ts';
import type { CheckWord, PlannedCheck } from './vitest/messages.ts';

export interface BodySurroundings {
  readonly check: PlannedCheck;
  readonly environment: Environment;
  readonly clock: RunClock;
  readonly scope: string;
  readonly stop: AbortSignal;
  emit(entry: Entry): void;
  /** Told of everything that must stand in no file. */
  secret?(value: string): void;
}

/** Runs one body to its end, its time limit or the run's stop, then its clean-ups; whatever happens becomes entries. */
export async function runBody(body: Body, around: BodySurroundings): Promise<CheckWord> {
  const { check, clock } = around;
  const heard = new Heard();
  const undos: (() => Promise<void>)[] = [];
  const limit = new AbortController();
  const stalls = watchOwnStalls();
  const timer = setTimeout(() => limit.abort(new OutOfTime(check.timeoutMs)), check.timeoutMs);
  const signal = AbortSignal.any([limit.signal, around.stop]);
  const emit = (entry: Entry) => {
    heard.take(entry);
    around.emit(entry);
    if (entry.kind === 'ours' && entry.what === 'budget') limit.abort(new Error(entry.detail));
  };
  // A probe that is cut off by us ends in an error like any other; what a body makes of it is not about the deployment.
  const say = (entry: Entry) => {
    if (!signal.aborted || entry.kind === 'residue') emit(entry);
  };
  const startedMs = clock.now();
  try {
    await Promise.race([body(contextOf(around, say, signal, undos)), aborted(signal)]);
  } catch (error) {
    if (signal.aborted) cutOff(around, emit, heard, signal.reason, stalls.longestMs(), startedMs);
    else emit(crashed(check.id, startedMs, clock.now(), error));
  } finally {
    clearTimeout(timer);
    stalls.end();
    limit.abort(new OutOfTime(check.timeoutMs));
    await undoAll(around, emit, undos);
  }
  return around.stop.aborted ? 'stopped' : heard.word();
}

function contextOf(
  around: BodySurroundings,
  emit: (entry: Entry) => void,
  signal: AbortSignal,
  undos: (() => Promise<void>)[],
): BodyContext {
  const { check, clock, environment, scope } = around;
  const base = (assertion: string, seen: Seen = {}) => ({
    kind: 'measurement' as const,
    check: check.id,
    assertion,
    startMs: rounded(seen.startMs ?? clock.now()),
    ...(seen.cell === undefined ? {} : { cell: seen.cell }),
    ...(seen.expected === undefined ? {} : { expected: short(seen.expected) }),
    ...(seen.observed === undefined ? {} : { observed: short(seen.observed) }),
  });
  return {
    check: check.id,
    environment,
    signal,
    scope,
    now: () => clock.now(),
    cleanup: (undo) => void undos.push(undo),
    secret: (value) => around.secret?.(value),
    holds: (assertion, seen) => emit({ ...base(assertion, seen), ok: true }),
    breaks: (assertion, because, seen) =>
      emit({
        ...base(assertion, seen),
        ok: false,
        because: short(because),
        ...(seen?.tookMs === undefined ? {} : { tookMs: rounded(seen.tookMs) }),
      }),
    took: (assertion, timing) =>
      emit({
        ...base(assertion, { startMs: timing.startMs }),
        ...(timing.dueMs === undefined ? {} : { dueMs: rounded(timing.dueMs) }),
        tookMs: rounded(timing.tookMs),
        ok: true,
      } as MeasurementEntry),
    value: (assertion, value, unit, seen) => emit({ ...base(assertion, seen), ok: true, value, unit }),
    counted: (assertion, { fromMs, toMs, good, lost }) =>
      emit({
        kind: 'window',
        check: check.id,
        assertion,
        fromMs: rounded(fromMs),
        toMs: rounded(toMs),
        good,
        ...(Object.keys(lost).length > 0 ? { lost } : {}),
      }),
    unmet: (needs, assertion) =>
      emit({ kind: 'unmet', check: check.id, needs, ...(assertion === undefined ? {} : { assertion }) }),
    finding: (finding) => emit({ kind: 'finding', check: check.id, ...finding }),
    note: (what, detail) => emit({ kind: 'note', check: check.id, what, detail: short(detail) }),
    residue: (what, id, why) => emit({ kind: 'residue', what, id, why }),
    ours: (what, detail) =>
      emit({
        kind: 'ours',
        what,
        check: check.id,
        fromMs: clock.now(),
        toMs: clock.now(),
        detail: short(detail),
        spoils: true,
      }),
  };
}

/**
 * The time is up. Assertions without evidence broke their promise, unless this process itself stood still for so long
 * that the delay may be ours.
 */
function cutOff(
  around: BodySurroundings,
  emit: (entry: Entry) => void,
  heard: Heard,
  reason: unknown,
  stalledMs: number,
  startedMs: number,
): void {
  if (!(reason instanceof OutOfTime)) return;
  const { check, clock } = around;
  const nowMs = rounded(clock.now());
  if (stalledMs > check.timeoutMs / 4) {
    const detail = `this process stood still for ${Math.round(stalledMs)} ms while the check ran`;
    emit({
      kind: 'ours',
      what: 'generator-starved',
      check: check.id,
      fromMs: rounded(startedMs),
      toMs: nowMs,
      detail,
      spoils: true,
    });
    return;
  }
  for (const assertion of check.assertions.filter((name) => !heard.assertions.has(name))) {
    const because = `the deployment did not get through this check within ${check.timeoutMs / 1000} s`;
    emit({ kind: 'measurement', check: check.id, assertion, startMs: rounded(startedMs), ok: false, because });
  }
}

const crashed = (check: string, fromMs: number, toMs: number, error: unknown): Entry => ({
  kind: 'ours',
  what: 'check-crashed',
  check,
  fromMs: rounded(fromMs),
  toMs: rounded(toMs),
  detail: short(error instanceof Error ? `${error.name}: ${error.message} ${placeOf(error)}` : String(error)),
  spoils: true,
});

/** The innermost frame that is ours, without the machine's folders. */
function placeOf(error: Error): string {
  const frame = /((?:suites|probes|platform|runners)\/[^\s:)]+:\d+)/.exec(error.stack ?? '');
  return frame ? `(${frame[1]})` : '';
}

async function undoAll(
  around: BodySurroundings,
  emit: (entry: Entry) => void,
  undos: (() => Promise<void>)[],
): Promise<void> {
  for (const undo of undos.reverse()) {
    try {
      await Promise.race([undo(), later(10_000, 'did not finish within 10 s')]);
    } catch (error) {
      const why = short(error instanceof Error ? error.message : String(error));
      emit({ kind: 'residue', what: `left by ${around.check.id}`, id: around.scope, why: `clean-up failed: ${why}` });
    }
  }
}

function later(ms: number, message: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(message)), ms).unref();
  });
}

class OutOfTime extends Error {
  constructor(ms: number) {
    super(`the time for this check (${ms / 1000} s) is up`);
    this.name = 'OutOfTime';
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** The longest time this thread's event loop did not come round. */
function watchOwnStalls(): { longestMs(): number; end(): void } {
  const everyMs = 50;
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - everyMs);
    last = now;
  }, everyMs);
  return { longestMs: () => longest, end: () => clearInterval(timer) };
}

/** What a body has said so far, to know what it left open and which word to show while the run goes on. */
class Heard {
  readonly assertions = new Set<string>();
  private broke = false;
  private unmet = false;
  private crashed = false;

  take(entry: Entry): void {
    if (entry.kind === 'measurement') {
      this.assertions.add(entry.assertion);
      this.broke ||= !entry.ok;
    }
    if (entry.kind === 'window') this.assertions.add(entry.assertion);
    if (entry.kind === 'finding') this.broke ||= entry.severity === 'critical' || entry.severity === 'high';
    if (entry.kind === 'unmet') {
      this.unmet = true;
      if (entry.assertion) this.assertions.add(entry.assertion);
    }
    this.crashed ||= entry.kind === 'ours' && entry.spoils === true;
  }

  word(): CheckWord {
    if (this.crashed) return 'crashed';
    if (this.broke) return 'broke';
    return this.unmet || this.assertions.size === 0 ? 'unmet' : 'ok';
  }
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

/** A deployment may answer with megabytes; the record keeps what a person would read. */
const short = (text: string): string => (text.length > 600 ? `${text.slice(0, 600)}…` : text);
