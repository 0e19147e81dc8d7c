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

/** The meeting server itself must know a room that goes by the id. */
async function isListed({ journey, http, room }: AtMeeting): Promise<void> {
  const { meetings } = journey.environment;
  const key = meetings && keyOf(meetings);
  if (!meetings || !key) return journey.unmet('meetings.tokens.mint', 'listed');
  const listed = await roomsAt(http, meetings.url, key).list([]);
  const expected = 'a room on the meeting server that goes by the id';
  if (!listed.ok) journey.breaks('listed', listed.because, { expected });
  else if (listed.names.some((name) => name.includes(room)))
    journey.holds('listed', { expected, observed: 'it is listed' });
  else
    journey.breaks('listed', `none of the ${listed.names.length} rooms of the meeting server goes by the id`, {
      expected,
    });
}
