/**
 * The one monotonic clock of a run. `process.hrtime` is the same clock in every process and thread of a machine,
 * so a worker that is told the run's origin measures on the run's own time axis; wall-clock steps do not reach it.
 */
export interface RunClock {
  /** Milliseconds since `run.startedAt`. */
  now(): number;
  /** hrtime of `run.startedAt` in nanoseconds, as a decimal string, to hand to another thread or process. */
  readonly origin: string;
}

export function runClock(origin: string = process.hrtime.bigint().toString()): RunClock {
  const start = BigInt(origin);
  return { origin, now: () => Number(process.hrtime.bigint() - start) / 1e6 };
}

/**
 * The clock of a run that goes on in another process, perhaps after a reboot: the monotonic clock started anew with the
 * machine, so the time since the run began is taken from the wall clock once. It never goes back behind what is recorded.
 */
export function resumedClock(
  startedAt: string,
  lastMs: number,
  wallMs: number = Date.now(),
): { readonly clock: RunClock; readonly steppedBackMs: number } {
  const byWall = wallMs - Date.parse(startedAt);
  const nowMs = Math.max(byWall, lastMs);
  const origin = process.hrtime.bigint() - BigInt(Math.round(nowMs * 1e6));
  return { clock: runClock(origin.toString()), steppedBackMs: Math.max(0, lastMs - byWall) };
}
