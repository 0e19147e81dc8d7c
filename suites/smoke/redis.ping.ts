import type { Body } from '../../runners/body.ts';
import { told, withRedis } from './connections.ts';

const pings = 20;

const body: Body = (context) =>
  withRedis(context, ['pong'], async (redis) => {
    for (let count = 0; count < pings; count += 1) {
      await told(context, ['pong'], async () => {
        const answer = String(await redis.ask('PING'));
        if (answer === 'PONG') context.holds('pong', { observed: answer });
        else context.breaks('pong', 'PING was not answered with PONG', { observed: answer.slice(0, 80) });
      });
    }
  });

export default body;
