import { setTimeout as sleep } from 'node:timers/promises';
import type { Ear } from '../../platform/conversation.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { lostAfterMs, openPlace, seat, withHttp } from './room.ts';

const each = 500;
/** A person does not write so fast, a busy room does; gentler than the flood limit a careful deployment has. */
const perSecond = 40;
/** Sent ahead of the pace at most, after this process stood still. */
const burstAtMost = 20;

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const place = await openPlace(context, http, 'none-lost');
    if (place === null) return;
    const { host, guest, sessionId, urls } = place;
    const at = [urls[0]!, urls.at(-1)!] as const;
    const one = await seat(context, 'none-lost', { name: 'the first person', account: host, url: at[0], sessionId });
    const two = await seat(context, 'none-lost', { name: 'the second person', account: guest, url: at[1], sessionId });
    if (one === null || two === null) return;
    const speakers: readonly Speaker[] = [
      { name: 'the first person', ear: one.ear, marks: marksOf(context, 'a') },
      { name: 'the second person', ear: two.ear, marks: marksOf(context, 'b') },
    ];
    await Promise.all(speakers.map((speaker) => speak(context, speaker)));
    await settle(context, speakers);
    for (const listener of speakers) for (const speaker of speakers) compare(context, listener, speaker);
  });
export default body;

interface Speaker {
  readonly name: string;
  readonly ear: Ear;
  /** What they say, in this order. */
  readonly marks: readonly string[];
}

function marksOf({ scope }: BodyContext, who: string): string[] {
  const run = crypto.randomUUID().slice(0, 8);
  return Array.from({ length: each }, (_, i) => `${scope} ${run}${who} message ${i + 1} of ${each}`);
}

async function speak(context: BodyContext, { ear, marks }: Speaker): Promise<void> {
  const startMs = context.now();
  for (const [i, mark] of marks.entries()) {
    const dueMs = startMs + (i * 1000) / perSecond;
    if (i % burstAtMost === 0) await sleep(Math.max(0, dueMs - context.now()) + 1);
    while (context.now() < dueMs && !context.signal.aborted) await sleep(Math.max(1, dueMs - context.now()));
    if (context.signal.aborted) return;
    ear.say(mark, crypto.randomUUID());
  }
}

/** Until everybody has everything, or nothing new has come for as long as a message may take. */
async function settle(context: BodyContext, speakers: readonly Speaker[]): Promise<void> {
  const all = speakers.reduce((sum, { marks }) => sum + marks.length, 0);
  const count = () => Math.min(...speakers.map(({ ear }) => ear.messages.length));
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
  const whose = `of ${each} messages ${speaker.name} sent, ${listener === speaker ? 'the same person' : listener.name}`;
  const refused = speaker.ear.errors.length;
  const lost = each - refused - distinct.size;
  if (refused > 0)
    context.note('refused', `${speaker.name}: ${refused} of ${each} messages, "${speaker.ear.errors[0]}"`);
  if (refused >= each / 2) context.unmet(`a message rate of ${perSecond} a second that is let through`, 'none-lost');
  else if (lost <= 0) context.holds('none-lost', { observed: `${whose} got ${distinct.size}` });
  else context.breaks('none-lost', `${whose} did not get ${lost}, first ${firstMissing(speaker, distinct)}`);
  const doubled = heard.length - distinct.size;
  if (doubled === 0) context.holds('none-doubled', { observed: `${whose} got each once` });
  else context.breaks('none-doubled', `${whose} got ${doubled} more than once, first "${firstDouble(speaker, heard)}"`);
  inOrder(context, whose, [...distinct]);
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
