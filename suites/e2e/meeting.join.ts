import type { Body, BodyContext } from '../../runners/body.ts';
import { type Hall, inMeeting, often, tookWith, wasDone } from '../meetings.ts';

const body: Body = (context) =>
  inMeeting(context, 'joined', async (hall) => {
    const host = await hall.enter('host', 0);
    if (!wasDone(context, 'joined', 'the first person does not get in', host)) return;
    if (!(await meet(context, hall))) return;
    const lanes = Math.min(2, hall.meeting.places - 1);
    await often(context, { lanes, count: 240, withinMs: 60_000 }, (number, lane) =>
      joinOnce(context, hall, `guest-${number}`, lane + 1),
    );
  });
export default body;

/** The second person comes in, and each sees the other. */
async function meet(context: BodyContext, { enter, participants }: Hall): Promise<boolean> {
  const guest = await enter('guest', 1);
  if (!wasDone(context, 'joined', 'the second person does not get in', guest)) return false;
  const { timeoutMs } = context.environment;
  const came = await participants.await(({ who, what }) => who === 'host' && what === 'came', timeoutMs);
  const present = await participants.people('guest');
  const sees = present.ok && present.value.length > 0;
  const expected = 'two people in one meeting, each of whom sees the other';
  if (came && sees) context.holds('joined', { expected, observed: expected });
  else if (!came) context.breaks('joined', `the first person was not told of the second within ${timeoutMs / 1000} s`);
  else context.breaks('joined', 'the second person does not see the first', { expected });
  await participants.leave('guest');
  return came !== null && sees;
}

async function joinOnce(context: BodyContext, { enter, participants }: Hall, who: string, person: number) {
  const joined = await enter(who, person);
  if (!wasDone(context, 'latency', 'joining', joined)) return false;
  const { startMs, tookMs, oursMs } = joined.value;
  tookWith(context, 'latency', startMs, tookMs, oursMs);
  await participants.leave(who);
  return true;
}
