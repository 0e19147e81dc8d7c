import type { RunClock } from '../../record/clock.ts';
import type { Stop } from '../run/stop.ts';
import { ours, type SoakOptions } from './opened.ts';
import type { SoakRecording } from './recording.ts';

const whole = 'the whole length is covered';
const segmentEnd = 'the segment is over; --resume goes on with the next';

/** The soak ends when its planned length is covered, this process perhaps before. */
export function endings(leftMs: number, { segmentMs }: SoakOptions, stop: Stop): { clear(): void } {
  const end = longTimer(leftMs, () => stop.stop(whole));
  const segment = segmentMs === null ? null : longTimer(segmentMs, () => stop.stop(segmentEnd));
  return {
    clear() {
      end.clear();
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
export function tellEnd(stop: Stop, clock: RunClock, recording: SoakRecording): void {
  const why = stop.reason();
  if (why === null || why === whole) recording.emit({ kind: 'end', atMs: Math.round(clock.now()) });
  else recording.emit(ours('interrupted', clock.now(), clock.now(), why, false));
}
