import { randomBytes } from 'node:crypto';
import type { Participants } from '../probes/media/participants.ts';
import type { Person } from '../probes/media/protocol.ts';
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

/** A question that nobody else in the run asks; its mark may come back in the answer. */
export function newQuestion(): string {
  return `What can you tell me about order ${randomBytes(3).toString('hex')}?`;
}

/**
 * Writes to the agent and waits for words of its own. The platform's agent talks on the topic `agent.chat`; an agent that
 * listens to LiveKit's own chat instead is asked there when it has not answered by half the time.
 */
export async function askAgent(
  participants: Participants,
  who: string,
  agent: Person,
  withinMs: number,
): Promise<{ readonly ok: true; readonly answer: string } | { readonly ok: false; readonly because: string }> {
  const question = newQuestion();
  const answer = participants.await(
    (happening) =>
      happening.who === who &&
      happening.what === 'data' &&
      happening.from === agent.identity &&
      wordsIn(happening.text) !== '',
    withinMs,
  );
  const message = { type: 'user_message', content: question, timestamp: Date.now() };
  const said = await participants.say(who, 'agent.chat', JSON.stringify(message));
  if (!said.ok) return { ok: false, because: `nothing can be written in the meeting: ${said.because}` };
  const early = await Promise.race([answer, pause(withinMs / 2)]);
  if (early === null) await participants.chat(who, question);
  const came = await answer;
  if (came?.what !== 'data') return { ok: false, because: `it did not answer within ${withinMs / 1000} s` };
  return { ok: true, answer: wordsIn(came.text) };
}

function pause(ms: number): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), ms).unref();
  });
}

/** `{type: "agent_message", content}`, or plain text. */
function wordsIn(text: string): string {
  const value = jsonOf(text);
  if (!isRecord(value)) return text.trim();
  return value.type === 'agent_message' && typeof value.content === 'string' ? value.content.trim() : '';
}
