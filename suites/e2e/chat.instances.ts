import type { Body, BodyContext } from '../../runners/body.ts';
import { type Chair, lostAfterMs, openPlace, type Place, say, seat, withHttp } from './room.ts';

const rounds = 10;
/** What two lost messages show, twenty do not show better. */
const tellsEnough = 2;

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const place = await openPlace(context, http, 'across');
    if (place === null) return;
    const pair = await apart(context, place);
    if (pair === null) return;
    const [one, two] = pair;
    let broken = 0;
    for (let round = 0; round < rounds && broken < tellsEnough && !context.signal.aborted; round++) {
      if (!(await crosses(context, one, two, `${round} there`))) broken++;
      if (!(await crosses(context, two, one, `${round} back`))) broken++;
    }
  });
export default body;

/** An address may stand for several instances, so it is dialled until somebody else answers. */
const dialsEach = 6;

async function apart(context: BodyContext, place: Place): Promise<readonly [Chair, Chair] | null> {
  const { host, guest, sessionId, urls } = place;
  const one = await seat(context, 'across', { name: 'the first person', account: host, url: urls[0]!, sessionId });
  if (one === null) return null;
  for (const url of urls.toReversed()) {
    for (let dial = 0; dial < dialsEach; dial++) {
      const two = await seat(context, 'across', { name: 'the second person', account: guest, url, sessionId });
      if (two === null) return null;
      if (two.serverId !== null && two.serverId !== one.serverId) return [one, two];
      two.ear.socket.close();
    }
  }
  context.unmet(
    one.serverId === null
      ? 'a first ack that names its instance (serverId)'
      : `two instances behind realtime.urls; all dials were answered by ${one.serverId}`,
  );
  return null;
}

async function crosses(context: BodyContext, from: Chair, to: Chair, round: string): Promise<boolean> {
  const startMs = context.now();
  const content = `${context.scope} ${crypto.randomUUID()} ${round}`;
  const withinMs = lostAfterMs(context);
  const refused = await say(context, from, content);
  const heard = await to.ear.hears(content, withinMs);
  const way = `${from.serverId} to ${to.serverId}`;
  if (heard) context.holds('across', { startMs, observed: `${way} after ${(heard.atMs - startMs).toFixed(0)} ms` });
  else
    context.breaks(
      'across',
      `after a message was sent through one instance, somebody at the other did not get it within ${withinMs / 1000} s${refused === null ? '' : `; the server said: ${refused}`}`,
      { startMs, observed: way },
    );
  return heard !== null;
}
