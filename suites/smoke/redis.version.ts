import { isAtLeast } from '../../probes/versions.ts';
import type { Body } from '../../runners/body.ts';
import { withRedis } from './connections.ts';

const body: Body = (context) =>
  withRedis(context, ['version'], async (redis) => {
    const floor = context.environment.expect.redis;
    const server = await redis.info('server');
    const version = server.get('redis_version') ?? '';
    const other = server.get('valkey_version');
    if (other) context.note('server', `Valkey ${other}, which calls itself Redis ${version}`);
    const seen = { expected: `Redis ${floor} or newer`, observed: version || 'no version' };
    const recent = isAtLeast(version, floor);
    if (recent) context.holds('version', seen);
    // The number it takes from Redis is that of the release it left it at, and says nothing of its own age.
    else if (other && recent === false)
      context.unmet(`a floor in expect.redis for Valkey, which is ${other} here and says Redis ${version}`);
    else if (recent === false) context.breaks('version', `Redis ${version} is older than ${floor}`, seen);
    else context.breaks('version', 'the server does not say which version it is', seen);
  });

export default body;
