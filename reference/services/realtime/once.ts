import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** What is known of a message that was said. */
export interface Said {
  readonly messageId: string;
  readonly sequence?: number;
}

const rememberedSeconds = 600;

/** Says it if nobody has under this key, on any instance; otherwise gives what came of it then. */
export async function once(redis: Redis, key: string, say: () => Promise<Said>): Promise<Said> {
  if ((await redis.set(key, '', 'EX', rememberedSeconds, 'NX')) === null) return before(redis, key);
  try {
    const said = await say();
    await redis.set(key, JSON.stringify(said), 'EX', rememberedSeconds);
    return said;
  } catch (error) {
    await redis.del(key);
    throw error;
  }
}

/** It may still be on its way into the room. */
async function before(redis: Redis, key: string): Promise<Said> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const said = await redis.get(key);
    if (said) return JSON.parse(said) as Said;
    await sleep(50);
  }
  throw new Error('the same message is still being stored');
}
