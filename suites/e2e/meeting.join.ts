import { isAgent } from '../../platform/agent.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { type Hall, inMeeting, often, tookWith, wasDone } from '../meetings.ts';

const body: Body = (context) =>
  inMeeting(context, 'joined', async (hall) => {
    const host = await hall.enter('host', 0);
    if (!wasDone(context, 'joined', 'the first person does not get in', host)) return;
    if (!(await meet(context, hall))) return;
    const lanes = Math.min(2, hall.meeting.places - 1);
    await often(context, { lanes, count: 240, enough: 190, withinMs: joinsWithinMs }, (number, lane) =>
      joinOnce(context, hall, `guest-${number}`, lane + 1),
    );
  });
export default body;

/** 158 good ones decide; one after the other that leaves a second for each, where there are two people only. */
const joinsWithinMs = 170_000;

/** The second person comes in, and each sees the other. The agent comes by itself and is neither. */
async function meet(context: BodyContext, { enter, participants, meeting }: Hall): Promise<boolean> {
  const guest = await enter('guest', 1);
  if (!wasDone(context, 'joined', 'the second person does not get in', guest)) return false;
  const { timeoutMs } = context.environment;
  const came = await participants.await(
    (one) => one.who === 'host' && one.what === 'came' && !isAgent(one.person),
    timeoutMs,
  );
  const present = await participants.people('guest');
  const sees = present.ok && present.value.some((person) => !isAgent(person));
  const rooms = [await meeting.ticket(0), await meeting.ticket(1)].map((one) =>
    one.kind === 'ticket' ? one.room : '',
  );
  const expected = 'two people in one meeting, each of whom sees the other';
  if (rooms[0] !== rooms[1])
    context.breaks('joined', 'two people who asked for one meeting were given tokens for two rooms', {
      expected,
      observed: rooms.join(' and '),
    });
  else if (came && sees) context.holds('joined', { expected, observed: expected });
  else if (!came) context.breaks('joined', `the first person was not told of the second within ${timeoutMs / 1000} s`);
  else context.breaks('joined', 'the second person does not see the first', { expected });
  await participants.leave('guest');
  return came !== null && sees && rooms[0] === rooms[1];
}

async function joinOnce(context: BodyContext, { enter, participants }: Hall, who: string, person: number) {
  const joined = await enter(who, person);
  if (!wasDone(context, 'latency', 'joining', joined)) return null;
  const { startMs, tookMs, oursMs } = joined.value;
  tookWith(context, 'latency', startMs, tookMs, oursMs);
  await participants.leave(who);
  return tookMs;
}
