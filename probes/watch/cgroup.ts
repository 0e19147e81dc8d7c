import { readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Sample, Watcher, Watching } from './types.ts';
import { beneathIn, Workers } from './workers.ts';

/** A container by its control group (version 2): what it uses and what it may use. */
export function cgroupWatcher(
  service: string,
  folder: string,
  { now, emit }: Watching,
  cpuCores: number | null = null,
): Watcher {
  let before: { readonly usec: number; readonly atMs: number } | null = null;
  let killed = 0;
  const told = new Set<string>();
  const workers = new Workers(service);
  const limit = (series: string, value: number, from: string) => {
    if (!Number.isFinite(value) || told.has(`${series}${value}`)) return;
    told.add(`${series}${value}`);
    emit({ kind: 'limit', series, labels: { service, from: 'container' }, atMs: now(), value, from });
  };
  return {
    name: `container ${service}`,
    everyMs: 60_000,
    async sample() {
      const born = bornOf(folder);
      if (born === null) return [{ series: 'process.up', unit: '1', labels: { service, from: 'container' }, value: 0 }];
      // A supervisor goes on when the kernel takes its worker's memory; for those who are served that is a restart.
      killed = field(folder, 'memory.events', 'oom_kill') || killed;
      const labels = { service, from: 'container', life: killed === 0 ? born : `${born} ${killed}` };
      const atMs = now();
      const usec = field(folder, 'cpu.stat', 'usage_usec');
      const cores = before && atMs > before.atMs ? (usec - before.usec) / (atMs - before.atMs) / 1000 : Number.NaN;
      before = { usec, atMs };
      limit('process.memory', number(folder, 'memory.max'), 'container limit');
      limit('process.cpu', quota(folder), 'container limit');
      if (cpuCores !== null && Number.isNaN(quota(folder)))
        limit('process.cpu', cpuCores, 'watch.processes[].cpuCores');
      // File pages that the kernel would give back are no use of the service; `inactive_file` is what it counts as such.
      const used = number(folder, 'memory.current') - (field(folder, 'memory.stat', 'inactive_file') || 0);
      const samples: Sample[] = [
        { series: 'process.up', unit: '1', labels, value: 1 },
        { series: 'process.memory', unit: 'By', labels, value: used },
        { series: 'process.threads', unit: '1', labels, value: number(folder, 'pids.current') },
        { series: 'process.cpu', unit: '1', labels, value: cores },
      ];
      // What all of them need together is the container's own memory.
      const beneath = workers.see(beneathIn(folder), atMs).filter(({ series }) => series === 'process.up');
      return [...samples.filter(({ value }) => Number.isFinite(value)), ...beneath];
    },
  };
}

function bornOf(folder: string): string | null {
  try {
    return groupOf(statSync(folder));
  } catch {
    return null;
  }
}

/**
 * A container that is started again gets a new control group, and its number is never given twice. Of its times the kernel
 * keeps none: it makes them up whenever it has to read the folder anew, as when memory ran short.
 */
export const groupOf = ({ ino, birthtimeMs }: Pick<Stats, 'ino' | 'birthtimeMs'>): string =>
  birthtimeMs > 0 ? `${ino}@${Math.round(birthtimeMs)}` : String(ino);

function text(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return '';
  }
}

/** NaN: not there, or `max`. */
const number = (folder: string, name: string): number => Number(text(folder, name).trim() || Number.NaN);

const field = (folder: string, file: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text(folder, file))?.[1] ?? Number.NaN);

/** `cpu.max` is "quota period", or "max period". */
function quota(folder: string): number {
  const [most, period] = text(folder, 'cpu.max').trim().split(' ').map(Number);
  return most! / period!;
}
