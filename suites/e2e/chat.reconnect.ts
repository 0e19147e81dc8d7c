import { setTimeout as sleep } from 'node:timers/promises';
import { Ear, type Received } from '../../platform/conversation.ts';
import { knock } from '../../platform/realtime.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { longAway } from './long-away.ts';
import { askAgain, type Resuming, seenAgain, timesOf } from './resuming.ts';
import { type Chair, lostAfterMs, openPlace, type Place, say, seat, withHttp } from './room.ts';

const cuts = 20;
/** Said while the other is away, each time. */
const awayMessages = 3;
/** What is told twice comes soon after the first time. */
const doubledWithinMs = 200;

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
    const all: Meeting = { place, talker, resuming: { by: null, tried: false }, seen: new Set() };
    let broken = 0;
    // A cut by which it was found out how to ask is not timed, so one more is.
    const enough = () => cuts + (all.resuming.tried ? 1 : 0);
    const short = async () => {
      for (let cut = 0; cut < enough() && !context.signal.aborted && broken < 2; cut++)
        if (!(await cutOnce(context, all, cut))) broken++;
    };
    // Beside the others, in a room of its own, so that it takes no time of theirs.
    await Promise.all([short(), longAway(context, place)]);
  });
export default body;

interface Meeting {
  readonly place: Place;
  readonly talker: Chair;
  readonly resuming: Resuming;
  /** What the one who is cut off has seen, in connections before. */
  readonly seen: Set<string>;
}

/** One cut; false when something broke. */
async function cutOnce(context: BodyContext, all: Meeting, cut: number): Promise<boolean> {
  const { place, talker, seen } = all;
  const { guest, sessionId, urls } = place;
  const url = urls[cut % urls.length]!;
  const name = 'the one who is cut off';
  const before = await seat(context, 'nothing-lost', { name, account: guest, url, sessionId });
  if (before === null) return false;
  const mark = `${context.scope} ${crypto.randomUUID()} cut ${cut + 1}`;
  const withinMs = lostAfterMs(context);
  const refused = await say(context, talker, `${mark} before`);
  const last = await before.ear.hears(`${mark} before`, withinMs);
  if (last === null) {
    const because = `before cut ${cut + 1} a message did not arrive within ${withinMs / 1000} s`;
    context.breaks('nothing-lost', refused === null ? because : `${because}; the server said: ${refused}`);
    return false;
  }
  for (const { content } of before.ear.messages) seen.add(content);
  before.ear.socket.cut();
  const cutMs = context.now();
  const missed = Array.from({ length: awayMessages }, (_, i) => `${mark} away ${i + 1}`);
  const refusedBefore = talker.ear.errors.length;
  const saying = sayAll(context, talker, missed);
  // Half of the cuts come back at once, the other half when everything has been said.
  if (cut % 2 === 0) await saying;
  const back = { url: urls[(cut + 1) % urls.length]!, after: last, cutMs, missed, cut, mark, refusedBefore };
  const came = await comeBack(context, all, back);
  await saying;
  return came;
}

async function sayAll(context: BodyContext, talker: Chair, contents: readonly string[]): Promise<void> {
  for (const content of contents) await say(context, talker, content);
}

interface Return {
  /** Where they come back: not where they were, if there is another address. */
  readonly url: string;
  readonly after: Received;
  readonly cutMs: number;
  readonly missed: readonly string[];
  readonly cut: number;
  readonly mark: string;
  /** How often the talker had been refused before. */
  readonly refusedBefore: number;
}

async function comeBack(context: BodyContext, all: Meeting, back: Return): Promise<boolean> {
  const { after, cutMs, missed, cut, url, refusedBefore } = back;
  const { sessionId, guest } = all.place;
  const withinMs = lostAfterMs(context);
  const ear = new Ear(context, knock(context, { url, sessionId, token: guest.session.token, after: after.id }));
  context.cleanup(async () => ear.socket.close());
  const asking = askAgain(ear, { after: after.id, missed, seen: all.seen }, all.resuming);
  const has = (content: string) => ear.messages.some((message) => message.content === content);
  await ear.until(() => missed.every(has), withinMs);
  const lost = missed.filter((content) => !has(content));
  if (lost.length > 0) {
    const refusals = all.talker.ear.errors.slice(refusedBefore);
    const replayed = ear.replays === 0 ? 'nothing was replayed' : 'the replay did not hold them';
    const how = refusals.length === 0 ? replayed : `the server had refused some: ${refusals.at(-1)}`;
    const because = `after the connection was cut and came back, ${lost.length} of ${missed.length} messages sent meanwhile did not arrive within ${withinMs / 1000} s: ${how}`;
    context.breaks('nothing-lost', because, { startMs: cutMs });
    context.breaks('T-ws-reconnect', because, { startMs: cutMs });
    return false;
  }
  const asked = await asking;
  const first = ear.messages.find(({ content }) => missed.includes(content))!;
  if (asked > 2 && !all.resuming.tried) all.resuming.tried = true;
  else context.took('T-ws-reconnect', { startMs: cutMs, tookMs: first.atMs - cutMs });
  context.holds('nothing-lost', { startMs: cutMs, observed: `cut ${cut + 1}: ${missed.length} of ${missed.length}` });
  const isIn = await talksOn(context, all.talker, ear, back);
  await sleep(doubledWithinMs);
  doubles(context, back, ear, { asked, seen: all.seen });
  for (const { content } of ear.messages) all.seen.add(content);
  ear.socket.close();
  return isIn;
}

/** Who came back is in the room again: what is said from now on is heard both ways. */
async function talksOn(context: BodyContext, talker: Chair, ear: Ear, { mark, cut, cutMs }: Return): Promise<boolean> {
  const withinMs = lostAfterMs(context);
  const ways = [
    { from: talker.ear, to: ear, content: `${mark} back`, who: 'who came back did not get' },
    { from: ear, to: talker.ear, content: `${mark} here`, who: 'the other did not get from who came back' },
  ];
  for (const { from, to, content, who } of ways) {
    await say(context, { ear: from }, content);
    if (await to.hears(content, withinMs)) continue;
    const because = `after cut ${cut + 1} and what was missed, ${who} what was said next within ${withinMs / 1000} s`;
    context.breaks('nothing-lost', because, { startMs: cutMs });
    return false;
  }
  return true;
}

interface Heard {
  readonly asked: number;
  readonly seen: ReadonlySet<string>;
}

function doubles(context: BodyContext, { missed, cut, cutMs }: Return, ear: Ear, { asked, seen }: Heard): void {
  const twice = missed.filter((content) => timesOf(ear.messages, content, asked) > 1);
  const again = seenAgain(ear.messages, seen);
  const breaks = (because: string) =>
    context.breaks('none-doubled', `after cut ${cut + 1} ${because}`, { startMs: cutMs });
  if (twice.length > 0) breaks(`${twice.length} of ${missed.length} messages came more than once`);
  else if (again > 0) breaks(`${again} messages came again that were seen before the cut`);
  else context.holds('none-doubled', { startMs: cutMs });
}
