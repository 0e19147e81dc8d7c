import { openRedis, type Redis } from '../../probes/redis.ts';
import { entriesOf, pendingOf } from '../../probes/streams.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { withRedis } from './connections.ts';

const body: Body = (context) =>
  withRedis(context, ['roundtrip'], async (redis) => {
    const key = `shakedown:${context.scope}:stream`;
    context.cleanup(() => remove(context, key));
    await redis.ask('XGROUP', 'CREATE', key, 'readers', '0', 'MKSTREAM');
    // Even when nobody comes back to delete it, it goes.
    await redis.ask('EXPIRE', key, 60);
    const wrong = await roundTrip(redis, key);
    if (wrong) context.breaks('roundtrip', wrong);
    else
      context.holds('roundtrip', {
        expected: 'written, read in order once, acknowledged',
        observed: `${texts.length} entries`,
      });
  });

export default body;

const texts = ['first', 'second', 'third'];

/** The first thing that is not as it should be, or null. */
async function roundTrip(redis: Redis, key: string): Promise<string | null> {
  const written: string[] = [];
  for (const text of texts) written.push(String(await redis.ask('XADD', key, '*', 'text', text)));
  const read = entriesOf(await redis.ask('XREADGROUP', 'GROUP', 'readers', 'one', 'COUNT', 10, 'STREAMS', key, '>'));
  if (read.map(({ id }) => id).join() !== written.join())
    return `of ${written.length} entries written the group read ${read.length}`;
  if (read.some(({ fields }, at) => fields.get('text') !== texts[at])) return 'an entry came back with other content';
  const again = entriesOf(await redis.ask('XREADGROUP', 'GROUP', 'readers', 'two', 'COUNT', 10, 'STREAMS', key, '>'));
  if (again.length > 0) return 'a second reader of the group was given the same entries again';
  const before = pendingOf(await redis.ask('XPENDING', key, 'readers'));
  if (before !== written.length) return `${before} entries await acknowledgement instead of ${written.length}`;
  const acknowledged = Number(await redis.ask('XACK', key, 'readers', ...written));
  const after = pendingOf(await redis.ask('XPENDING', key, 'readers'));
  return acknowledged === written.length && after === 0
    ? null
    : `${after} entries await acknowledgement after all were acknowledged`;
}

async function remove(context: BodyContext, key: string): Promise<void> {
  const url = context.environment.redis?.url;
  if (!url) return;
  const redis = await openRedis(url, { environment: context.environment });
  try {
    await redis.ask('DEL', key);
  } finally {
    redis.close();
  }
}
