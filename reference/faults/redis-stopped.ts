import type { Fault } from './fault.ts';
import { recovered } from './recovery.ts';

export default {
  name: 'redis-stopped',
  plants: 'Redis is not running.',
  catches: [
    'smoke.redis.version',
    'smoke.redis.ping',
    'smoke.redis.streams',
    'smoke.redis.groups',
    'smoke.redis.sessions',
    'smoke.redis.persistence',
    'smoke.redis.policy',
  ],
  mayAlso: ['smoke.*'],
  plant: async (deployment) => {
    await deployment.stop('redis');
  },
  lift: async (deployment) => {
    await deployment.start('redis');
    await recovered(deployment);
  },
} satisfies Fault;
