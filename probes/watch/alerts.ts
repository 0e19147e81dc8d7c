import { Tail } from './tail.ts';
import type { Watcher, Watching } from './types.ts';

/** So much of what was told before is read for what is still firing. */
const beforeBytes = 1 << 20;

/**
 * What the deployment's own alerting told: one JSON object a line, `{at, rule, state, …}`; `at` is a time of day, ISO. With a
 * `state` (`firing`, `resolved`) an alert lasts from the one to the other; without, it is a moment. What the deployment calls
 * a threshold is said in `watch.alertRules`; `named` are those of which that was said.
 */
export function alertsWatcher(file: string, { environment, now, emit }: Watching): Watcher {
  const given = Object.entries(environment.watch.alertRules);
  const ours = new Map(given.map(([rule, theirs]) => [theirs, rule]));
  const named = given.map(([rule]) => rule).join(' ');
  const tail = new Tail(file);
  let firing: readonly Notification[] | null = stillFiring(tail.before(beforeBytes));
  const tell = ({ at, rule, text, state }: Notification) => {
    const atMs = Math.max(0, at === null ? now() : now() - Math.max(0, Date.now() - at));
    const base = { kind: 'event', service: 'alerts', atMs, detail: text, rule: ours.get(rule) ?? rule } as const;
    if (state === 'over') emit({ ...base, what: 'resolved' });
    else emit({ ...base, what: 'notified', ...(state === 'lasts' ? { lasts: true } : {}) });
  };
  return {
    name: 'alerts',
    everyMs: 30_000,
    async sample() {
      for (const told of firing ?? []) tell(told);
      firing = null;
      const read = await readOf(tail, (lines) => {
        for (const told of lines.map(notification)) if (told !== null) tell(told);
      });
      if (read.lost.length > 0) throw new Error(`not all alerts could be read: ${read.lost.join('; ')}`);
      const labels = { service: 'alerts', ...(named === '' ? {} : { named }) };
      return [{ series: 'alerts.watched', unit: '1', labels, value: 1 }];
    },
    close: async () => tail.close(),
  };
}

interface Notification {
  readonly at: number | null;
  readonly rule: string;
  readonly text: string;
  /** `told`: a moment, of which nobody says how long it lasts. */
  readonly state: 'told' | 'lasts' | 'over';
}

/** null: a line that tells of no threshold. */
export function notification(line: string): Notification | null {
  try {
    const { at, rule, state, text } = JSON.parse(line) as Record<string, unknown>;
    if (typeof rule !== 'string' || rule === '') return null;
    const time = typeof at === 'string' ? Date.parse(at) : Number.NaN;
    const told = typeof text === 'string' ? text : rule;
    return { at: Number.isFinite(time) ? time : null, rule, text: told, state: stateOf(state) };
  } catch {
    return null;
  }
}

function stateOf(state: unknown): Notification['state'] {
  if (typeof state !== 'string' || state === '') return 'told';
  return /\b(resolved|closed)|^(ok|normal|inactive|over)$/i.test(state) ? 'over' : 'lasts';
}

/** An alert that was firing before the soak began tells of what goes on in it. */
function stillFiring(text: string): readonly Notification[] {
  const last = new Map<string, Notification>();
  for (const told of text.split('\n').map(notification)) if (told !== null) last.set(told.rule, told);
  return [...last.values()].filter(({ state }) => state === 'lasts');
}

async function readOf(tail: Tail, take: (lines: readonly string[]) => void) {
  try {
    return await tail.read(take);
  } catch (error) {
    throw new Error(`the alerts could not be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}
