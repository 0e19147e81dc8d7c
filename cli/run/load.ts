import type { Environment } from '../../environment/types.ts';
import type { RunClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import { toolPaths } from '../../setup/tools.mjs';
import type { Check } from '../../suites/check.ts';
import type { LoadTick, UsersContext } from '../../suites/load/users.ts';
import type { Progress } from './progress.ts';

export interface LoadRun {
  readonly checks: readonly Check[];
  readonly environment: Environment;
  readonly clock: RunClock;
  readonly scope: string;
  readonly signal: AbortSignal;
  readonly seconds?: number;
  readonly progress: Progress;
  emit(entry: Entry): void;
}

/** Runs the built checks of the load suite, one after the other: two loads at once would measure each other. */
export async function runLoad(load: LoadRun): Promise<void> {
  for (const check of load.checks) await runOne(check, load);
}

type LoadBody = (context: UsersContext) => Promise<void>;

async function runOne(check: Check, load: LoadRun): Promise<void> {
  const { clock, progress } = load;
  const startedMs = clock.now();
  progress({ type: 'check-started', check: check.id, atMs: startedMs });
  let broke: string | null = null;
  const emit = (entry: Entry) => {
    if (entry.kind === 'measurement' && !entry.ok) broke ??= `${entry.assertion}: ${entry.because}`;
    load.emit(entry);
  };
  try {
    const { default: body } = (await import(`../../suites/load/${check.id.slice('load.'.length)}.ts`)) as {
      default: LoadBody;
    };
    await body({ ...load, emit, k6Path: toolPaths().k6, onTick: ticker(check.id, load) });
  } catch (error) {
    emit(crashed(check.id, startedMs, clock.now(), error));
  }
  const tookMs = clock.now() - startedMs;
  progress({
    type: 'check-finished',
    check: check.id,
    atMs: clock.now(),
    outcome: broke ? 'broke' : 'ok',
    tookMs,
    ...(broke ? { why: broke } : {}),
  });
}

/** Shows one tick a second; the counts of the suite are totals since the load began. */
function ticker(check: string, { clock, progress }: LoadRun): (tick: LoadTick) => void {
  let previousElapsedMs = 0;
  let phase = '';
  return (tick) => {
    if (tick.phase !== phase && tick.phase !== 'running')
      progress({ type: 'message', atMs: clock.now(), text: `${check}: ${tick.phase}` });
    phase = tick.phase;
    if (phase !== 'running') return;
    const sent = tick.good + tick.lost;
    progress({
      type: 'load-tick',
      check,
      atMs: clock.now(),
      elapsedMs: tick.atMs,
      previousElapsedMs,
      plannedMs: tick.ofMs,
      sent,
      lost: tick.lost,
      perSecond: tick.atMs > 0 ? (sent / tick.atMs) * 1000 : 0,
      users: tick.users,
    });
    previousElapsedMs = tick.atMs;
  };
}

const crashed = (check: string, fromMs: number, toMs: number, error: unknown): Entry => ({
  kind: 'ours',
  what: 'check-crashed',
  check,
  fromMs: Math.round(fromMs),
  toMs: Math.round(toMs),
  detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  spoils: true,
});
