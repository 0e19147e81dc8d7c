import { redisSettingFault } from './redis.ts';

export default redisSettingFault({
  name: 'redis-append-only-off',
  plants: 'Redis keeps no append-only file.',
  catches: ['smoke.redis.persistence'],
  setting: 'appendonly',
  value: 'no',
});
