import { now, spend } from 'k6/x/shakedown';
import { isRecord, mutation, query } from './calls.ts';
import { given, type Kind, type Person, person as personAt, type Session } from './given.ts';
import { meet } from './meeting.ts';
import { enter, Post, rest } from './sockets.ts';
import { isAnswerTo, isFound, isList, isMe, questionMark } from './verify.ts';

interface Visit {
  readonly person: Person;
  readonly session: Session;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** One user's visit, from signing in to leaving; every step is due at its own moment of the visit. */
export async function visit(kind: Kind, one: Visit): Promise<void> {
  if (kind === 'reader') await read(one);
  else if (kind === 'asker') await ask(one);
  else if (kind === 'talker') await talk(one);
  else await meet(one.person, one.session, one.untilMs);
}

async function read({ person, session, fromMs, untilMs }: Visit): Promise<void> {
  const lists = [
    { path: 'users.me', verify: isMe(person) },
    { path: 'sessions.list', input: { limit: 10 }, verify: isList('sessions') },
    { path: 'knowledge.list', input: { limit: 10 }, verify: isList('documents') },
  ];
  for (const list of lists) query({ ...list, session, stream: 'T-api', dueMs: now() });
  for (const step of [1, 2, 3]) {
    const dueMs = await until(fromMs + ((untilMs - fromMs) * step) / 4);
    if (person.knowledge) searchAs(person, session, dueMs);
  }
  await until(untilMs);
}

export function searchAs(person: Person, session: Session, dueMs: number): void {
  const input = { query: person.knowledge!.text, limit: 5, minScore: 0.3 };
  query({ session, path: 'knowledge.search', input, stream: 'T-search', dueMs, verify: isFound(person) });
}

async function ask({ person, session, fromMs, untilMs }: Visit): Promise<void> {
  const room = openRoom(session);
  for (const step of [1, 2, 3]) {
    const dueMs = await until(fromMs + ((untilMs - fromMs) * step) / 4);
    if (room !== null) askAs(person, session, room, dueMs);
  }
  await until(untilMs);
}

export function askAs(person: Person, session: Session, room: string, dueMs: number): void {
  if (!spend('aiMessages', 1)) return;
  const mark = questionMark(person, nonce());
  const content = `What should I look at first, and why? My reference is ${mark}.`;
  const answer = mutation({
    session,
    path: 'chat.sendMessage',
    input: { sessionId: room, content },
    stream: 'T-chat',
    dueMs,
    verify: isAnswerTo(person, content),
    timeoutMs: given.answerTimeoutMs,
  });
  spend('usd', costOf(answer));
}

/** What the platform says an answer cost, in millionths of a dollar; it is known only afterwards, so questions under way may still add to it. */
function costOf(answer: unknown): number {
  const usage = isRecord(answer) && isRecord(answer.usage) ? answer.usage : {};
  const usd = Number(usage.cost);
  return Number.isFinite(usd) && usd > 0 ? Math.ceil(usd * 1e6) : 0;
}

/** A chat session of one's own; null when it could not be had, which has been counted. */
export function openRoom(session: Session): string | null {
  const verify = (data: unknown) => (isRecord(data) && typeof data.id === 'string' ? '' : 'wrong-answer');
  const made = mutation({ session, path: 'sessions.create', input: {}, stream: '', dueMs: now(), verify });
  return isRecord(made) ? String(made.id) : null;
}

const messages = 10;

async function talk({ person, session, fromMs, untilMs }: Visit): Promise<void> {
  const room = openRoom(session);
  if (room === null) return void (await until(untilMs));
  const partner = personAt(person.partner);
  const here = await enter(session, room, 0, now());
  const there = await enter(partner.session, room, 1, now());
  const post = new Post();
  there?.onMessage((content) => post.arrived(content));
  const lead = Math.min(1_000, (untilMs - fromMs) / 10);
  for (let step = 0; step < messages; step++) {
    const dueMs = await until(fromMs + lead + ((untilMs - fromMs - lead) * step) / messages);
    if (here !== null && there !== null && dueMs < untilMs)
      post.send(here, `sdm${person.index}x${nonce()}`, dueMs, false);
  }
  await until(untilMs);
  await post.settled();
  here?.leave();
  there?.leave();
}

/** Rests until then and says when the next step was due: then, or now when the last step took longer. */
async function until(thenMs: number): Promise<number> {
  const before = now();
  if (before >= thenMs) return before;
  await rest(thenMs - before);
  return thenMs;
}

let made = 0;

/** Unlike any other of this run. */
export function nonce(): string {
  made += 1;
  return `${Math.floor(now() * 1000).toString(36)}${made.toString(36)}${Math.floor(Math.random() * 1e9).toString(36)}`;
}
