import { redisSettingFault } from './redis.ts';

export default redisSettingFault({
  name: 'redis-snapshots-off',
  plants: 'Redis has no schedule of snapshots.',
  catches: ['smoke.redis.persistence'],
  setting: 'save',
  value: '',
});
