import { criticalLine } from './critical.ts';
import { Tail } from './tail.ts';
import type { Watcher, Watching } from './types.ts';

const mostKinds = 20;

/** Numbers and ids differ from line to line: lines that differ in them alone are of one kind. */
const kindOf = (text: string): string => text.replaceAll(/[0-9a-f]{6,}|\d+/gi, '#');

/** A log file: how many lines were written since this was made, which of them are critical, and whether any could not be read. */
export function logWatcher(service: string, file: string, watching: Watching, mostBytes?: number): Watcher {
  const { now, emit, environment } = watching;
  const others = environment.logs.map((log) => log.file).filter((other) => other !== file);
  const tail = new Tail(file, mostBytes, others);
  let lines = 0;
  let lost = 0;
  return {
    name: `log ${service}`,
    everyMs: 60_000,
    async sample() {
      const kinds = new Kinds();
      const told = () => {
        for (const { first, count } of kinds.all())
          emit({ kind: 'event', what: 'critical', service, atMs: now(), detail: first, count });
      };
      const read = await readAll(tail, service, kinds, (count) => {
        lines += count;
      }).finally(told);
      for (const detail of read.lost) emit({ kind: 'note', check: 'soak.critical', what: `log of ${service}`, detail });
      lost += read.lost.length;
      return [
        { series: 'log.lines', unit: '1', labels: { service }, value: lines },
        { series: 'log.bytes', unit: 'By', labels: { service }, value: read.bytes },
        ...(lost > 0 ? [{ series: 'log.lost', unit: '1', labels: { service }, value: lost }] : []),
      ];
    },
    close: async () => tail.close(),
  };
}

/** What was found, each kind once with how often. */
class Kinds {
  readonly #found = new Map<string, { readonly first: string; count: number }>();

  take(critical: string): void {
    const kind = kindOf(critical);
    const known = this.#found.get(kind);
    if (known) known.count += 1;
    else if (this.#found.size < mostKinds) this.#found.set(kind, { first: critical, count: 1 });
  }

  all() {
    return this.#found.values();
  }
}

async function readAll(tail: Tail, service: string, kinds: Kinds, counted: (lines: number) => void) {
  try {
    return await tail.read((lines) => {
      counted(lines.length);
      for (const line of lines) {
        const critical = criticalLine(line);
        if (critical !== null) kinds.take(critical);
      }
    });
  } catch (error) {
    throw new Error(`the log of ${service} could not be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}
