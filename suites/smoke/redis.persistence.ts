import { type Redis, RedisFailure } from '../../probes/redis.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { withRedis } from './connections.ts';

const body: Body = (context) =>
  withRedis(context, ['aof', 'rdb'], async (redis) => {
    const persistence = await allowed(() => redis.info('persistence'));
    if (persistence === null) return context.unmet('redis.url of a user that may ask INFO');
    judgeAof(context, persistence);
    await judgeRdb(context, redis, persistence);
  });

export default body;

type Info = ReadonlyMap<string, string>;

/** null: Redis does not let this user ask. */
async function allowed<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof RedisFailure && error.denied) return null;
    throw error;
  }
}

function judgeAof(context: BodyContext, info: Info): void {
  const enabled = info.get('aof_enabled') === '1';
  const write = info.get('aof_last_write_status') ?? 'unknown';
  const rewrite = info.get('aof_last_bgrewrite_status') ?? 'unknown';
  const seen = {
    expected: 'on, last write ok',
    observed: `${enabled ? 'on' : 'off'}, last write ${write}, last rewrite ${rewrite}`,
  };
  if (!enabled)
    context.breaks(
      'aof',
      'the append-only file is off: what was written since the last snapshot is lost in a crash',
      seen,
    );
  else if (write !== 'ok') context.breaks('aof', `the last write to the append-only file ended with: ${write}`, seen);
  else if (rewrite !== 'ok')
    context.breaks('aof', `the last rewrite of the append-only file ended with: ${rewrite}`, seen);
  else context.holds('aof', seen);
}

async function judgeRdb(context: BodyContext, redis: Redis, info: Info): Promise<void> {
  const status = info.get('rdb_last_bgsave_status') ?? 'unknown';
  const schedule = await scheduleOf(redis, info);
  if (schedule === null) return context.unmet('redis.url of a user that may ask CONFIG GET save', 'rdb');
  const seen = {
    expected: 'a schedule, last snapshot ok',
    observed: `${schedule || 'no schedule'}, last snapshot ${status}`,
  };
  if (schedule === '') context.breaks('rdb', 'no snapshots are scheduled', seen);
  else if (status !== 'ok') context.breaks('rdb', `the last snapshot ended with: ${status}`, seen);
  else context.holds('rdb', seen);
}

/** '' for none. A managed Redis that hides its configuration shows by its own snapshots that it has a schedule. */
async function scheduleOf(redis: Redis, info: Info): Promise<string | null> {
  const answer = await allowed(() => redis.ask('CONFIG', 'GET', 'save'));
  if (Array.isArray(answer) && answer.length >= 2) return String(answer[1]).trim();
  const server = await allowed(() => redis.info('server'));
  const startedAt = Date.now() / 1_000 - Number(server?.get('uptime_in_seconds') ?? Number.NaN);
  const saved = Number(info.get('rdb_saves') ?? 0) > 0 || Number(info.get('rdb_last_save_time')) > startedAt + 5;
  return saved ? 'snapshots since it started' : null;
}
