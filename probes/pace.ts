import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  readonly count: number;
  readonly everyMs: number;
  /** No further probe after this long; what was due by then and not sent is reported as overdue. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
  now(): number;
}

/**
 * Serial probes in an open loop: each has the moment it is due, fixed before the first is sent. A deployment that
 * stalls makes the following probes late, not fewer, and lateness counts (wrk2's lesson). `probe` says whether to go on.
 * Returns the due times of probes that were due but never sent, because the ones before them had not come back.
 */
export async function paced(pace: Pace, probe: (dueMs: number) => Promise<'on' | 'stop'>): Promise<readonly number[]> {
  const firstMs = pace.now();
  const dues = Array.from({ length: pace.count }, (_, i) => firstMs + i * pace.everyMs);
  for (const [i, dueMs] of dues.entries()) {
    await until(dueMs, pace);
    if (pace.signal.aborted) return [];
    if (pace.now() - firstMs > pace.withinMs) return dues.slice(i).filter((due) => due <= pace.now());
    if ((await probe(dueMs)) === 'stop') return [];
  }
  return [];
}

/** Timers fire up to a millisecond early or late, so the last stretch is given back to the event loop in small turns. */
async function until(dueMs: number, { now, signal }: Pace): Promise<void> {
  const aheadMs = dueMs - now();
  if (aheadMs > 2) await sleep(aheadMs - 1, undefined, { signal }).catch(() => undefined);
  while (now() < dueMs && !signal.aborted) await new Promise(setImmediate);
}
