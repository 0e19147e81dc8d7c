import type { RunClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import { lengthMs, outside, type Stretch } from '../../record/stretches.ts';
import type { Stop } from '../run/stop.ts';
import { ours, type SoakOptions } from './opened.ts';
import type { SoakRecording } from './recording.ts';

const whole = 'the whole length is covered';
const segmentEnd = 'the segment is over; --resume goes on with the next';
const gapAtEnd = 'the last stretch was a gap of ours; --resume goes on with what is left';

export interface Endings {
  /** A gap of ours that this process tells of is no part of the length: it is made up for at the end. */
  tell(entry: Entry): void;
  /** Whether the planned length is covered, gaps left out. */
  isWhole(): boolean;
  clear(): void;
}

/** The soak ends when its planned length is covered, this process perhaps before. */
export function endings(leftMs: number, { segmentMs }: Pick<SoakOptions, 'segmentMs'>, stop: Stop): Endings {
  const end = longTimer(leftMs, () => stop.stop(whole));
  const segment = segmentMs === null ? null : longTimer(segmentMs, () => stop.stop(segmentEnd));
  const gaps: Stretch[] = [];
  // A network that never comes back must not keep it for ever: at most it takes twice as long.
  let mayExtendMs = leftMs;
  let missingMs = 0;
  return {
    tell(entry) {
      if (entry.kind !== 'ours' || entry.what !== 'gap') return;
      const fresh = outside(entry, gaps);
      gaps.push(...fresh);
      const byMs = Math.min(lengthMs(fresh), mayExtendMs);
      mayExtendMs -= byMs;
      missingMs += lengthMs(fresh) - byMs;
      end.extend(byMs);
    },
    // Less than this is missing from no length that is promised.
    isWhole: () => missingMs + end.leftMs() <= leftMs * 5e-4,
    clear() {
      end.clear();
      segment?.clear();
    },
  };
}

interface LongTimer {
  extend(ms: number): void;
  leftMs(): number;
  clear(): void;
}

/** A stretch in which nothing came round is told as a gap at the next beat; until then nobody knows what is left. */
const heldUpMs = 1_000;

/** A timer of Node is at most 24 days long, and one of 48 h should not hang on a single one. */
function longTimer(ms: number, then: () => void): LongTimer {
  let until = performance.now() + ms;
  let beforeMs = performance.now();
  const everyMs = Math.min(500, Math.max(20, ms / 20));
  const timer = setInterval(() => {
    const nowMs = performance.now();
    // It was not due when it last came round, long ago: whoever tells of gaps comes round first.
    const isHeldUp = beforeMs < until && nowMs - beforeMs > everyMs + heldUpMs;
    beforeMs = nowMs;
    if (isHeldUp || nowMs < until) return;
    clearInterval(timer);
    then();
  }, everyMs);
  return {
    extend: (byMs) => {
      until += byMs;
    },
    leftMs: () => until - performance.now(),
    clear: () => clearInterval(timer),
  };
}

/** The run is complete, over for now, or was stopped; only the first has an `end`. */
export function tellEnd(stop: Stop, ending: Endings, clock: RunClock, recording: SoakRecording): void {
  const why = stop.reason();
  if (why === null || (why === whole && ending.isWhole()))
    recording.emit({ kind: 'end', atMs: Math.round(clock.now()) });
  else recording.emit(ours('interrupted', clock.now(), clock.now(), why === whole ? gapAtEnd : why, false));
}
