import type { Fault } from './fault.ts';

export default {
  name: 'redis-sessions-not-stored',
  plants: 'The API keeps sessions in the database only.',
  catches: ['smoke.redis.sessions'],
  mayAlso: [],
  plant: async (deployment) => {
    await Promise.all([deployment.switch('api', 'session-store-off', true)]);
  },
  lift: async (deployment) => {
    await Promise.all([deployment.switch('api', 'session-store-off', null)]);
  },
} satisfies Fault;
