import type { Fault } from './fault.ts';
import { putRelayBefore, takeRelayAway } from './relay.ts';

export default {
  name: 'redis-version-old',
  plants: 'Redis says that it is an older major version.',
  catches: ['smoke.redis.version'],
  mayAlso: [],
  async plant(deployment) {
    const version = /redis_version:(\d+)(\S*)/.exec(String(await deployment.redisCommand('INFO', 'server')));
    if (!version) throw new Error('Redis does not say which version it is');
    const [from, major, rest] = [version[0], Number(version[1]), version[2]];
    const port = Number(new URL(deployment.redis.url).port);
    await putRelayBefore(deployment, { service: 'redis', port, from, to: `redis_version:${major - 1}${rest}` });
  },
  lift: (deployment) => takeRelayAway(deployment, { service: 'redis' }),
} satisfies Fault;
