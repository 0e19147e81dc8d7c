import type { RunClock } from '../../record/clock.ts';

interface Beat {
  readonly clock: RunClock;
  /** Of the run's own clock. */
  readonly everyMs: number;
  readonly signal: AbortSignal;
  /** So many may be under way at once; one more is refused, which only a task without a time-out of its own can cause. */
  readonly atOnce: number;
  readonly failed: (error: unknown) => void;
}

/**
 * Calls a task at every multiple of `everyMs` of the run's clock: an open model, in which a slow answer delays no later
 * task, and a grid that is the same in every process that goes on with the run. Moments that pass while this process
 * stands still are left out; who watches for that says so.
 */
export function metronome(beat: Beat, task: (dueMs: number) => Promise<void>): void {
  const { clock, everyMs, signal } = beat;
  let underWay = 0;
  let timer: NodeJS.Timeout | undefined;

  const start = (dueMs: number) => {
    if (underWay >= beat.atOnce) return;
    underWay += 1;
    task(dueMs)
      .catch(beat.failed)
      .finally(() => {
        underWay -= 1;
      });
  };

  const arm = (number: number) => {
    timer = setTimeout(() => tick(number), Math.max(0, number * everyMs - clock.now()));
  };

  const tick = (number: number) => {
    if (signal.aborted) return;
    const nowMs = clock.now();
    // A timer may fire a little early.
    if (nowMs < number * everyMs - 1) return arm(number);
    const latest = Math.floor(nowMs / everyMs);
    start(Math.max(number, latest) * everyMs);
    arm(Math.max(number, latest) + 1);
  };

  if (signal.aborted) return;
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  arm(Math.ceil(clock.now() / everyMs));
}
