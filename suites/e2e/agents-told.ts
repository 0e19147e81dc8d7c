import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../platform/accounts.ts';
import { sit } from '../../platform/conversation.ts';
import { under } from '../../platform/health.ts';
import { makeSession } from '../../platform/people.ts';
import { type Listened, listenTo } from '../../probes/events.ts';
import { openRedis, type Redis, RedisFailure } from '../../probes/redis.ts';
import type { Socket } from '../../probes/socket.ts';
import type { BodyContext } from '../../runners/body.ts';
import { lostAfterMs } from './room.ts';

/** Where an agent may be told of an escalation; which of the ways a deployment has is its own affair. */
export interface Watch {
  readonly stream: Listened;
  /** The agent's own socket, in a session of the agent's; null where none could be had. */
  readonly socket: Socket | null;
  /** Null: not granted, or not to be read, and why. */
  readonly redis: Redis | null;
  readonly noRedis: string;
  readonly keys: readonly string[];
}

/** Opens every way there is, before anything happens that one could be told of. */
export async function watchAsAgent(context: BodyContext, agent: Account, ids: { tenantId: string; agentId: string }) {
  const { url, trpcPath } = context.environment.api!;
  const stream = await listenTo(context, `${under(url, trpcPath)}/escalations.watch`, agent.session.headers);
  if (stream.ok) context.cleanup(() => stream.close());
  const socket = await ownSocket(context, agent);
  const redis = await ownRedis(context);
  const keys = [`tenant:${ids.tenantId}:escalations`, `agent:${ids.agentId}:notifications`];
  return { stream, socket, ...redis, keys } satisfies Watch;
}

async function ownSocket(context: BodyContext, agent: Account): Promise<Socket | null> {
  const session = await makeSession(agent);
  const url = context.environment.realtime?.urls[0];
  if (!session.ok || url === undefined) return null;
  const seat = await sit(context, { url, sessionId: session.id, token: agent.session.token });
  if (!seat.ok) return null;
  context.cleanup(async () => seat.ear.socket.close());
  return seat.ear.socket;
}

async function ownRedis(context: BodyContext): Promise<Pick<Watch, 'redis' | 'noRedis'>> {
  const { redis: given } = context.environment;
  if (given === null) return { redis: null, noRedis: 'redis.url is not given' };
  try {
    const redis = await openRedis(given.url, context);
    context.cleanup(async () => redis.close());
    return { redis, noRedis: '' };
  } catch (error) {
    return { redis: null, noRedis: error instanceof RedisFailure ? error.message : String(error) };
  }
}

/** Somebody who must look by themselves, whether anybody waits, has not been told. */
export async function isTold(context: BodyContext, watch: Watch, id: string): Promise<void> {
  const withinMs = lostAfterMs(context);
  const startMs = context.now();
  let told = await toldBy(watch, id);
  while (told === null && context.now() - startMs < withinMs && !context.signal.aborted) {
    await sleep(50);
    told = await toldBy(watch, id);
  }
  if (told !== null)
    return context.holds('notified', {
      startMs,
      observed: `${told} after ${(context.now() - startMs).toFixed(0)} ms`,
    });
  const needs = whatIsMissing(watch);
  if (needs !== null) return context.unmet(needs, 'notified');
  context.breaks('notified', `after a customer asked for a person, ${nobodyWas(watch)} within ${withinMs / 1000} s`, {
    startMs,
  });
}

/** Any event, frame or entry with the id. What is only kept in Redis counts where no way is open that tells of it at once. */
async function toldBy({ stream, socket, redis, keys }: Watch, id: string): Promise<string | null> {
  if (stream.ok && stream.events.some(({ data }) => data.includes(id))) return 'an event of escalations.watch';
  if (socket?.frames.some(({ data }) => data.includes(id))) return "a frame on the agent's socket";
  if (stream.ok || redis === null) return null;
  for (const key of keys) {
    const entries = await redis.ask('XREVRANGE', key, '+', '-', 'COUNT', 200).catch(() => []);
    if (JSON.stringify(entries).includes(id)) return `an entry of the stream ${key}`;
  }
  return null;
}

/** A stream that no one may read might have held it. */
function whatIsMissing({ stream, redis, noRedis }: Watch): string | null {
  if (stream.ok || stream.status === null || redis !== null) return null;
  return `a way in which agents are told of escalations that can be looked at: escalations.watch ${stream.because}, the agent's socket told nothing, and the streams in Redis cannot be read (${noRedis})`;
}

function nobodyWas({ stream, redis }: Watch): string {
  if (stream.ok) return 'no agent was told of it';
  const where = redis === null ? 'socket' : 'socket nor in the streams of tenant and agent in Redis';
  return `no agent was told of it: escalations.watch ${stream.because}, and nothing came to the agent's ${where}`;
}
