import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../platform/accounts.ts';
import type { Received } from '../../platform/conversation.ts';
import { isRecord } from '../../platform/json.ts';
import { dataOf, makeSession } from '../../platform/people.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { type Chair, lostAfterMs, openPlace, type Place, say, seat, withHttp } from './room.ts';

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const place = await openPlace(context, http, 'delivered');
    if (place === null) return;
    const other = await makeSession(place.host);
    if (!other.ok) return context.breaks('private', other.because);
    const ids = { host: await idOf(place.host), guest: await idOf(place.guest) };
    for (const [i, url] of place.urls.entries())
      await meetAt(context, place, { url, next: place.urls[(i + 1) % place.urls.length]!, otherRoom: other.id, ids });
  });
export default body;

interface Meeting {
  readonly url: string;
  /** The address after it; the same one where there is no other. */
  readonly next: string;
  readonly otherRoom: string;
  /** Account ids; null: not known. */
  readonly ids: { readonly host: string | null; readonly guest: string | null };
}

async function idOf({ userId, client }: Account): Promise<string | null> {
  if (userId !== null) return userId;
  const data = dataOf(await client.query('users.me'));
  return isRecord(data) && typeof data.id === 'string' ? data.id : null;
}

/** Two people at one address, and further sockets in another room of the same tenant: there, and at the next address. */
async function meetAt(context: BodyContext, place: Place, meeting: Meeting): Promise<void> {
  const { host, guest, sessionId } = place;
  const { url, next, otherRoom, ids } = meeting;
  const one = await seat(context, 'delivered', { name: 'the first person', account: host, url, sessionId });
  const two = await seat(context, 'delivered', { name: 'the second person', account: guest, url, sessionId });
  const asides: Chair[] = [];
  for (const at of [url, next]) {
    const name = 'somebody in another room';
    const aside = await seat(context, 'private', { name, account: guest, url: at, sessionId: otherRoom });
    if (aside !== null) asides.push(aside);
  }
  if (one === null || two === null || asides.length < 2) return;
  const mark = `${context.scope} ${crypto.randomUUID()}`;
  const asked = await passes(context, url, {
    from: one,
    to: two,
    content: `${mark} hello`,
    what: 'the first person',
    id: ids.host,
  });
  const answered =
    asked &&
    (await passes(context, url, {
      from: two,
      to: one,
      content: `${mark} hello back`,
      what: 'the second person',
      id: ids.guest,
    }));
  await acknowledges(context, url, one);
  if (asked && answered) {
    // What goes the long way round comes later than what was heard.
    await sleep(leakWithinMs);
    for (const [i, aside] of asides.entries()) staysPrivate(context, i === 0 ? url : next, mark, aside);
  }
  for (const { ear } of [one, two, ...asides]) ear.socket.close();
}

const leakWithinMs = 1_000;

interface Passing {
  readonly from: Chair;
  readonly to: Chair;
  readonly content: string;
  readonly what: string;
  /** The account id of who says it; null: not known. */
  readonly id: string | null;
}

async function passes(context: BodyContext, url: string, passing: Passing): Promise<boolean> {
  const { from, to, content, what } = passing;
  const startMs = context.now();
  const withinMs = lostAfterMs(context);
  const refused = await say(context, from, content);
  const heard = await to.ear.hears(content, withinMs);
  if (heard) {
    const observed = `${url} after ${(heard.atMs - startMs).toFixed(0)} ms`;
    context.holds('delivered', { startMs, expected: 'the other gets it', observed });
    isNamed(context, url, heard, passing);
    return true;
  }
  const because = `after ${what} sent a message the other did not get it within ${withinMs / 1000} s`;
  context.breaks('delivered', refused ? `${because}; the server said: ${refused}` : because, {
    startMs,
    observed: url,
  });
  return false;
}

/** A message says which one it is and who said it: the account, as the API names it. */
function isNamed(context: BodyContext, url: string, heard: Received, { what, id }: Passing): void {
  const expected = 'a messageId, and the userId of who said it';
  const breaks = (because: string) => context.breaks('named', `${url}: ${because}`, { expected });
  if (heard.id === '') breaks(`what ${what} said came without its id`);
  else if (heard.userId === '') breaks(`what ${what} said came without who said it`);
  else if (id === null) context.unmet('users.me that names who is signed in', 'named');
  else if (heard.userId !== id) breaks(`what ${what} said came as somebody else's`);
  else context.holds('named', { expected, observed: url });
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
