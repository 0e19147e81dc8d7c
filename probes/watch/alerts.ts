import { Tail } from './tail.ts';
import type { Watcher, Watching } from './types.ts';

/** What the deployment's own alerting told: one JSON object a line, `{at, rule, …}`; `at` is a time of day, ISO. */
export function alertsWatcher(file: string, { now, emit }: Watching): Watcher {
  const tail = new Tail(file);
  return {
    name: 'alerts',
    everyMs: 30_000,
    async sample() {
      for (const line of readOf(tail).lines) {
        const told = notification(line);
        if (told === null) continue;
        const atMs = told.at === null ? now() : now() - Math.max(0, Date.now() - told.at);
        emit({ kind: 'event', what: 'notified', service: 'alerts', atMs, detail: told.text, rule: told.rule });
      }
      return [{ series: 'alerts.watched', unit: '1', labels: { service: 'alerts' }, value: 1 }];
    },
  };
}

interface Notification {
  readonly at: number | null;
  readonly rule: string;
  readonly text: string;
}

/** null: a line that tells of no threshold, or of one that is over. */
export function notification(line: string): Notification | null {
  try {
    const { at, rule, state, text } = JSON.parse(line) as Record<string, unknown>;
    if (typeof rule !== 'string' || rule === '' || /resolved|closed/i.test(String(state ?? ''))) return null;
    const time = typeof at === 'string' ? Date.parse(at) : Number.NaN;
    return { at: Number.isFinite(time) ? time : null, rule, text: typeof text === 'string' ? text : rule };
  } catch {
    return null;
  }
}

function readOf(tail: Tail) {
  try {
    return tail.read();
  } catch (error) {
    throw new Error(`the alerts could not be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}
