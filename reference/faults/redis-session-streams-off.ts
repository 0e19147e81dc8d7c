import type { Fault } from './fault.ts';

export default {
  name: 'redis-session-streams-off',
  plants: 'Messages of a session travel by publish and subscribe alone.',
  catches: ['smoke.redis.groups'],
  mayAlso: [],
  plant: async (deployment) => {
    await Promise.all([
      deployment.switch('realtime-1', 'streams-off', true),
      deployment.switch('realtime-2', 'streams-off', true),
    ]);
  },
  lift: async (deployment) => {
    await Promise.all([
      deployment.switch('realtime-1', 'streams-off', null),
      deployment.switch('realtime-2', 'streams-off', null),
    ]);
  },
} satisfies Fault;
