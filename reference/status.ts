import { appUrl, databaseUrl, pooledUrl } from './database/provision.ts';
import type { ReferenceStatus } from './handle.ts';
import { environmentFile } from './parts/environment-file.ts';
import { isAlive, logFile, remembered } from './parts/processes.ts';
import { redisUrl } from './parts/redis.ts';
import { controlUrl, livekitUrl, origin } from './parts/services.ts';
import { nodeServices, type Plan } from './plan.ts';

export const adminUrl = ({ passwords, ports }: Plan) => databaseUrl('postgres', passwords.superuser, ports.postgres!);

/** Addresses and credentials from the plan, processes as they are now. */
export function describeStatus(plan: Plan): ReferenceStatus {
  const { directory, ports, passwords, parts } = plan;
  const alive = Object.entries(remembered(directory)).filter(([, identity]) => isAlive(identity));
  const pids = Object.fromEntries(alive.map(([name, { pid }]) => [name, pid]));
  return {
    environmentFile: environmentFile(directory),
    directory,
    api: `http://localhost:${ports.api}`,
    realtime: [`ws://localhost:${ports['realtime-1']}/ws`, `ws://localhost:${ports['realtime-2']}/ws`],
    livekit: { url: livekitUrl(plan), ...plan.livekit },
    postgres: {
      adminUrl: adminUrl(plan),
      appUrl: appUrl(plan),
      serviceUrl: databaseUrl('platform_service', passwords.service, ports.postgres!),
      poolerUrl: parts.includes('pgbouncer') ? pooledUrl(plan) : null,
    },
    redis: { url: redisUrl(plan) },
    web: {
      landing: `${origin(plan, 'landing')}/`,
      dashboard: `${origin(plan, 'dashboard')}/`,
      meeting: `${origin(plan, 'meeting')}/`,
      widget: `${origin(plan, 'widget')}/widget/v1/widget.js`,
    },
    logs: Object.fromEntries(parts.map((part) => [part, logFile(directory, part)])),
    pids,
    control: Object.fromEntries(
      nodeServices.filter((name) => parts.includes(name)).map((name) => [name, controlUrl(plan, name)]),
    ),
    down: parts.filter((part) => pids[part] === undefined),
  };
}
