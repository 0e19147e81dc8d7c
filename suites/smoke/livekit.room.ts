import { setTimeout as sleep } from 'node:timers/promises';
import { type Rooms, removeAtTheEnd, roomsAt } from '../../platform/meetings.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { withMeetingKey } from './connections.ts';

const body: Body = (context) =>
  withMeetingKey(context, async (http, meetings, key) => {
    const name = `${context.scope}-room-${Math.round(context.now())}`;
    removeAtTheEnd(context, meetings.url, key, name);
    await livesAndDies(context, roomsAt(http, meetings.url, key), name);
  });
export default body;

async function livesAndDies(context: BodyContext, rooms: Rooms, name: string): Promise<void> {
  const notMade = await rooms.make(name);
  record(context, 'made', notMade);
  if (notMade !== null) return;
  const listed = await rooms.list([name]);
  record(
    context,
    'listed',
    listed.ok ? (listed.names.includes(name) ? null : 'the room that was made is not listed') : listed.because,
  );
  const notDeleted = await rooms.remove(name);
  record(context, 'deleted', notDeleted ?? (await stillThere(context, rooms, name)));
}

/** Null once the room is gone; several nodes take a moment to agree. */
async function stillThere(context: BodyContext, rooms: Rooms, name: string): Promise<string | null> {
  const untilMs = context.now() + context.environment.timeoutMs;
  for (;;) {
    const listed = await rooms.list([name]);
    if (!listed.ok) return listed.because;
    if (!listed.names.includes(name)) return null;
    if (context.now() > untilMs || context.signal.aborted) return 'the room is still listed after it was deleted';
    await sleep(100);
  }
}

function record(context: BodyContext, assertion: string, wrong: string | null): void {
  if (wrong === null) context.holds(assertion);
  else context.breaks(assertion, wrong);
}
