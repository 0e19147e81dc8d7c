import { readFileSync } from 'node:fs';
import type { Entry } from '../../record/entries.ts';
import type { TickLine } from './lines.ts';

/** Looks at ourselves while we send: was the generator given the processor, did the clock step, was an address refused. */
export interface Health {
  tick(tick: TickLine): void;
  close(atMs: number): void;
}

interface Options {
  readonly check: string;
  readonly pid: number;
  readonly emit: (entry: Entry) => void;
}

const stretchMs = 10_000;
/** Kept from waking for more of a stretch than this, the generator cannot be believed in it. */
const starvedShare = 0.3;
const wallStepMs = 500;
const sampleEveryMs = 5_000;

export function watchHealth({ check, pid, emit }: Options): Health {
  let stretch: TickLine[] = [];
  let offset: number | undefined;
  let cpu = readCpuMs(pid);
  let sampledAt = Number.NEGATIVE_INFINITY;

  const closeStretch = () => {
    const entry = starvation(check, stretch);
    if (entry) emit(entry);
    stretch = [];
  };

  const sample = (tick: TickLine) => {
    const used = readCpuMs(pid);
    if (used !== null && cpu !== null && Number.isFinite(sampledAt)) {
      const share = (used - cpu) / (tick.atMs - sampledAt);
      emit({ kind: 'sample', series: 'generator.cpu', unit: '1', labels: { check }, atMs: tick.atMs, value: share });
    }
    emit({
      kind: 'sample',
      series: 'generator.lag',
      unit: 'ms',
      labels: { check },
      atMs: tick.atMs,
      value: tick.beat.maxMs,
    });
    cpu = used;
    sampledAt = tick.atMs;
  };

  return {
    tick(tick) {
      const now = tick.wallMs - tick.atMs;
      if (offset !== undefined && Math.abs(now - offset) > wallStepMs) emit(clockJump(check, tick, now - offset));
      offset = now;
      if (tick.refused) emit(refusal(check, tick, tick.refused));
      stretch.push(tick);
      if (tick.atMs - stretch[0]!.atMs >= stretchMs) closeStretch();
      if (tick.atMs - sampledAt >= sampleEveryMs) sample(tick);
    },
    close: closeStretch,
  };
}

function starvation(check: string, stretch: readonly TickLine[]): Entry | null {
  const [first] = stretch;
  const last = stretch.at(-1);
  if (!first || !last) return null;
  const heldMs = stretch.reduce((sum, tick) => sum + tick.beat.sumMs, 0);
  const overMs = Math.max(last.atMs - first.atMs, 1_000);
  if (heldMs / overMs < starvedShare) return null;
  return {
    kind: 'ours',
    what: 'generator-starved',
    check,
    fromMs: first.atMs - 1_000,
    toMs: last.atMs,
    detail: `the load generator was kept from running for ${Math.round(heldMs)} ms of ${Math.round(overMs)} ms`,
    spoils: true,
  };
}

function clockJump(check: string, tick: TickLine, byMs: number): Entry {
  const detail = `the wall clock stepped by ${Math.round(byMs)} ms while the run's own clock went on evenly`;
  return { kind: 'ours', what: 'clock-jump', check, fromMs: tick.atMs - 1_000, toMs: tick.atMs, detail, spoils: true };
}

function refusal(check: string, tick: TickLine, refused: Readonly<Record<string, number>>): Entry {
  const list = Object.entries(refused).map(([address, times]) => `${address} (${times} times)`);
  return {
    kind: 'ours',
    what: 'egress-refused',
    check,
    fromMs: tick.atMs - 1_000,
    toMs: tick.atMs,
    detail: `not among the addresses of the environment file and not contacted: ${list.join(', ')}`,
    spoils: true,
  };
}

/** Processor time of a process in ms, from Linux' /proc; null where there is none. */
function readCpuMs(pid: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * clockTickMs;
  } catch {
    return null;
  }
}

/** Linux reports processor time in hundredths of a second to user programs, whatever its own tick is. */
const clockTickMs = 10;
