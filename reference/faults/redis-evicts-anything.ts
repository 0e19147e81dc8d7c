import { redisSettingFault } from './redis.ts';

export default redisSettingFault({
  name: 'redis-evicts-anything',
  plants: 'Redis may drop any key when its memory is full.',
  catches: ['smoke.redis.policy'],
  setting: 'maxmemory-policy',
  value: 'allkeys-lru',
});
