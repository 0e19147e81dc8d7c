import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on (USER_HZ). */
const ticksPerSecond = 100;

/**
 * Seconds of processor time of a process, its user's and the system's together; `fields` are those of its `stat` behind the
 * name, `folder` is its own in /proc. A thread that ended takes its time with it, so the sum may fall.
 */
export const cpuSecondsOf = (folder: string, fields: readonly string[]): number =>
  scheduledSeconds(join(folder, 'task')) ?? (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;

/** Cores between two looks. null: too soon after the last one. */
export function coresBetween(before: { cpuSeconds: number; atMs: number }, cpuSeconds: number, atMs: number) {
  const elapsedMs = atMs - before.atMs;
  return elapsedMs > 0 ? Math.max(0, (1000 * (cpuSeconds - before.cpuSeconds)) / elapsedMs) : null;
}

/** The scheduler counts nanoseconds, a thread at a time; the ticks of `stat` are a hundredth of a second each. null: it does not tell. */
function scheduledSeconds(folder: string): number | null {
  try {
    const told = readdirSync(folder).flatMap((thread) => nanosecondsOf(join(folder, thread, 'schedstat')));
    return told.length > 0 ? told.reduce((sum, one) => sum + one, 0) / 1e9 : null;
  } catch {
    return null;
  }
}

/** Nothing of a thread that has ended meanwhile, nor where the kernel keeps no such count. */
function nanosecondsOf(path: string): number[] {
  try {
    return [Number(readFileSync(path, 'utf8').split(' ')[0])];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return [];
    throw error;
  }
}
