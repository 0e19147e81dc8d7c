import type { Fault } from './fault.ts';

export default {
  name: 'redis-groups-off',
  plants: 'The realtime servers read the session streams without consumer groups.',
  catches: ['smoke.redis.groups'],
  mayAlso: [],
  plant: async (deployment) => {
    await Promise.all([
      deployment.switch('realtime-1', 'groups-off', true),
      deployment.switch('realtime-2', 'groups-off', true),
    ]);
  },
  lift: async (deployment) => {
    await Promise.all([
      deployment.switch('realtime-1', 'groups-off', null),
      deployment.switch('realtime-2', 'groups-off', null),
    ]);
  },
} satisfies Fault;
