import type { Fault } from './fault.ts';

export default {
  name: 'redis-streams-denied',
  plants: 'The user the platform signs in with may not use streams.',
  catches: ['smoke.redis.streams', 'smoke.redis.groups'],
  mayAlso: ['smoke.ws.*', 'smoke.api.*'],
  plant: async (deployment) => {
    await deployment.redisCommand('ACL', 'SETUSER', 'default', '-@stream');
  },
  lift: async (deployment) => {
    await deployment.redisCommand('ACL', 'SETUSER', 'default', '+@all');
  },
} satisfies Fault;
