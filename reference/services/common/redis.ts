import { Redis } from 'ioredis';
import { log } from './log.ts';

/** Fails fast while Redis is away, and finds it again by itself. */
export function redisClient(url: string, purpose: string, options: { readonly commandTimeout?: number } = {}): Redis {
  const redis = new Redis(url, {
    connectionName: purpose,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    connectTimeout: 1000,
    retryStrategy: (attempt) => Math.min(100 * attempt, 1000),
    // Commands of one turn of the event loop travel in one packet.
    enableAutoPipelining: true,
    lazyConnect: true,
    ...options,
  });
  let away = false;
  redis.on('error', (error) => {
    if (!away) log('error', 'redis is away', { purpose, error: error.message });
    away = true;
  });
  redis.on('ready', () => {
    if (away) log('info', 'redis is back', { purpose });
    away = false;
  });
  return redis;
}

export async function connected(redis: Redis): Promise<Redis> {
  await redis.connect();
  return redis;
}
