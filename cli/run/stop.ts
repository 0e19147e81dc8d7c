import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const killFile = 'STOP';

export interface Stop {
  readonly signal: AbortSignal;
  /** Why the run was stopped, for the record; null while it was not. */
  reason(): string | null;
  stop(why: string): void;
  release(): void;
}

/**
 * Everything that may end a run early: Ctrl-C or a signal, a file named STOP in its directory, a time limit. The first
 * ends it cleanly with a judged partial record; a second signal ends the process at once.
 */
export function watchForStop(directory: string, withinMs: number | null): Stop {
  const controller = new AbortController();
  let why: string | null = null;
  const stop = (reason: string) => {
    if (why !== null) return;
    why = reason;
    controller.abort(new Error(reason));
  };
  const onSignal = (name: NodeJS.Signals) =>
    why === null ? stop(`${name} was received`) : process.exit(name === 'SIGINT' ? 130 : 143);
  for (const name of signals) process.on(name, onSignal);
  const file = setInterval(() => {
    if (existsSync(join(directory, killFile))) stop(`the file ${killFile} was put into the run's directory`);
  }, 250);
  const limit =
    withinMs === null
      ? null
      : setTimeout(() => stop(`the time given with --within (${withinMs / 1000} s) is up`), withinMs);
  return {
    signal: controller.signal,
    reason: () => why,
    stop,
    release() {
      clearInterval(file);
      if (limit) clearTimeout(limit);
      for (const name of signals) process.off(name, onSignal);
    },
  };
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
