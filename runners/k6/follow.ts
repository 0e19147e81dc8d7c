import type { RunClock } from '../../record/clock.ts';
import type { Entry, OursWhat, WindowEntry } from '../../record/entries.ts';
import { watchHealth } from './health.ts';
import type { FactLine, K6Line, TickLine, WindowLine } from './lines.ts';
import type { K6Outcome } from './run.ts';
import type { StopReason } from './stop.ts';

interface Options {
  readonly check: string;
  readonly assertions: readonly string[];
  readonly errors: string;
  readonly pid: number;
  readonly clock: RunClock;
  readonly emit: (entry: Entry) => void;
  readonly onTick?: ((tick: TickLine) => void) | undefined;
}

interface Ending {
  readonly exitCode: number | null;
  readonly stopped: StopReason | null;
  readonly complaints: readonly string[];
  readonly endedAtMs: number;
}

export interface Follower {
  /** Takes a line; a tick is handed back for the kill switch. */
  take(line: string): TickLine | null;
  close(ending: Ending): K6Outcome;
}

/** Turns k6's lines into entries while they come, and says at the end what was wrong with us. */
export function followLines(options: Options): Follower {
  const { check, emit } = options;
  const planned = new Set(options.assertions);
  const health = watchHealth(options);
  const startedAtMs = options.clock.now();
  const ticks: TickLine[] = [];
  const facts: FactLine[] = [];
  let end: TickLine | null = null;
  let windows = 0;

  const takeTick = (tick: TickLine) => {
    if (tick.kind === 'end') end = tick;
    ticks.push(tick);
    health.tick(tick);
    options.onTick?.(tick);
    return tick;
  };

  return {
    take(text) {
      const line = JSON.parse(text) as K6Line;
      if (line.kind === 'tick' || line.kind === 'end') return takeTick(line);
      if (line.kind === 'fact') facts.push(line);
      if (line.kind === 'window' && planned.has(line.stream)) {
        windows += 1;
        emit(windowEntry(check, line));
      }
      return null;
    },
    close(ending) {
      health.close(ending.endedAtMs);
      for (const entry of troubles(check, ending, { end, last: ticks.at(-1) ?? null, windows, startedAtMs })) {
        emit(entry);
      }
      return { exitCode: ending.exitCode, stopped: ending.stopped, end, ticks, facts };
    },
  };
}

function windowEntry(check: string, line: WindowLine): WindowEntry {
  const { kind: _, stream, ...rest } = line;
  return { kind: 'window', check, assertion: stream, ...rest };
}

interface Seen {
  readonly end: TickLine | null;
  readonly last: TickLine | null;
  readonly windows: number;
  readonly startedAtMs: number;
}

/** Each sentence is about us; a load that was never sent can therefore not end as a pass. */
function troubles(check: string, ending: Ending, seen: Seen): Entry[] {
  const found: Entry[] = [];
  const ours = (what: OursWhat, detail: string, spoils = true) =>
    found.push({ kind: 'ours', what, check, fromMs: seen.startedAtMs, toMs: ending.endedAtMs, detail, spoils });
  const said = ending.complaints.length > 0 ? `; it said: ${ending.complaints.join(' | ')}` : '';
  if (ending.exitCode === null && seen.last === null) ours('tool-missing', `k6 could not be started${said}`);
  else if (!seen.end) ours('killed', `k6 ended (${String(ending.exitCode)}) before it could close its books${said}`);
  else if (seen.end.why?.startsWith('budget')) ours('budget', seen.end.why, false);
  else if (ending.exitCode !== 0 && !ending.stopped) ours('check-crashed', `k6 ended with ${ending.exitCode}${said}`);
  if (seen.end && seen.end.unfinished > 0) {
    const { unfinished, started } = seen.end;
    ours('check-crashed', `${unfinished} of ${started} iterations of our script ended before their last line${said}`);
  }
  if (seen.end && seen.windows === 0) ours('check-crashed', `the script sent nothing${said}`);
  if (ending.stopped) found.push(stopNote(check, ending, ours));
  return found;
}

/** A stop for the deployment's errors is a fact in the record; one by a person or by time leaves the run incomplete. */
function stopNote(
  check: string,
  { stopped }: Ending,
  ours: (what: OursWhat, detail: string, spoils?: boolean) => void,
): Entry {
  const { by, detail } = stopped!;
  if (by === 'signal' || by === 'file') ours('interrupted', detail, false);
  if (by === 'time') ours('interrupted', detail);
  return { kind: 'note', check, what: 'load stopped early', detail };
}
