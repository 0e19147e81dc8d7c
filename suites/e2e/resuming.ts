import { type Ear, type Received, type ResumeField, resumeFields } from '../../platform/conversation.ts';

/** How a deployment is asked for what was missed: found out at the first cut, kept for the others. */
export interface Resuming {
  /** `address`: the address that was dialled said it; null: not found out yet. */
  by: ResumeField | 'address' | null;
  /** A cut was spent on finding out by several frames, so that its time is ours. */
  tried: boolean;
}

export interface Wish {
  /** Id of the last message seen. */
  readonly after: string;
  readonly missed: readonly string[];
  /** What was seen before the cut. */
  readonly seen: ReadonlySet<string>;
}

const byAddressMs = 500;
const byFrameMs = 1_000;

/**
 * The address may carry the place to resume from; who does not read it there is asked by a frame. The contract does not name the
 * field, so that each is tried while nothing came, or nothing but what had been seen. Resolves to how often it was asked.
 */
export async function askAgain(ear: Ear, wish: Wish, resuming: Resuming): Promise<number> {
  const isIn = await ear.socket.hear((frame) => frame.data.includes('"ack"'), 10_000);
  if (isIn.kind !== 'frame' || resuming.by === 'address') return 1;
  const came = () => isAnswered(ear.messages, ear.replays, wish);
  if (resuming.by === null && (await ear.until(came, byAddressMs))) return by(resuming, 'address', 1);
  for (const [i, field] of (resuming.by === null ? resumeFields : [resuming.by]).entries()) {
    ear.askFor(wish.after, field);
    if (await ear.until(came, byFrameMs)) return by(resuming, field, i + 2);
  }
  return 1 + (resuming.by === null ? resumeFields.length : 1);
}

function by(resuming: Resuming, way: ResumeField | 'address', asked: number): number {
  resuming.by = way;
  return asked;
}

/** Something missed in a replay from the place that was named, or all of it without one. */
function isAnswered(messages: readonly Received[], replays: number, { missed, seen }: Wish): boolean {
  for (let replay = 1; replay <= replays; replay++) {
    const held = messages.filter((one) => one.replay === replay).map(({ content }) => content);
    if (held.some((content) => missed.includes(content)) && !held.some((content) => seen.has(content))) return true;
  }
  const came = messages.filter(({ replay }) => replay === null);
  return missed.every((content) => came.some((one) => one.content === content));
}

/** How often a message was told. Who was asked more than once may answer each time, so each answer then counts by itself. */
export function timesOf(messages: readonly Received[], content: string, asked: number): number {
  const copies = messages.filter((message) => message.content === content);
  if (asked === 1) return copies.length;
  const perReplay = new Map<number | null, number>();
  for (const { replay } of copies) perReplay.set(replay, (perReplay.get(replay) ?? 0) + 1);
  const live = perReplay.get(null) ?? 0;
  if (perReplay.size === 1 && live > 0) return Math.max(1, live - (asked - 1));
  return Math.max(...perReplay.values());
}

/**
 * How many messages came that had been seen before. Where several replays were sent, the one that begins at the place that was named
 * is the answer; another may have been sent to whoever enters.
 */
export function seenAgain(messages: readonly Received[], seen: ReadonlySet<string>): number {
  const again = messages.filter(({ content }) => seen.has(content));
  const replays = new Set(messages.flatMap(({ replay }) => replay ?? []));
  const isClean = [...replays].some((replay) => !again.some((one) => one.replay === replay));
  return again.filter(({ replay }) => replay === null || !isClean).length;
}
