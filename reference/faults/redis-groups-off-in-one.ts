import type { Fault } from './fault.ts';

export default {
  name: 'redis-groups-off-in-one',
  plants: 'One of the realtime servers reads the session streams without a consumer group.',
  catches: ['smoke.redis.groups'],
  mayAlso: [],
  plant: async (deployment) => {
    await Promise.all([deployment.switch('realtime-2', 'groups-off', true)]);
  },
  lift: async (deployment) => {
    await Promise.all([deployment.switch('realtime-2', 'groups-off', null)]);
  },
} satisfies Fault;
