import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf, roomsAt } from '../../platform/meetings.ts';
import type { JourneyBody } from '../../runners/journey.ts';
import { type AtMeeting, comeIn, gather } from './at-meeting.ts';
import { withHttp } from './room.ts';

const body: JourneyBody = (journey) =>
  withHttp(journey, async (http) => {
    const at = await gather(journey, http, 'opens');
    if (at === null) return;
    const opened = await journey.shows('opens', () => comeIn(at, at.host, 'somebody who makes it up'));
    if (opened) await isListed(at);
  });
export default body;

/** The meeting server itself must know a room that goes by the id; where it is many nodes, all of them know it after a while. */
async function isListed({ journey, http, room }: AtMeeting): Promise<void> {
  const { meetings, timeoutMs } = journey.environment;
  const key = meetings && keyOf(meetings);
  if (!meetings || !key) return journey.unmet('meetings.tokens.mint', 'listed');
  const expected = 'a room on the meeting server that goes by the id';
  const untilMs = journey.now() + 2 * timeoutMs;
  for (;;) {
    const listed = await roomsAt(http, meetings.url, key).list([]);
    if (listed.ok && listed.names.some((name) => name.includes(room)))
      return journey.holds('listed', { expected, observed: 'it is listed' });
    if (journey.now() < untilMs && !journey.signal.aborted) {
      await sleep(500);
      continue;
    }
    const because = listed.ok
      ? `none of the ${listed.names.length} rooms of the meeting server goes by the id`
      : listed.because;
    return journey.breaks('listed', because, { expected });
  }
}
