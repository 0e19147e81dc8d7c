import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Done, Participants } from '../probes/media/participants.ts';
import type { Happening, Person } from '../probes/media/protocol.ts';
import { isRecord, jsonOf } from './json.ts';

/** An agent is known by its kind, by what its metadata say, or by its identity. */
export function isAgent({ kind, identity, metadata }: Person): boolean {
  const told = jsonOf(metadata);
  return kind === 'agent' || identity.startsWith('agent-') || (isRecord(told) && told.isAgent === true);
}

/** The agent in the meeting of `who`, now or within the time; null when none comes. */
export async function agentIn(participants: Participants, who: string, withinMs: number): Promise<Person | null> {
  const present = await participants.people(who);
  const there = present.ok ? present.value.find(isAgent) : undefined;
  if (there) return there;
  const came = await participants.await(
    (happening) => happening.who === who && happening.what === 'came' && isAgent(happening.person),
    withinMs,
  );
  return came?.what === 'came' ? came.person : null;
}

/** Has the agent a voice in the meeting, now or within the time? */
export async function hasVoice(participants: Participants, who: string, { identity }: Person, withinMs: number) {
  const untilMs = participants.now() + withinMs;
  for (;;) {
    const present = await participants.people(who);
    if (!present.ok || participants.now() > untilMs) return false;
    if (present.value.some((person) => person.identity === identity && person.hasVoice)) return true;
    await sleep(200);
  }
}

/** A question that nobody else in the run asks; its mark may come back in the answer. */
export function newQuestion(): string {
  return `What can you tell me about order ${randomBytes(3).toString('hex')}?`;
}

export type Told = { readonly ok: true; readonly answer: string } | { readonly ok: false; readonly because: string };

/** So long an agent may take from coming in to its greeting, and from one part of what it writes to the next. */
const betweenWordsMs = 2_000;

/**
 * Writes to the agent and waits for words of its own, which must be written after the question. Where the agent had written
 * nothing before it, what came may still be a greeting that was late, so it is asked once more.
 */
export async function askAgent(
  participants: Participants,
  who: string,
  agent: Person,
  withinMs: number,
): Promise<Told> {
  const writes = writtenBy(who, agent);
  const calm = () => untilCalm(participants, writes, betweenWordsMs, withinMs);
  const restless = `it went on writing for ${withinMs / 1000} s without being asked`;
  if (!(await calm())) return { ok: false, because: restless };
  const hasGreeted = participants.last(writes) !== null;
  const first = await askOnce(participants, who, agent, withinMs);
  if (!first.ok || hasGreeted) return first;
  if (!(await calm())) return { ok: false, because: restless };
  const second = await askOnce(participants, who, agent, withinMs);
  return second.ok ? second : { ok: false, because: `${second.because}; only once had it written something` };
}

/**
 * The platform's agent talks on the topic `agent.chat`; one that listens to LiveKit's own chat, or takes what is written as
 * it stands, is asked there when it has not answered after its share of the time.
 */
async function askOnce(participants: Participants, who: string, agent: Person, withinMs: number): Promise<Told> {
  const question = newQuestion();
  const message = JSON.stringify({ type: 'user_message', content: question, timestamp: Date.now() });
  const forms: readonly (() => Promise<Done<null>>)[] = [
    () => participants.say(who, 'agent.chat', message),
    () => participants.chat(who, question),
    () => participants.say(who, 'agent.chat', question),
  ];
  const answer = new Answer(question, participants.now());
  const writes = writtenBy(who, agent);
  const answered = participants.next((happening) => writes(happening) && answer.endsWith(happening), withinMs);
  for (const form of forms) {
    const said = await form();
    if (!said.ok) return { ok: false, because: `nothing can be written in the meeting: ${said.because}` };
    if (await Promise.race([answered, sleep(withinMs / forms.length, null)])) break;
  }
  if ((await answered) !== null) return { ok: true, answer: answer.words };
  const begun = answer.words === '' ? '' : ', although it began to';
  return { ok: false, because: `it did not answer within ${withinMs / 1000} s${begun}` };
}

/** What is written after a question, piece by piece until a piece says that it is the last, or says nothing of it. */
export class Answer {
  words = '';
  private readonly question: string;
  private readonly askedMs: number;

  constructor(question: string, askedMs: number) {
    this.question = question;
    this.askedMs = askedMs;
  }

  /** Takes one message and says whether the answer is there with it. */
  endsWith(happening: Happening): boolean {
    if (happening.what !== 'data' || happening.atMs <= this.askedMs) return false;
    const { words, isFinal } = pieceOf(happening.text);
    // A transcript of the chat repeats what was asked; whoever answers does it on the agent's own topic.
    if (happening.topic !== 'agent.chat' && words === this.question) return false;
    // The last piece holds the whole, or nothing but the end.
    this.words = isFinal && words !== '' ? words : `${this.words} ${words}`.trim();
    return isFinal && this.words !== '';
  }
}

/** `{type: "agent_message", content, is_final}`, or plain text. */
function pieceOf(text: string): { readonly words: string; readonly isFinal: boolean } {
  const value = jsonOf(text);
  if (!isRecord(value)) return { words: text.trim(), isFinal: true };
  const isWords = value.type === 'agent_message' && typeof value.content === 'string';
  // Some other message of the agent's says nothing and ends nothing.
  if (!isWords) return { words: '', isFinal: false };
  return { words: String(value.content).trim(), isFinal: value.is_final !== false };
}

const writtenBy =
  (who: string, { identity }: Person) =>
  (happening: Happening): boolean =>
    happening.who === who && happening.what === 'data' && happening.from === identity;

/** Waits until the agent has not been heard for so long; false when it speaks on and on. */
export const untilSilent = (
  participants: Participants,
  who: string,
  { identity }: Person,
  silentMs: number,
  withinMs: number,
): Promise<boolean> =>
  untilCalm(
    participants,
    (one) => one.who === who && (one.what === 'sound' || one.what === 'quiet') && one.from === identity,
    silentMs,
    withinMs,
  );

/** Waits until nothing of a kind has happened for so long, from now on; false when it does not end within the time. */
async function untilCalm(
  participants: Participants,
  kind: (happening: Happening) => boolean,
  calmMs: number,
  withinMs: number,
): Promise<boolean> {
  const fromMs = participants.now();
  for (;;) {
    const last = participants.last(kind);
    const nowMs = participants.now();
    if (last?.what !== 'sound' && nowMs - Math.max(fromMs, last?.atMs ?? fromMs) >= calmMs) return true;
    if (nowMs - fromMs >= withinMs + calmMs) return false;
    await sleep(100);
  }
}
