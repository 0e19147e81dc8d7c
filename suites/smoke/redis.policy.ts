import { type Redis, RedisFailure } from '../../probes/redis.ts';
import type { Body } from '../../runners/body.ts';
import { withRedis } from './connections.ts';

/** Streams and rate-limit windows have no expiry to be chosen by, so a policy over all keys may drop any of them. */
const body: Body = (context) =>
  withRedis(context, ['policy'], async (redis) => {
    const { policy, limit } = await policyOf(redis);
    if (policy === null) return context.unmet('redis.url of a user that may ask INFO or CONFIG GET');
    context.note('maxmemory', limit ?? 'not told');
    const seen = { expected: 'noeviction or volatile-…', observed: policy };
    if (/^(noeviction|volatile-[a-z]+)$/.test(policy)) context.holds('policy', seen);
    else context.breaks('policy', `with ${policy} Redis drops streams and sessions when its memory is full`, seen);
  });

export default body;

async function policyOf(redis: Redis): Promise<{ readonly policy: string | null; readonly limit: string | null }> {
  try {
    const memory = await redis.info('memory');
    const limit = memory.get('maxmemory');
    const policy = memory.get('maxmemory_policy');
    if (policy) return { policy, limit: limit === '0' ? 'no limit' : `${limit} bytes` };
  } catch (error) {
    if (!(error instanceof RedisFailure && error.denied)) throw error;
  }
  return { policy: await configured(redis), limit: null };
}

async function configured(redis: Redis): Promise<string | null> {
  try {
    const answer = await redis.ask('CONFIG', 'GET', 'maxmemory-policy');
    return Array.isArray(answer) && answer.length >= 2 ? String(answer[1]) : null;
  } catch (error) {
    if (error instanceof RedisFailure && error.denied) return null;
    throw error;
  }
}
