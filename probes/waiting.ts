import { readdirSync, readFileSync } from 'node:fs';

/**
 * How long processes have waited for a processor: nanoseconds that a thread was ready to run and did not, the second field
 * of /proc/…/schedstat. Encoding, sending, receiving, decoding and drawing each have threads of their own, so it is the
 * thread that waited longest that delayed something at the least; more than that is never called our fault.
 */
export function waits(): ReadonlyMap<string, number> {
  return new Map(namesIn('/proc/self/task').flatMap((thread) => waitOf(thread, `/proc/self/task/${thread}`)));
}

/** Of the first thread of each process alone: of a browser those that run scripts, draw and compose; others work in the background. */
export function mainWaits(processes: readonly number[]): ReadonlyMap<string, number> {
  return new Map(processes.flatMap((pid) => waitOf(String(pid), `/proc/${pid}`)));
}

/** The longest wait of one thread between two looks, ms. */
export function longestWaitMs(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  let longest = 0;
  for (const [thread, wait] of after) longest = Math.max(longest, wait - (before.get(thread) ?? 0));
  return longest / 1e6;
}

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly waitedMs: number;
}

/** Of the time between two moments, the share that was waited, 0 to 1; 0 where nobody looked. */
export function starvedShare(stretches: readonly Stretch[], fromMs: number, toMs: number): number {
  const within = stretches.filter((stretch) => stretch.toMs > fromMs && stretch.fromMs < toMs);
  const sum = (pick: (stretch: Stretch) => number) => within.reduce((total, stretch) => total + pick(stretch), 0);
  return within.length === 0 ? 0 : sum(({ waitedMs }) => waitedMs) / sum((one) => one.toMs - one.fromMs);
}

/** Processes that were started by the given one, by those in turn, and so on. Empty where there is no /proc. */
export function descendantsOf(ancestor: number): number[] {
  const parents = new Map(namesIn('/proc').filter(isNumber).flatMap(parentOf));
  const isOf = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === ancestor || isOf(parents.get(pid)));
  return [...parents].flatMap(([pid, parent]) => (isOf(parent) ? [pid] : []));
}

const isNumber = (name: string): boolean => /^\d+$/.test(name);

function parentOf(name: string): [pid: number, parent: number][] {
  // The name of a program, in brackets, may hold brackets and blanks.
  const parent = /^.*\) \S (\d+)/s.exec(textOf(`/proc/${name}/stat`))?.[1];
  return parent === undefined ? [] : [[Number(name), Number(parent)]];
}

function waitOf(name: string, folder: string): [name: string, wait: number][] {
  const wait = Number(textOf(`${folder}/schedstat`).split(' ')[1]);
  return Number.isFinite(wait) ? [[name, wait]] : [];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // It ended, or the system has no such folder.
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
