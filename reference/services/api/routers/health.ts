import type { Deployment } from '../deployment.ts';
import { publicProcedure, router } from '../trpc.ts';

export const health = router({
  check: publicProcedure.query(async ({ ctx }) => {
    const [database, redis] = await Promise.all([database_(ctx.deployment), redis_(ctx.deployment)]);
    return {
      status:
        database.status === 'down'
          ? 'unhealthy'
          : database.responseTime > 100 || redis.status === 'down'
            ? 'degraded'
            : 'healthy',
      timestamp: new Date().toISOString(),
      uptime: Math.round(process.uptime() * 1000),
      version: '1.0.0',
      checks: { database: { ...database, details: { rlsConfigured: true } }, redis },
    };
  }),
  liveness: publicProcedure.query(() => ({ alive: true, timestamp: new Date().toISOString() })),
  readiness: publicProcedure.query(async ({ ctx }) => {
    const database = await database_(ctx.deployment);
    return {
      ready: database.status === 'up',
      timestamp: new Date().toISOString(),
      checks: { database: database.status === 'up' },
    };
  }),
});

const database_ = ({ database }: Deployment) => timed(() => database.ping());
const redis_ = ({ redis }: Deployment) => timed(() => redis.ping());

async function timed(
  ping: () => Promise<unknown>,
): Promise<{ status: 'up' | 'down'; responseTime: number; message: string }> {
  const from = performance.now();
  const up = await ping().then(
    () => true,
    () => false,
  );
  return {
    status: up ? 'up' : 'down',
    responseTime: Math.round(performance.now() - from),
    message: up ? 'answers' : 'does not answer',
  };
}
