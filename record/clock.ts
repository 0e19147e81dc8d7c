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
