import { readdirSync, readFileSync } from 'node:fs';

/**
 * How long this process has waited for a processor: nanoseconds that a thread was ready to run and did not, the second field
 * of /proc/…/schedstat. Encoding, sending, receiving and decoding each have threads of their own, so it is the thread that
 * waited longest that delayed a tone at the least; more than that is never called our fault.
 */
export function waits(): ReadonlyMap<string, number> {
  try {
    return new Map(readdirSync(tasks).flatMap((thread) => waitOf(thread)));
  } catch {
    return new Map();
  }
}

/** The longest wait of one thread between two looks, ms. */
export function longestWaitMs(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  let longest = 0;
  for (const [thread, wait] of after) longest = Math.max(longest, wait - (before.get(thread) ?? 0));
  return longest / 1e6;
}

const tasks = '/proc/self/task';

function waitOf(thread: string): [string, number][] {
  try {
    const wait = Number(readFileSync(`${tasks}/${thread}/schedstat`, 'utf8').split(' ')[1]);
    return Number.isFinite(wait) ? [[thread, wait]] : [];
  } catch {
    // It ended while we looked.
    return [];
  }
}
