import { setTimeout as sleep } from 'node:timers/promises';
import type { Ear } from '../../platform/conversation.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { lostAfterMs, openPlace, seat, withHttp } from './room.ts';

/** Enough to meet what goes wrong once in a hundred. */
const paced = { each: 500, atOnce: 1, everyMs: 25 };
/** What a user does who pastes a few lines, and a client that comes back to a queue: nothing lies between them that would keep their order. */
const bursts = { each: 100, atOnce: 5, everyMs: 250 };
/** Sent ahead of the pace at most, after this process stood still. */
const burstAtMost = 20;

/** So many messages, `atOnce` of them in one go and the next `everyMs` later. */
interface Pace {
  readonly each: number;
  readonly atOnce: number;
  readonly everyMs: number;
}

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const place = await openPlace(context, http, 'none-lost');
    if (place === null) return;
    const { host, guest, sessionId, urls } = place;
    const at = [urls[0]!, urls.at(-1)!] as const;
    const one = await seat(context, 'none-lost', { name: 'the first person', account: host, url: at[0], sessionId });
    const two = await seat(context, 'none-lost', { name: 'the second person', account: guest, url: at[1], sessionId });
    if (one === null || two === null) return;
    for (const pace of [paced, bursts]) await converse(context, [one.ear, two.ear], pace);
  });
export default body;

async function converse(context: BodyContext, [one, two]: readonly [Ear, Ear], pace: Pace): Promise<void> {
  const speaker = (name: string, ear: Ear, who: string): Speaker => ({
    name,
    ear,
    pace,
    marks: marksOf(context, who, pace.each),
    errorsBefore: ear.errors.length,
  });
  const speakers = [speaker('the first person', one, 'a'), speaker('the second person', two, 'b')];
  await Promise.all(speakers.map((each) => speak(context, each)));
  await settle(context, speakers);
  for (const listener of speakers) for (const each of speakers) compare(context, listener, each);
}

interface Speaker {
  readonly name: string;
  readonly ear: Ear;
  readonly pace: Pace;
  /** What they say, in this order. */
  readonly marks: readonly string[];
  /** How often they had been refused before. */
  readonly errorsBefore: number;
}

function marksOf({ scope }: BodyContext, who: string, each: number): string[] {
  const run = crypto.randomUUID().slice(0, 8);
  return Array.from({ length: each }, (_, i) => `${scope} ${run}${who} message ${i + 1} of ${each}`);
}

async function speak(context: BodyContext, { ear, marks, pace: { atOnce, everyMs } }: Speaker): Promise<void> {
  const startMs = context.now();
  for (const [i, mark] of marks.entries()) {
    const dueMs = startMs + Math.floor(i / atOnce) * everyMs;
    if (i % burstAtMost === 0) await sleep(Math.max(0, dueMs - context.now()) + 1);
    while (context.now() < dueMs && !context.signal.aborted) await sleep(Math.max(1, dueMs - context.now()));
    if (context.signal.aborted) return;
    ear.say(mark, crypto.randomUUID());
  }
}

/** Until everybody has everything, or nothing new has come for as long as a message may take. */
async function settle(context: BodyContext, speakers: readonly Speaker[]): Promise<void> {
  const wanted = new Set(speakers.flatMap(({ marks }) => marks));
  const all = wanted.size;
  const heardBy = ({ ear }: Speaker) => ear.messages.filter(({ content }) => wanted.has(content)).length;
  const count = () => Math.min(...speakers.map(heardBy));
  for (let before = -1; count() < all && count() > before && !context.signal.aborted; ) {
    before = count();
    const [first] = speakers;
    await first!.ear.until(() => count() >= all, lostAfterMs(context) / 2);
  }
  // A double of the last message comes after it.
  await sleep(300);
}

function compare(context: BodyContext, listener: Speaker, speaker: Speaker): void {
  const own = new Map(speaker.marks.map((mark, i) => [mark, i]));
  const heard = listener.ear.messages.flatMap(({ content }) => own.get(content) ?? []);
  const distinct = new Set(heard);
  const whose = `${whichOf(speaker)}, ${listener === speaker ? 'the same person' : listener.name}`;
  missing(context, speaker, { whose, distinct });
  const doubled = heard.length - distinct.size;
  if (doubled === 0) context.holds('none-doubled', { observed: `${whose} got each once` });
  else context.breaks('none-doubled', `${whose} got ${doubled} more than once, first "${firstDouble(speaker, heard)}"`);
  inOrder(context, whose, [...distinct]);
}

const whichOf = ({ name, pace: { each, atOnce } }: Speaker): string =>
  `of ${each} messages ${name} sent${atOnce === 1 ? '' : `, ${atOnce} at once`}`;

interface Heard {
  readonly whose: string;
  readonly distinct: ReadonlySet<number>;
}

/** What was refused is not lost: a server may cap the rate of what it takes. */
function missing(context: BodyContext, speaker: Speaker, { whose, distinct }: Heard): void {
  const { name, ear, errorsBefore, pace } = speaker;
  const { each, atOnce, everyMs } = pace;
  const refusals = ear.errors.slice(errorsBefore);
  const lost = each - refusals.length - distinct.size;
  if (refusals.length > 0) context.note('refused', `${name}: ${refusals.length} of ${each} messages, "${refusals[0]}"`);
  if (refusals.length >= each / 2) {
    // The pace alone decides: a deployment that takes no bursts has been seen to lose nothing at a walk.
    if (atOnce === 1) context.unmet(`a message rate of ${1000 / everyMs} a second that is let through`, 'none-lost');
  } else if (lost <= 0) context.holds('none-lost', { observed: `${whose} got ${distinct.size}` });
  else context.breaks('none-lost', `${whose} did not get ${lost}, first ${firstMissing(speaker, distinct)}`);
}

const firstMissing = (speaker: Speaker, heard: ReadonlySet<number>): string => {
  const index = speaker.marks.findIndex((_, i) => !heard.has(i));
  return index < 0 ? 'none of them known' : `number ${index + 1}`;
};

const firstDouble = (speaker: Speaker, heard: readonly number[]): string =>
  speaker.marks[heard.find((index, i) => heard.indexOf(index) !== i) ?? 0]!;

/** Each person's messages in the order they were sent; how those of two people interleave is the room's affair. */
function inOrder(context: BodyContext, whose: string, heard: readonly number[]): void {
  const at = heard.findIndex((index, i) => i > 0 && index < heard[i - 1]!);
  if (at < 0) context.holds('in-order', { observed: `${whose} got them in order` });
  else
    context.breaks('in-order', `${whose} got number ${heard[at]! + 1} after number ${heard[at - 1]! + 1}`, {
      expected: 'the order they were sent in',
    });
}
