import type { Fault } from './fault.ts';

export default {
  name: 'redis-acknowledge-denied',
  plants: 'What a consumer group has read cannot be acknowledged.',
  catches: ['smoke.redis.streams', 'smoke.redis.groups'],
  mayAlso: ['smoke.ws.*'],
  plant: async (deployment) => {
    await deployment.redisCommand('ACL', 'SETUSER', 'default', '-xack');
  },
  lift: async (deployment) => {
    await deployment.redisCommand('ACL', 'SETUSER', 'default', '+@all');
  },
} satisfies Fault;
