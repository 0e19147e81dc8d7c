import type { Fault } from './fault.ts';

export default {
  name: 'redis-sessions-outlive-sign-out',
  plants: 'A session stays in Redis after signing out, because nothing may be deleted there.',
  catches: ['smoke.redis.sessions'],
  mayAlso: [],
  plant: async (deployment) => {
    await deployment.redisCommand('ACL', 'SETUSER', 'default', '-del');
  },
  lift: async (deployment) => {
    await deployment.redisCommand('ACL', 'SETUSER', 'default', '+@all');
  },
} satisfies Fault;
