import { randomUUID } from 'node:crypto';
import { useAccount } from '../../platform/accounts.ts';
import { isRecord } from '../../platform/json.ts';
import { chat, enter, messageOf } from '../../platform/realtime.ts';
import { type Trpc, whyNoData } from '../../platform/trpc.ts';
import { openHttp } from '../../probes/http.ts';
import type { Redis } from '../../probes/redis.ts';
import type { Socket } from '../../probes/socket.ts';
import { groupsOf, type StreamGroup, streamOf } from '../../probes/streams.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { withRedis } from './connections.ts';

const body: Body = (context) =>
  withRedis(context, ['groups', 'delivered'], async (redis) => {
    const http = openHttp(context);
    try {
      const { realtime } = context.environment;
      const use = realtime === null ? null : await useAccount(context, http);
      if (use === null || use.kind === 'unmet') return await judgeExisting(context, redis, use?.needs ?? 'realtime');
      if (use.kind === 'failed') return breakAll(context, `no session stream could be made: ${use.because}`);
      await talk(context, redis, use.account.client, use.account.session.token);
    } finally {
      await http.close();
    }
  });

export default body;

function breakAll(context: BodyContext, because: string): void {
  for (const assertion of ['groups', 'delivered']) context.breaks(assertion, because);
}

/** One chat session with a socket at every realtime address, one message in it, and then a look at the stream it went through. */
async function talk(context: BodyContext, redis: Redis, client: Trpc, token: string): Promise<void> {
  const created = await client.mutation('sessions.create', { mode: 'text' });
  const sessionId =
    created.ok && created.outcome.kind === 'data' && isRecord(created.outcome.data) ? created.outcome.data.id : null;
  if (typeof sessionId !== 'string')
    return breakAll(context, `sessions.create: ${whyNoData(created) ?? 'no id in the answer'}`);
  const sockets: Socket[] = [];
  const servers = new Set<string>();
  try {
    for (const url of context.environment.realtime?.urls ?? []) {
      const entrance = await enter(context, { url, sessionId, token });
      if (!entrance.ok) return breakAll(context, `a socket in the session: ${entrance.because}`);
      sockets.push(entrance.socket);
      servers.add(entrance.serverId ?? url);
    }
    const lost = await sayAndHear(context, sockets);
    if (lost) return breakAll(context, lost);
    await judgeStream(context, redis, sessionId, servers.size);
  } finally {
    for (const socket of sockets) socket.close();
  }
}

async function sayAndHear(context: BodyContext, sockets: readonly Socket[]): Promise<string | null> {
  const content = `${context.scope} ${randomUUID()}`;
  sockets[0]?.send(chat(content));
  for (const socket of sockets) {
    const heard = await socket.hear((frame) => {
      const message = messageOf(frame);
      return message?.type === 'chat_message' && JSON.stringify(message.payload).includes(content);
    }, context.environment.timeoutMs);
    if (heard.kind !== 'frame') return 'a message did not reach every socket of its session';
  }
  return sockets.length > 0 ? null : 'the environment file names no realtime address';
}

async function judgeStream(context: BodyContext, redis: Redis, sessionId: string, instances: number): Promise<void> {
  const key = await streamKeyOf(redis, `*session:*${sessionId}*`);
  if (!key) return breakAll(context, 'the message of a chat session went through no Redis stream');
  const groups = groupsOf(await redis.ask('XINFO', 'GROUPS', key));
  const seen = { expected: `a consumer group for each of ${instances} instances`, observed: `${groups.length} groups` };
  if (groups.length >= Math.max(1, instances)) context.holds('groups', seen);
  else
    context.breaks(
      'groups',
      `the session's stream has ${groups.length} consumer groups for ${instances} realtime instances`,
      seen,
    );
  await judgeDelivery(context, redis, key);
}

async function streamKeyOf(redis: Redis, pattern: string): Promise<string | null> {
  for (const key of await redis.scan(pattern, 50)) {
    if (String(await redis.ask('TYPE', key)) === 'stream') return key;
  }
  return null;
}

/** An instance acknowledges a moment after it has passed the message on. */
async function judgeDelivery(context: BodyContext, redis: Redis, key: string): Promise<void> {
  const untilMs = context.now() + context.environment.timeoutMs;
  for (;;) {
    const { length, lastId } = streamOf(await redis.ask('XINFO', 'STREAM', key));
    const behind = groupsOf(await redis.ask('XINFO', 'GROUPS', key)).filter((group) => isBehind(group, lastId));
    const groups = groupsOf(await redis.ask('XINFO', 'GROUPS', key)).length;
    const seen = { observed: `${length} entries, ${groups} groups, ${behind.length} behind` };
    if (groups > 0 && length > 0 && behind.length === 0) return context.holds('delivered', seen);
    if (context.now() > untilMs) {
      const because =
        groups === 0
          ? 'no consumer group reads the stream'
          : `${behind.length} groups have not read and acknowledged the message`;
      return context.breaks('delivered', length === 0 ? 'the stream holds no entry' : because, seen);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const isBehind = (group: StreamGroup, lastId: string): boolean => group.pending > 0 || group.lastDeliveredId !== lastId;

/** Without leave to make a session, streams of sessions that exist are looked at; without any there is no evidence. */
async function judgeExisting(context: BodyContext, redis: Redis, needs: string): Promise<void> {
  const key = await streamKeyOf(redis, '*session:*:*');
  if (!key) return context.unmet(needs);
  const groups = groupsOf(await redis.ask('XINFO', 'GROUPS', key));
  if (groups.length > 0) context.holds('groups', { observed: `${groups.length} groups on an existing stream` });
  else context.breaks('groups', 'the stream of an existing session has no consumer group');
  context.unmet(needs, 'delivered');
}
