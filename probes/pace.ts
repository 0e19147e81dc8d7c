import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  readonly count: number;
  readonly everyMs: number;
  /** No further probe is due after this long. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
  now(): number;
}

/** As many may be unanswered at a time. A deployment that keeps more waiting is not asked any more until it answers one. */
const mostUnanswered = 64;

/**
 * Probes in an open loop: each is sent the moment it is due, fixed before the first is sent, whether or not those before it have been
 * answered. A deployment that stalls makes them late, not fewer (wrk2's lesson), and one that takes longer than `everyMs` for an answer,
 * as it may behind a real network, is not charged for waiting of ours. `probe` says whether to go on.
 * Returns, when all are answered, the due times of probes that could not be sent because too many before them were not.
 */
export async function paced(pace: Pace, probe: (dueMs: number) => Promise<'on' | 'stop'>): Promise<readonly number[]> {
  const firstMs = pace.now();
  const overdue: number[] = [];
  const unanswered = new Set<Promise<void>>();
  let stopped = false;
  for (let i = 0; i < pace.count && i * pace.everyMs <= pace.withinMs; i++) {
    const dueMs = firstMs + i * pace.everyMs;
    await until(dueMs, pace);
    if (stopped || pace.signal.aborted) break;
    if (unanswered.size >= mostUnanswered) overdue.push(dueMs);
    else {
      const asked: Promise<void> = probe(dueMs).then((then) => {
        stopped ||= then === 'stop';
        unanswered.delete(asked);
      });
      unanswered.add(asked);
    }
  }
  await Promise.all(unanswered);
  return overdue;
}

/** Timers fire up to a millisecond early or late, so the last stretch is given back to the event loop in small turns. */
async function until(dueMs: number, { now, signal }: Pace): Promise<void> {
  const aheadMs = dueMs - now();
  if (aheadMs > 2) await sleep(aheadMs - 1, undefined, { signal }).catch(() => undefined);
  while (now() < dueMs && !signal.aborted) await new Promise(setImmediate);
}
