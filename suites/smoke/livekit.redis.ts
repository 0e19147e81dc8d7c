import { setTimeout as sleep } from 'node:timers/promises';
import { type Key, type Meetings, removeAtTheEnd, roomsAt } from '../../platform/meetings.ts';
import type { Http } from '../../probes/http.ts';
import { lookInRedis } from '../../probes/livekit.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { withMeetingKey } from './connections.ts';

const body: Body = (context) => withMeetingKey(context, (http, meetings, key) => shared(context, http, meetings, key));
export default body;

async function shared(context: BodyContext, http: Http, meetings: Meetings, key: Key): Promise<void> {
  const { redis } = context.environment;
  const others = meetings.urls.filter((url) => url !== meetings.url);
  const redisUrl = meetings.redis?.url ?? redis?.url ?? null;
  if (redisUrl === null && others.length === 0) return context.unmet('meetings.redis');
  const room = `${context.scope}-shared-${Math.round(context.now())}`;
  removeAtTheEnd(context, meetings.url, key, room);
  const trouble = await roomsAt(http, meetings.url, key).make(room);
  if (trouble !== null) return context.breaks('shared', trouble);
  for (const url of others) await listedBy(context, http, url, key, room);
  if (redisUrl !== null) await foundIn(context, redisUrl, room, guessOf(meetings, others));
}

type Guess = 'named' | 'guessed' | 'guessed, and nodes were asked';

const guessOf = ({ redis }: Meetings, others: readonly string[]): Guess =>
  redis !== null ? 'named' : others.length === 0 ? 'guessed' : 'guessed, and nodes were asked';

async function listedBy(context: BodyContext, http: Http, url: string, key: Key, room: string): Promise<void> {
  const untilMs = context.now() + context.environment.timeoutMs;
  for (;;) {
    const listed = await roomsAt(http, url, key).list([room]);
    const expected = 'a room made at one node is listed by the other';
    if (listed.ok && listed.names.includes(room))
      return context.holds('shared', { expected, observed: `${url} lists it` });
    const why = listed.ok ? 'does not list a room made at another node' : listed.because;
    if (context.now() > untilMs || context.signal.aborted || !listed.ok)
      return context.breaks('shared', `${url} ${why}`, { expected });
    await sleep(100);
  }
}

async function foundIn(context: BodyContext, redisUrl: string, room: string, guess: Guess): Promise<void> {
  const found = await lookInRedis(context, redisUrl, room);
  const expected = 'a node and the room that was made';
  if (found.ok && found.nodes > 0 && found.room)
    return context.holds('shared', { expected, observed: `${found.nodes} nodes, and the room` });
  // The platform's Redis need not be the meeting server's; without a trace of one there, nothing follows from its absence.
  if (guess === 'guessed') return context.unmet('meetings.redis');
  if (guess !== 'named') return;
  const observed = found.ok ? `${found.nodes} nodes, ${found.room ? 'the room' : 'not the room'}` : found.because;
  context.breaks('shared', `the Redis of the meeting server: ${observed}`, { expected, observed });
}
