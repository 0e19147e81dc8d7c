import { makeSession } from '../../platform/people.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { type Chair, lostAfterMs, openPlace, type Place, seat, withHttp } from './room.ts';

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const place = await openPlace(context, http, 'delivered');
    if (place === null) return;
    const other = await makeSession(place.host);
    if (!other.ok) return context.breaks('private', other.because);
    for (const url of place.urls) await meetAt(context, place, url, other.id);
  });
export default body;

/** Two people at one address, and a third socket in another room of the same tenant. */
async function meetAt(context: BodyContext, place: Place, url: string, otherRoom: string): Promise<void> {
  const { host, guest, sessionId } = place;
  const one = await seat(context, 'delivered', { name: 'the first person', account: host, url, sessionId });
  const two = await seat(context, 'delivered', { name: 'the second person', account: guest, url, sessionId });
  const aside = await seat(context, 'private', {
    name: 'somebody in another room',
    account: guest,
    url,
    sessionId: otherRoom,
  });
  if (one === null || two === null || aside === null) return;
  const mark = `${context.scope} ${crypto.randomUUID()}`;
  const asked = await passes(context, url, { from: one, to: two, content: `${mark} hello`, what: 'the first person' });
  const answered =
    asked &&
    (await passes(context, url, {
      from: two,
      to: one,
      content: `${mark} hello back`,
      what: 'the second person',
    }));
  await acknowledges(context, url, one);
  if (asked && answered) staysPrivate(context, url, mark, aside);
  for (const { ear } of [one, two, aside]) ear.socket.close();
}

interface Passing {
  readonly from: Chair;
  readonly to: Chair;
  readonly content: string;
  readonly what: string;
}

async function passes(context: BodyContext, url: string, { from, to, content, what }: Passing): Promise<boolean> {
  const startMs = context.now();
  const withinMs = lostAfterMs(context);
  from.ear.say(content, crypto.randomUUID());
  const heard = await to.ear.hears(content, withinMs);
  if (heard) {
    const observed = `${url} after ${(heard.atMs - startMs).toFixed(0)} ms`;
    context.holds('delivered', { startMs, expected: 'the other gets it', observed });
    return true;
  }
  const refused = from.ear.errors.at(-1);
  const because = `after ${what} sent a message the other did not get it within ${withinMs / 1000} s`;
  context.breaks('delivered', refused ? `${because}; the server said: ${refused}` : because, {
    startMs,
    observed: url,
  });
  return false;
}

async function acknowledges(context: BodyContext, url: string, sender: Chair): Promise<void> {
  const got = await sender.ear.until(() => sender.ear.acks.length > 0, lostAfterMs(context));
  const names = (ack: Record<string, unknown> | undefined) =>
    typeof ack?.messageId === 'string' && ack.messageId !== '';
  if (got && names(sender.ear.acks[0])) context.holds('acknowledged', { observed: url });
  else
    context.breaks(
      'acknowledged',
      got ? `${url} acknowledged a message without its id` : `${url} did not acknowledge a message to its sender`,
    );
}

/** What was said has been heard where it belongs by now; whoever else got it, got what was not meant for them. */
function staysPrivate(context: BodyContext, url: string, mark: string, aside: Chair): void {
  const heard = aside.ear.messages.filter(({ content }) => content.startsWith(mark));
  if (heard.length === 0) context.holds('private', { observed: url });
  else context.breaks('private', `${url}: somebody in another room got ${heard.length} of the messages, too`);
}
