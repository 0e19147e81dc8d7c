import type { Fault } from './fault.ts';

export default {
  name: 'redis-ping-denied',
  plants: 'The user the platform signs in with may not send PING.',
  catches: ['smoke.redis.ping'],
  mayAlso: ['smoke.api.*', 'smoke.ws.*', 'smoke.livekit.*'],
  plant: async (deployment) => {
    await deployment.redisCommand('ACL', 'SETUSER', 'default', '-ping');
  },
  lift: async (deployment) => {
    await deployment.redisCommand('ACL', 'SETUSER', 'default', '+@all');
  },
} satisfies Fault;
