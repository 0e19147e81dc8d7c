import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BroadcastChannel } from 'node:worker_threads';
import { createVitest } from 'vitest/node';
import type { Environment } from '../../environment/types.ts';
import type { RunClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import type { FromWorker, PlannedCheck, ToWorker, WorkerOrder } from './messages.ts';

export interface VitestRun {
  readonly id: string;
  readonly checks: readonly PlannedCheck[];
  readonly environment: Environment;
  readonly clock: RunClock;
  readonly scope: string;
  readonly signal: AbortSignal;
  emit(entry: Entry): void;
  onMessage?(message: FromWorker): void;
}

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Runs the bodies of the planned checks on vitest, in a worker thread of this process, one after the other.
 * Entries arrive while they are made, so that a run that is cut off keeps them. vitest's own opinion is not read: a body
 * that never finished is said to be our fault, whatever vitest thought of it.
 */
export async function runOnVitest(run: VitestRun): Promise<void> {
  if (run.checks.length === 0) return;
  const order: WorkerOrder = {
    channel: `shakedown-${run.id}`,
    origin: run.clock.origin,
    scope: run.scope,
    environment: run.environment,
    checks: run.checks,
  };
  const open = new Set(run.checks.map((check) => check.id));
  const trouble: string[] = [];
  const channel = listen(order.channel, run, open);
  const stop = () => channel.postMessage({ type: 'stop' } satisfies ToWorker);
  run.signal.addEventListener('abort', stop, { once: true });
  const exitCode = process.exitCode;
  try {
    const vitest = await withoutItsExits(() =>
      createVitest(
        { ...options, provide: { order }, onUnhandledError: (error) => void trouble.push(String(error.message)) },
        overrides,
      ),
    );
    await vitest.start();
    await vitest.close();
  } catch (error) {
    trouble.push(error instanceof Error ? error.message : String(error));
  } finally {
    // vitest sets an exit code of its own; ours comes from the verdict alone.
    process.exitCode = exitCode;
    run.signal.removeEventListener('abort', stop);
    channel.close();
  }
  if (!run.signal.aborted) for (const check of open) run.emit(neverFinished(check, run.clock.now(), trouble));
}

/**
 * vitest ends the process at the first signal, from a listener of its own. A run that is interrupted must still be
 * judged and reported, so whatever it listens to is taken out again.
 */
async function withoutItsExits<T>(create: () => Promise<T>): Promise<T> {
  const events = ['SIGINT', 'SIGTERM', 'exit'] as const;
  const before = events.map((event) => process.rawListeners(event));
  const created = await create();
  for (const [index, event] of events.entries()) {
    const added = process.rawListeners(event).filter((listener) => !before[index]!.includes(listener));
    for (const listener of added) process.removeListener(event, listener as () => void);
  }
  return created;
}

const options = {
  root,
  config: false as const,
  include: ['runners/vitest/checks.suite.ts'],
  watch: false,
  pool: 'threads' as const,
  maxWorkers: 1,
  isolate: false,
  fileParallelism: false,
  reporters: [{}],
  passWithNoTests: false,
  cache: false as const,
};

const overrides = {
  logLevel: 'silent' as const,
  cacheDir: undefined,
  server: { watch: null, ws: false as const, host: '127.0.0.1' },
};

function listen(name: string, run: VitestRun, open: Set<string>): BroadcastChannel {
  const channel = new BroadcastChannel(name);
  channel.onmessage = (event: unknown) => {
    const message = (event as { data: FromWorker }).data;
    if (message.type === 'entry') run.emit(message.entry);
    if (message.type === 'finished') open.delete(message.check);
    if (message.type === 'sync') channel.postMessage({ type: 'synced', id: message.id } satisfies ToWorker);
    run.onMessage?.(message);
  };
  return channel;
}

const neverFinished = (check: string, atMs: number, trouble: readonly string[]): Entry => ({
  kind: 'ours',
  what: 'check-crashed',
  check,
  fromMs: atMs,
  toMs: atMs,
  detail: `its body never finished${trouble.length ? `: ${trouble[0]}` : ''}`,
  spoils: true,
});
