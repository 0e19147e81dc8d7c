import { hostOf } from '../../probes/media/ice.ts';
import { usableServers } from '../../probes/media/participants.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { type Hall, inMeeting, wasDone } from '../meetings.ts';

const body: Body = (context) =>
  inMeeting(context, 'offered', async (hall) => {
    const named = hall.meeting.iceServers.flatMap(({ urls }) => urls).filter((url) => hostOf(url)?.relay);
    const expected = 'a TURN server in the join answer';
    if (named.length === 0) {
      context.breaks('offered', 'the meeting server names no relay to those who join', { expected });
      return context.breaks('relayed', 'no relay is offered, so nobody behind a strict firewall gets in');
    }
    context.holds('offered', { expected, observed: named.join(', ') });
    const usable = usableServers(context.environment, hall.meeting.iceServers).flatMap(({ urls }) => urls);
    if (!usable.some((url) => hostOf(url)?.relay)) return context.unmet(`${named[0]} in addresses`, 'relayed');
    await relay(context, hall);
  });
export default body;

/** One who may use nothing but the relay speaks, and another hears it. */
async function relay(context: BodyContext, { enter, participants }: Hall): Promise<void> {
  const { timeoutMs } = context.environment;
  const open = await enter('open', 0);
  if (!wasDone(context, 'relayed', 'without a relay', open)) return;
  const behind = await enter('behind', 1, { relayOnly: true });
  if (!wasDone(context, 'relayed', 'with nothing but the relay', behind)) return;
  await participants.speak('behind', { everyMs: 200, count: 50 });
  const heard = await participants.await(({ who, what }) => who === 'open' && what === 'heard', 2 * timeoutMs);
  const stats = await participants.stats('behind');
  const path = stats.ok ? stats.value.path : null;
  const expected = 'media that took the relay, and was heard';
  if (heard === null)
    context.breaks('relayed', `what was said through the relay was not heard within ${(2 * timeoutMs) / 1000} s`, {
      expected,
    });
  else if (path !== 'relay')
    context.breaks('relayed', `media took the path ${path ?? 'nobody knows'} and not the relay`, { expected });
  else context.holds('relayed', { expected, observed: expected });
}
