import { Tail } from './tail.ts';
import type { Watcher, Watching } from './types.ts';

/** Words no healthy service writes, as they stand in plain logs. */
const words =
  /\b(FATAL|PANIC|CRITICAL|EMERGENCY|SEGFAULT)\b|\bpanic:|segmentation fault|uncaught ?exception|unhandled ?(promise ?)?rejection|out of memory|heap out of memory|core dumped|OOM[- ]?kill/i;
/** Levels of JSON logs: by name, and pino's and bunyan's 60. */
const levels = new Set(['fatal', 'critical', 'emergency', 'alert', 'panic', 'crit', 'emerg']);
const fatalLevel = 60;
const mostKinds = 20;

/** Why a line is critical, shortened to what a person reads; null when it is not. */
export function criticalLine(line: string): string | null {
  const json = line.startsWith('{') ? parsed(line) : null;
  if (json === null) return words.test(line) ? short(line) : null;
  const level = json.level ?? json.severity ?? json.lvl;
  const critical = typeof level === 'number' ? level >= fatalLevel : levels.has(String(level).toLowerCase());
  const message = String(json.msg ?? json.message ?? json.err ?? line);
  // A log of JSON says by its level how grave it is; its text may quote anything, but a crash is one at any level.
  const crashed =
    typeof level === 'undefined'
      ? words.test(message)
      : /heap out of memory|uncaught ?exception|unhandled ?(promise ?)?rejection/i.test(message);
  return critical || crashed ? short(message) : null;
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

const short = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text).trim();

/** Numbers and ids differ from line to line: lines that differ in them alone are of one kind. */
const kindOf = (text: string): string => text.replaceAll(/[0-9a-f]{6,}|\d+/gi, '#');

/** A log file: how many lines were written, and which of them are critical. */
export function logWatcher(service: string, file: string, { now, emit }: Watching): Watcher {
  const tail = new Tail(file);
  let lines = 0;
  return {
    name: `log ${service}`,
    everyMs: 60_000,
    async sample() {
      const read = readOf(tail, service);
      const kinds = new Map<string, { readonly first: string; count: number }>();
      for (const line of read.lines) {
        const critical = criticalLine(line);
        if (critical === null) continue;
        const kind = kindOf(critical);
        const known = kinds.get(kind);
        if (known) known.count += 1;
        else if (kinds.size < mostKinds) kinds.set(kind, { first: critical, count: 1 });
      }
      const atMs = now();
      for (const { first, count } of kinds.values())
        emit({ kind: 'event', what: 'critical', service, atMs, detail: first, count });
      if (read.skipped > 0) {
        emit({
          kind: 'note',
          check: 'soak.critical',
          what: `log of ${service}`,
          detail: `${read.skipped} bytes at once were too many to read`,
        });
      }
      lines += read.lines.length;
      return [
        { series: 'log.lines', unit: '1', labels: { service }, value: lines },
        { series: 'log.bytes', unit: 'By', labels: { service }, value: read.bytes },
      ];
    },
  };
}

function readOf(tail: Tail, service: string) {
  try {
    return tail.read();
  } catch (error) {
    throw new Error(`the log of ${service} could not be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}
