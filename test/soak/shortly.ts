import type { Environment } from '../../environment/types.ts';
import { runClock } from '../../record/clock.ts';
import type { Entry, SoakPlan } from '../../record/entries.ts';
import { runSoak } from '../../runners/soak/engine.ts';
import type { SoakBody } from '../../runners/soak/types.ts';
import { until } from './processes.ts';
import { planned, soakRun } from './records.ts';

interface Shortly {
  readonly environment: Environment;
  readonly plan: SoakPlan;
  readonly bodies: Readonly<Record<string, SoakBody>>;
  /** It goes on until this is so. */
  readonly enough: (entries: readonly Entry[]) => boolean;
}

/** A soak of seconds within this process; what was recorded, from its run line to its end. */
export async function soakShortly({ environment, plan, bodies, enough }: Shortly): Promise<readonly Entry[]> {
  const checks = Object.keys(bodies);
  const entries: Entry[] = [{ ...soakRun(1), soak: plan }, ...checks.map((check) => planned(check))];
  const stop = new AbortController();
  const soaking = runSoak({
    environment,
    clock: runClock(),
    scope: 'sd-test',
    plan,
    leftMs: plan.plannedMs,
    users: 2,
    socketLimitMs: 3_600_000,
    k6Path: 'k6',
    ready: Promise.resolve(),
    signal: stop.signal,
    bodies: Object.entries(bodies).map(([check, body]) => ({ check, body })),
    emit: (entry) => void entries.push(entry),
  });
  await until(() => enough(entries), 60_000, 'what the test waits for in a soak').finally(() => stop.abort());
  await soaking;
  return [...entries, { kind: 'end' }];
}
