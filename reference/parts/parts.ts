import { withClient } from '../database/provision.ts';
import { seed } from '../database/seed.ts';
import type { NodeService, Part, Plan } from '../plan.ts';
import { buildApps } from '../services/web/apps.ts';
import { adminUrl } from '../status.ts';
import { livekitStop, startLivekit } from './livekit.ts';
import { startPgbouncer } from './pgbouncer.ts';
import { bootPostgres, postgresStop, startPostgres } from './postgres.ts';
import type { StopStep } from './processes.ts';
import { startRedis } from './redis.ts';
import { serviceStop, startService } from './services.ts';

export type Options = Readonly<Record<string, string>>;

/** Brings the parts up, each as soon as those it needs are there. */
export async function bootAll(plan: Plan, log: (line: string) => void): Promise<void> {
  const booting = new Map<Part, Promise<void>>();
  const boot = (part: Part): Promise<void> => {
    if (!plan.parts.includes(part)) return Promise.resolve();
    const known = booting.get(part);
    if (known) return known;
    const begun = bootAfter(part, plan, needs[part].map(boot), log);
    booting.set(part, begun);
    return begun;
  };
  const results = await Promise.allSettled(plan.parts.map(boot));
  const failed = results
    .filter((result) => result.status === 'rejected')
    .map(({ reason }) => String(reason?.message ?? reason));
  if (failed.length > 0) throw new Error([...new Set(failed)].join('; '));
}

const needs: Readonly<Record<Part, readonly Part[]>> = {
  postgres: [],
  pgbouncer: ['postgres'],
  redis: [],
  livekit: ['redis'],
  models: [],
  stubs: [],
  web: [],
  agent: [],
  api: ['postgres', 'pgbouncer', 'redis'],
  'realtime-1': ['postgres', 'redis'],
  'realtime-2': ['postgres', 'redis'],
};

async function bootAfter(
  part: Part,
  plan: Plan,
  needed: readonly Promise<void>[],
  log: (line: string) => void,
): Promise<void> {
  await Promise.all(needed);
  const began = Date.now();
  if (part === 'postgres') {
    await bootPostgres(plan);
    await withClient(adminUrl(plan), (client) => seed(client, plan.seedPasswords));
  } else {
    if (part === 'web') await buildApps(log);
    await startPart(plan, part);
  }
  log(`reference: ${part} is healthy after ${Date.now() - began} ms`);
}

export async function startPart(plan: Plan, part: Part, options: Options = {}): Promise<void> {
  if (part === 'postgres') await startPostgres(plan, options);
  else if (part === 'pgbouncer') await startPgbouncer(plan, options);
  else if (part === 'redis') await startRedis(plan, options);
  else if (part === 'livekit') await startLivekit(plan, options);
  else await startService(plan, part satisfies NodeService, options);
}

const redisStop: readonly StopStep[] = [{ signal: 'SIGTERM', waitMs: 1_500 }];

export function stopSteps(part: string): readonly StopStep[] {
  if (part === 'postgres') return postgresStop;
  if (part === 'redis') return redisStop;
  return part === 'livekit' ? livekitStop : serviceStop;
}
