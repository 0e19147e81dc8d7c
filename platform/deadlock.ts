import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseError } from 'pg';

const triesAtMost = 4;
const betweenTriesMs = 500;
/** `deadlock_detected` and `serialization_failure`, PostgreSQL's appendix A: the statement may be sent again as it is. */
const worthAnother = new Set<string | undefined>(['40P01', '40001']);

/**
 * What the deployment still works at when a run is stopped may hold its locks in the other order than a removal, and
 * PostgreSQL ends one of the two. For removals alone: nothing that is measured is tried again.
 */
export async function despiteDeadlocks<T>(remove: () => Promise<T>): Promise<T> {
  for (let left = triesAtMost - 1; ; left--) {
    try {
      return await remove();
    } catch (error) {
      if (left === 0 || !worthAnother.has((error as DatabaseError).code)) throw error;
    }
    await sleep(betweenTriesMs);
  }
}
