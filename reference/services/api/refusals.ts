import type { FastifyReply } from 'fastify';
import type { Allowance } from './limits.ts';

/** Names the allowance on the answer; when it is used up, answers 429 and says so. */
export function limited(reply: FastifyReply, allowance: Allowance): boolean {
  reply.header('x-ratelimit-limit', allowance.limit);
  reply.header('x-ratelimit-remaining', allowance.remaining);
  reply.header('x-ratelimit-reset', allowance.resetAt);
  if (allowance.allowed) return false;
  const { retryAfterSeconds: retryAfter } = allowance;
  reply.header('retry-after', retryAfter);
  void reply.code(429).send({
    statusCode: 429,
    error: 'Too Many Requests',
    message: `Rate limit exceeded, retry in ${retryAfter} seconds`,
    retryAfter,
  });
  return true;
}
