import { parseEnvironment } from '../../environment/load.ts';
import type { Environment } from '../../environment/types.ts';

export interface Addresses {
  readonly appUrl?: string;
  readonly serviceUrl?: string;
  readonly redisUrl?: string;
  readonly timeoutMs?: number;
}

/** A deployment of which no more is known than its database and its Redis. */
export function environmentWith({ appUrl, serviceUrl, redisUrl, timeoutMs = 2_000 }: Addresses): Environment {
  const text = JSON.stringify({
    name: 'test',
    kind: 'disposable',
    timeoutMs,
    ...(appUrl && { database: { appUrl, ...(serviceUrl && { serviceUrl }) } }),
    redis: { url: redisUrl ?? 'redis://127.0.0.1:1' },
  });
  const { environment, problems } = parseEnvironment(text, 'test.yaml', {});
  if (!environment) throw new Error(JSON.stringify(problems));
  return { ...environment, timeoutMs, redis: redisUrl ? environment.redis : null };
}
