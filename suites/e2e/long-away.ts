import { setTimeout as sleep } from 'node:timers/promises';
import { Ear, type Received, resumeFields } from '../../platform/conversation.ts';
import { makeSession } from '../../platform/people.ts';
import { knock } from '../../platform/realtime.ts';
import type { BodyContext } from '../../runners/body.ts';
import { askAgain, type Resuming, seenAgain, timesOf } from './resuming.ts';
import { type Chair, lostAfterMs, type Place, say, seat } from './room.ts';

const assertion = 'long-away';
/** Longer than the platform's own client waits before it tries again, which is 5 s. */
const awayMs = 10_000;
/** More than a screen of them. */
const missedMessages = 40;
/** A replay may come in pages; this many are asked for at most. */
const mostPages = 10;
const pageWithinMs = 1_000;
/** What is told twice comes soon after the first time. */
const doubledWithinMs = 200;

/** Somebody whose connection is gone for some time comes back to a conversation that has gone on; not timed. */
export async function longAway(context: BodyContext, place: Place): Promise<void> {
  const { host, guest, urls } = place;
  const session = await makeSession(host);
  if (!session.ok) return context.breaks(assertion, session.because);
  const at = { url: urls[0]!, sessionId: session.id };
  const talker = await seat(context, assertion, { ...at, name: 'the one who stays', account: host });
  const before = await seat(context, assertion, { ...at, name: 'the one who is long away', account: guest });
  if (talker === null || before === null) return;
  const mark = `${context.scope} ${crypto.randomUUID()}`;
  await say(context, talker, `${mark} before`);
  const last = await before.ear.hears(`${mark} before`, lostAfterMs(context));
  if (last === null) return context.breaks(assertion, 'a message did not arrive before the connection was cut');
  before.ear.socket.cut();
  const missed = Array.from({ length: missedMessages }, (_, i) => `${mark} away ${i + 1}`);
  const refused = await sayMeanwhile(context, talker, missed);
  if (context.signal.aborted) return;
  if (refused !== null) return context.unmet(`a pace of messages that is let through (${refused})`, assertion);
  await comeBack(context, { place, sessionId: session.id, last, missed, seen: new Set([`${mark} before`]) });
}

/** Evenly over the time; resolves to a refusal, if there was one. */
async function sayMeanwhile(context: BodyContext, talker: Chair, missed: readonly string[]): Promise<string | null> {
  const startMs = context.now();
  let refused: string | null = null;
  const untilMs = async (dueMs: number) => {
    if (!context.signal.aborted && dueMs > context.now()) await sleep(dueMs - context.now());
  };
  for (const [i, content] of missed.entries()) {
    await untilMs(startMs + (i * awayMs) / missed.length);
    refused = (await say(context, talker, content)) ?? refused;
  }
  await untilMs(startMs + awayMs);
  return refused;
}

interface Return {
  readonly place: Place;
  readonly sessionId: string;
  readonly last: Received;
  readonly missed: readonly string[];
  readonly seen: ReadonlySet<string>;
}

async function comeBack(context: BodyContext, { place, sessionId, last, missed, seen }: Return): Promise<void> {
  const startMs = context.now();
  const { token } = place.guest.session;
  const ear = new Ear(context, knock(context, { url: place.urls.at(-1)!, sessionId, token, after: last.id }));
  context.cleanup(async () => ear.socket.close());
  const resuming: Resuming = { by: null, tried: false };
  const asked =
    (await askAgain(ear, { after: last.id, missed, seen }, resuming)) + (await askForRest(ear, missed, resuming));
  const has = (content: string) => ear.messages.some((message) => message.content === content);
  await ear.until(() => missed.every(has), lostAfterMs(context));
  await sleep(doubledWithinMs);
  const lost = missed.filter((content) => !has(content));
  const twice = missed.filter((content) => timesOf(ear.messages, content, asked) > 1);
  const whatFor = `after ${awayMs / 1000} s without a connection, in which ${missed.length} messages were sent,`;
  const breaks = (because: string) => context.breaks(assertion, `${whatFor} ${because}`, { startMs });
  if (lost.length > 0) breaks(`${lost.length} of them did not arrive, first number ${missed.indexOf(lost[0]!) + 1}`);
  else if (twice.length > 0) breaks(`${twice.length} of them came more than once`);
  else if (seenAgain(ear.messages, seen) > 0) breaks('a message came again that had been seen before the cut');
  else context.holds(assertion, { startMs, observed: `${missed.length} of ${missed.length}` });
}

/**
 * Where the beginning of what was missed came and its end did not, a page may have come: the rest is asked for from its last
 * message on. Resolves to how often it was asked.
 */
export async function askForRest(ear: Ear, missed: readonly string[], { by }: Resuming): Promise<number> {
  const known = (): number => {
    const came = new Set(ear.messages.map(({ content }) => content));
    return missed.findIndex((content) => !came.has(content));
  };
  let asked = 0;
  await ear.until(() => known() < 0, pageWithinMs);
  for (let page = 1, from = known(); page <= mostPages && from > 0; page++) {
    const after = ear.messages.find(({ content }) => content === missed[from - 1])!.id;
    for (const field of by === null || by === 'address' ? resumeFields : [by]) {
      ear.askFor(after, field);
      asked++;
      if (await ear.until(() => known() !== from, pageWithinMs)) break;
    }
    if (known() === from) break;
    from = known();
  }
  return asked;
}
