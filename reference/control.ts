import { withClient } from './database/provision.ts';
import type { ReferenceHandle, ReferenceStatus } from './handle.ts';
import { type Options, startPart, stopSteps } from './parts/parts.ts';
import { isAlive, remembered, stop } from './parts/processes.ts';
import { withRedis } from './parts/redis.ts';
import { allParts, type Part, type Plan, readPlan } from './plan.ts';

/** The means by which a fault plants itself into a running deployment. */
export function handle(status: ReferenceStatus): ReferenceHandle {
  const plan = readPlan(status.directory);
  if (!plan) throw new Error(`no reference deployment is running in ${status.directory}`);
  return {
    ...status,
    switch: (service, name, value) => setSwitch(plan, status, service, name, value),
    sql: (text, values) =>
      withClient(
        status.postgres.adminUrl,
        async (client) => (await client.query(text, values && [...values])).rows ?? [],
      ),
    redisCommand: (command, ...args) => withRedis(status.redis.url, (redis) => redis.call(String(command), ...args)),
    stop: (service) => stopOne(plan, partNamed(service)),
    start: (service, options) => startOne(plan, partNamed(service), options),
  };
}

async function setSwitch(
  plan: Plan,
  { control }: ReferenceStatus,
  service: string,
  name: string,
  value: unknown,
): Promise<void> {
  const url = control[service];
  if (!url) throw new Error(`expected one of ${Object.keys(control).join(', ')}, found ${service}`);
  const response = await fetch(`${url}/switches`, {
    method: 'POST',
    headers: { authorization: `Bearer ${plan.controlToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, value }),
    signal: AbortSignal.timeout(5_000),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${service} does not take the switch ${name}: HTTP ${response.status} ${answer}`);
}

function partNamed(service: string): Part {
  const part = allParts.find((name) => name === service);
  if (!part) throw new Error(`expected one of ${allParts.join(', ')}, found ${service}`);
  return part;
}

async function stopOne({ directory }: Plan, part: Part): Promise<void> {
  const identity = remembered(directory)[part];
  if (identity) await stop(identity, stopSteps(part));
}

async function startOne(plan: Plan, part: Part, options: Options = {}): Promise<void> {
  const identity = remembered(plan.directory)[part];
  if (identity && isAlive(identity)) throw new Error(`${part} is running; stop it first`);
  await startPart(plan, part, options);
}
