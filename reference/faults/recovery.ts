import type { ReferenceHandle } from '../handle.ts';
import { until } from '../parts/until.ts';

/**
 * Waits until the services have noticed that PostgreSQL and Redis are there again: they look once a second and reconnect a
 * moment later, and what is seen until then is the restart and not the fault.
 */
export async function recovered({ api, realtime, pids }: ReferenceHandle): Promise<void> {
  const addresses = [
    ...(pids.api ? [api] : []),
    ...realtime.filter((_, at) => pids[`realtime-${at + 1}`]).map((url) => url.replace(/^ws/, 'http')),
  ];
  for (const address of addresses) await until(`health of ${address}`, () => isHealthy(new URL('/health', address)));
}

async function isHealthy(address: URL): Promise<boolean | string> {
  const response = await fetch(address, { signal: AbortSignal.timeout(2_000) });
  const body = (await response.json()) as { status?: unknown };
  return (response.ok && body.status === 'ok') || `HTTP ${response.status}, status ${body.status}`;
}
