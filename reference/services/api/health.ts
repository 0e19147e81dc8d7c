import type { Redis } from 'ioredis';
import type { Database } from '../common/database.ts';
import type { Deployment } from './deployment.ts';

export type State = 'up' | 'slow' | 'down';
/** A machine that has other things to do as well answers a ping late now and then without anything being wrong. */
const slowMs = 500;
const givenUpMs = 2000;

/** Looks at the database and Redis once a second, so that a question about health waits for neither. */
export class Dependencies {
  readonly #probes: Readonly<Record<'database' | 'redis', () => Promise<unknown>>>;
  readonly state: Record<'database' | 'redis', { status: State; responseTimeMs: number }> = {
    database: { status: 'down', responseTimeMs: 0 },
    redis: { status: 'down', responseTimeMs: 0 },
  };

  constructor(database: Database, redis: Redis) {
    this.#probes = { database: () => database.ping(), redis: () => redis.ping() };
  }

  async watch(): Promise<void> {
    await this.#look();
    setInterval(() => void this.#look(), 1000).unref();
  }

  async #look(): Promise<void> {
    await Promise.all((['database', 'redis'] as const).map((name) => this.#one(name)));
  }

  async #one(name: 'database' | 'redis'): Promise<void> {
    const from = performance.now();
    const answered = await Promise.race([
      this.#probes[name]().then(
        () => true,
        () => false,
      ),
      later(givenUpMs),
    ]);
    const responseTimeMs = Math.round(performance.now() - from);
    this.state[name] = { status: answered ? (responseTimeMs > slowMs ? 'slow' : 'up') : 'down', responseTimeMs };
  }
}

const later = (ms: number): Promise<false> => new Promise((resolve) => setTimeout(resolve, ms, false).unref());

let kept: ReturnType<typeof looked> | null = null;

export function health(
  deployment: Deployment,
  dependencies: Dependencies,
): { readonly status?: string; readonly healthy?: string } {
  if (deployment.switches.on('health-body')) return { healthy: 'yes' };
  const now = looked(deployment, dependencies);
  kept = deployment.switches.on('health-kept') ? (kept ?? now) : null;
  return kept ?? now;
}

function looked({ config, name, switches }: Deployment, { state }: Dependencies) {
  const states = [state.database.status, state.redis.status];
  return {
    status: state.database.status === 'down' ? 'unhealthy' : states.every((one) => one === 'up') ? 'ok' : 'degraded',
    timestamp: new Date().toISOString(),
    version: '1.0.0',
    services: { api: 'running', websocket: 'running' },
    revision: switches.value('revision') ?? config.revision,
    uptime: Math.round(process.uptime() * 1000),
    instance: name,
    dependencies: { database: state.database.status, redis: state.redis.status },
  };
}
