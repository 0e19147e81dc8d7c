import { setTimeout as sleep } from 'node:timers/promises';
import { Ear, type Received } from '../../platform/conversation.ts';
import { knock } from '../../platform/realtime.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { type Chair, lostAfterMs, openPlace, type Place, seat, withHttp } from './room.ts';

const cuts = 20;
/** Said while the other is away, each time. */
const awayMessages = 3;

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const place = await openPlace(context, http, 'nothing-lost');
    if (place === null) return;
    const { host, sessionId, urls } = place;
    const talker = await seat(context, 'nothing-lost', {
      name: 'the one who stays',
      account: host,
      url: urls[0]!,
      sessionId,
    });
    if (talker === null) return;
    let last: Received | null = null;
    let broken = 0;
    for (let cut = 0; cut < cuts && !context.signal.aborted && broken < 2; cut++) {
      const back: Received | null = await cutOnce(context, place, talker, { cut, last });
      if (back === null) broken++;
      last = back ?? last;
    }
  });
export default body;

interface Cut {
  readonly cut: number;
  /** The last message the one who is cut off has seen before, in earlier connections. */
  readonly last: Received | null;
}

/** One cut; gives the last message that arrived after it, or null when something broke. */
async function cutOnce(context: BodyContext, place: Place, talker: Chair, { cut }: Cut): Promise<Received | null> {
  const { guest, sessionId, urls } = place;
  const url = urls[cut % urls.length]!;
  const before = await seat(context, 'nothing-lost', {
    name: 'the one who is cut off',
    account: guest,
    url,
    sessionId,
  });
  if (before === null) return null;
  const mark = `${context.scope} ${crypto.randomUUID()} cut ${cut + 1}`;
  const withinMs = lostAfterMs(context);
  talker.ear.say(`${mark} before`, crypto.randomUUID());
  const seen = await before.ear.hears(`${mark} before`, withinMs);
  if (seen === null) {
    context.breaks('nothing-lost', `before cut ${cut + 1} a message did not arrive within ${withinMs / 1000} s`);
    return null;
  }
  before.ear.socket.cut();
  const cutMs = context.now();
  const missed = Array.from({ length: awayMessages }, (_, i) => `${mark} away ${i + 1}`);
  for (const content of missed) talker.ear.say(content, crypto.randomUUID());
  // Half of the cuts come back at once, the other half when everything has been said.
  if (cut % 2 === 1)
    await talker.ear.until(() => talker.ear.messages.some(({ content }) => content === missed.at(-1)), withinMs);
  return comeBack(context, place, { url: urls[(cut + 1) % urls.length]!, after: seen, cutMs, missed, cut });
}

interface Return {
  /** Where they come back: not where they were, if there is another address. */
  readonly url: string;
  readonly after: Received;
  readonly cutMs: number;
  readonly missed: readonly string[];
  readonly cut: number;
}

async function comeBack(context: BodyContext, place: Place, back: Return): Promise<Received | null> {
  const { after, cutMs, missed, cut, url } = back;
  const { sessionId, guest } = place;
  const withinMs = lostAfterMs(context);
  const ear = new Ear(context, knock(context, { url, sessionId, token: guest.session.token, after: after.id }));
  context.cleanup(async () => ear.socket.close());
  void askAgain(ear, after.id);
  const has = (content: string) => ear.messages.filter((message) => message.content === content).length;
  await ear.until(() => missed.every((content) => has(content) > 0), withinMs);
  const lost = missed.filter((content) => has(content) === 0);
  if (lost.length > 0) {
    const how = ear.replays === 0 ? 'nothing was replayed' : 'the replay did not hold them';
    const because = `after the connection was cut and came back, ${lost.length} of ${missed.length} messages sent meanwhile did not arrive within ${withinMs / 1000} s: ${how}`;
    context.breaks('nothing-lost', because, { startMs: cutMs });
    context.breaks('T-ws-reconnect', because, { startMs: cutMs });
    return null;
  }
  const first = ear.messages.find(({ content }) => missed.includes(content))!;
  context.took('T-ws-reconnect', { startMs: cutMs, tookMs: first.atMs - cutMs });
  context.holds('nothing-lost', { startMs: cutMs, observed: `cut ${cut + 1}: ${missed.length} of ${missed.length}` });
  await sleep(20);
  doubles(context, back, has);
  ear.socket.close();
  return ear.messages.at(-1) ?? null;
}

/** The address may carry the place to resume from; who does not read it there is asked by a frame. */
async function askAgain(ear: Ear, after: string): Promise<void> {
  const isIn = await ear.socket.hear((frame) => frame.data.includes('"ack"'), 10_000);
  if (isIn.kind !== 'frame') return;
  await sleep(250);
  if (ear.replays === 0) ear.askFor(after);
}

function doubles(context: BodyContext, { missed, cut, cutMs }: Return, has: (content: string) => number): void {
  const twice = missed.filter((content) => has(content) > 1);
  if (twice.length === 0) context.holds('none-doubled', { startMs: cutMs });
  else
    context.breaks(
      'none-doubled',
      `after cut ${cut + 1} ${twice.length} of ${missed.length} messages came more than once`,
      { startMs: cutMs },
    );
}
