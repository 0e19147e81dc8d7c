import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Plan } from '../plan.ts';
import { isAlive, launch } from './processes.ts';
import { tools } from './tools.ts';
import { until } from './until.ts';

/** `options` are settings of the server: `{ appendonly: 'no' }`. */
export async function startRedis(plan: Plan, options: Readonly<Record<string, string>> = {}): Promise<void> {
  const base = join(plan.directory, 'redis');
  mkdirSync(base, { recursive: true, mode: 0o700 });
  // In a file, because arguments are everybody's to read.
  writeFileSync(join(base, 'redis.conf'), settings(plan, options), { mode: 0o600 });
  const { redisServer: command } = tools();
  const server = launch({
    directory: plan.directory,
    name: 'redis',
    command,
    args: [join(base, 'redis.conf')],
    cwd: base,
  });
  await until('redis', () => ping(redisUrl(plan)), { giveUp: () => !isAlive(server) });
}

export const redisUrl = ({ passwords, ports }: Plan) => `redis://:${passwords.redis}@127.0.0.1:${ports.redis}/0`;

function settings(plan: Plan, options: Readonly<Record<string, string>>): string {
  const all: Record<string, string> = {
    bind: '127.0.0.1',
    port: String(plan.ports.redis),
    requirepass: plan.passwords.redis,
    dir: join(plan.directory, 'redis'),
    daemonize: 'no',
    save: '3600 1 300 100 60 10000',
    appendonly: 'yes',
    appendfsync: 'everysec',
    maxmemory: '256mb',
    'maxmemory-policy': 'noeviction',
    ...options,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name} ${value === '' ? '""' : value}\n`)
    .join('');
}

async function ping(url: string): Promise<boolean | string> {
  return withRedis(url, async (redis) => (await redis.ping()) === 'PONG');
}

/** One connection, no second try: what fails is told at once. */
export async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}
