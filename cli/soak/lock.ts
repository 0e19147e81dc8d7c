import { linkSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';

/** Who works on a run. A process id alone is not enough: after a reboot another process has it. */
interface Holder {
  readonly pid: number;
  /** When the process began, in the kernel's own count; null where that is not told. */
  readonly processStart: string | null;
  readonly host: string;
  /** Changes with every boot; null where that is not told. */
  readonly boot: string | null;
  readonly since: string;
}

export interface Lock {
  /** A sentence about the process that had it and is gone; null when there was none. */
  readonly stale: string | null;
  /** Says that this process is still there, to whoever cannot see it. */
  touch(): void;
  release(): void;
}

const lockName = 'lock';
/** A process on another machine cannot be looked for; it says that it is there every ten seconds. */
const silentForMs = 60_000;

/**
 * Takes the run for this process.
 * @throws UsageError while another process works on it.
 */
export function takeLock(directory: string): Lock {
  const path = join(directory, lockName);
  const mine: Holder = {
    pid: process.pid,
    processStart: processStart(process.pid),
    host: hostname(),
    boot: bootId(),
    since: new Date().toISOString(),
  };
  const temporary = `${path}.${mine.pid}`;
  writeFileSync(temporary, `${JSON.stringify(mine)}\n`, { mode: 0o600 });
  let stale: string | null = null;
  try {
    stale = clearStale(path, directory);
    linkSync(temporary, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw refused(directory, holderOf(path));
  } finally {
    rmSync(temporary, { force: true });
  }
  return {
    stale,
    touch() {
      const now = new Date();
      if (isMine(path, mine)) utimesSync(path, now, now);
    },
    release() {
      if (isMine(path, mine)) unlinkSync(path);
    },
  };
}

/** Takes away the lock of a process that is gone, and says whose it was. Two who try at once: one of them gets it. */
function clearStale(path: string, directory: string): string | null {
  const holder = holderOf(path);
  if (holder === null) return null;
  const why = whyGone(holder, path);
  if (why === null) throw refused(directory, holder);
  const aside = `${path}.gone.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  const taken = holderOf(aside);
  if (taken?.since !== holder.since || taken.pid !== holder.pid) {
    // Somebody else was quicker, and this is the lock of a process that works.
    linkSync(aside, path);
    unlinkSync(aside);
    throw refused(directory, taken);
  }
  unlinkSync(aside);
  return `process ${holder.pid}, which had this run since ${holder.since}, is gone: ${why}`;
}

/** Null: it works, or may. */
function whyGone(holder: Holder, path: string): string | null {
  if (holder.host !== hostname()) {
    const silentMs = Date.now() - statSync(path).mtimeMs;
    return silentMs > silentForMs ? `${holder.host} has not been heard of for ${Math.round(silentMs / 1000)} s` : null;
  }
  if (holder.boot !== bootId()) return 'the machine was started again since';
  if (!isAlive(holder.pid)) return 'there is no such process';
  const started = processStart(holder.pid);
  return started === holder.processStart ? null : 'its number belongs to another process now';
}

function refused(directory: string, holder: Holder | null): UsageError {
  const who = holder
    ? `process ${holder.pid} on ${holder.host} works on this run since ${holder.since}`
    : 'another process works on this run';
  const elsewhere = holder !== null && holder.host !== hostname();
  const until = elsewhere ? `; it counts as gone when nothing is heard of it for ${silentForMs / 1000} s` : '';
  return new UsageError(`${directory}: ${who}; two would spoil each other's record${until}`);
}

function holderOf(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function isMine(path: string, mine: Holder): boolean {
  const holder = holderOf(path);
  return holder?.pid === mine.pid && holder.since === mine.since;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Field 22 of /proc/PID/stat; the name before it may hold anything. */
function processStart(pid: number): string | null {
  const text = readOr(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

const bootId = (): string | null => readOr('/proc/sys/kernel/random/boot_id')?.trim() ?? null;

function readOr(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
