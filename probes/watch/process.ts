import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WatchedProcess } from '../../environment/types.ts';
import { coresBetween, cpuSecondsOf } from './cpu-time.ts';
import type { Sample, Watcher, Watching } from './types.ts';
import { descendantsOf, Workers } from './workers.ts';

const pageBytes = 4096;

/** What /proc tells of one process, or null when there is none of that id. */
interface Seen {
  readonly rssBytes: number;
  readonly cpuSeconds: number;
  readonly startTicks: string;
  readonly threads: number;
  /** null: not ours to count. */
  readonly fds: number | null;
  readonly fdLimit: number | null;
}

/** A process on this machine, by its id: memory, CPU, threads, open files, and whether it is still the same one. */
export function processWatcher(process: WatchedProcess, { now, emit }: Watching, proc = '/proc'): Watcher {
  let before: { readonly cpuSeconds: number; readonly atMs: number; readonly life: string } | null = null;
  let limitOf = '';
  const workers = new Workers(process.service);
  return {
    name: `process ${process.service}`,
    everyMs: 60_000,
    async sample() {
      const pid = pidOf(process);
      const seen = pid === null ? null : look(proc, pid);
      if (seen === null) return [up(process.service, 0)];
      const life = `${pid}@${seen.startTicks}`;
      const labels = { service: process.service, from: 'process', life };
      const atMs = now();
      const cores = before?.life === life ? coresBetween(before, seen.cpuSeconds, atMs) : null;
      before = { cpuSeconds: seen.cpuSeconds, atMs, life };
      if (limitOf !== life) {
        limitOf = life;
        const limit = (series: string, value: number | null, from: string) => {
          const whose = { service: process.service, from: 'process' };
          if (value !== null) emit({ kind: 'limit', series, labels: whose, atMs, value, from });
        };
        limit('process.fds', seen.fdLimit, 'ulimit -n');
        limit('process.memory', process.memoryBytes, 'watch.processes[].memoryBytes');
        limit('process.cpu', process.cpuCores, 'watch.processes[].cpuCores');
      }
      return [...samplesOf(seen, labels, cores), ...workers.see(descendantsOf(pid!, proc), atMs)];
    },
  };
}

function samplesOf(seen: Seen, labels: Readonly<Record<string, string>>, cores: number | null): Sample[] {
  return [
    up(labels.service!, 1, labels.life!),
    { series: 'process.memory', unit: 'By', labels, value: seen.rssBytes },
    { series: 'process.threads', unit: '1', labels, value: seen.threads },
    ...(seen.fds === null ? [] : [{ series: 'process.fds', unit: '1', labels, value: seen.fds }]),
    ...(cores === null ? [] : [{ series: 'process.cpu', unit: '1', labels, value: cores }]),
  ];
}

const up = (service: string, value: 0 | 1, life?: string): Sample => ({
  series: 'process.up',
  unit: '1',
  labels: { service, from: 'process', ...(life === undefined ? {} : { life }) },
  value,
});

/** null: the file is not there, or holds no id. @throws when it may not be read. */
function pidOf({ pid, pidFile, service }: WatchedProcess): number | null {
  if (pidFile === null) return pid;
  const text = readOr(pidFile, null, (code) => new Error(`the id file of ${service} could not be read (${code})`));
  if (text === null) return null;
  const found = /^\s*(\d+)\s*$/m.exec(text)?.[1] ?? /"pid"\s*:\s*(\d+)/.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

function look(proc: string, pid: number): Seen | null {
  const gone = (code: string) => new Error(`process ${pid} could not be looked at (${code})`);
  const stat = readOr(join(proc, String(pid), 'stat'), null, gone);
  if (stat === null) return null;
  // The name may hold spaces and brackets, so the fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; it only waits for its parent to look.
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return {
    rssBytes: Number(fields[21]) * pageBytes,
    cpuSeconds: cpuSecondsOf(join(proc, String(pid)), fields),
    startTicks: fields[19] ?? '',
    threads: Number(fields[17]),
    fds: openFiles(join(proc, String(pid), 'fd')),
    fdLimit: fileLimit(join(proc, String(pid), 'limits')),
  };
}

function openFiles(folder: string): number | null {
  try {
    return readdirSync(folder).length;
  } catch {
    return null;
  }
}

function fileLimit(path: string): number | null {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync(path, 'utf8'))?.[1];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}

const absent = new Set(['ENOENT', 'ESRCH']);

function readOr<T>(path: string, otherwise: T, trouble: (code: string) => Error): string | T {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (absent.has(code)) return otherwise;
    throw trouble(code);
  }
}
