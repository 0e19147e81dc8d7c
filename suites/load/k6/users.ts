import exec from 'k6/execution';
import { due, finished, now, scenarioStart } from 'k6/x/shakedown';
import { query } from './calls.ts';
import { given, type Kind, person } from './given.ts';
import { askAs, nonce, openRoom, searchAs, visit } from './journeys.ts';
import { signIn } from './signin.ts';
import { enter, Post, rest } from './sockets.ts';
import { all, isList, isMe, isSession } from './verify.ts';

export const options = given.options;

/** A visit that began before we did: signed in already, somewhere in the middle. */
export async function present(): Promise<void> {
  const turn = exec.scenario.iterationInTest;
  const mine = given.present[turn % given.present.length]!;
  const fromMs = scenarioStart();
  const ends = ending(fromMs, mine.lengthMs);
  await rest(Math.min(ends, fromMs + (5_000 * turn) / given.present.length) - now());
  const who = person(mine.kind === 'meeter' ? meetersAmong(given.present.slice(0, turn)) : turn);
  await visit(mine.kind, { person: who, session: who.session, fromMs: now(), untilMs: ends });
  finished();
}

export async function journey(): Promise<void> {
  const turn = exec.scenario.iterationInTest;
  const kind: Kind = given.kinds[turn % given.kinds.length]!;
  const fromMs = due();
  // A quarter more or less, evenly: the mean stays, and no two visits keep step.
  const lengthMs = given.lengthsMs[kind] * (0.75 + (((turn * 7) % 11) / 10) * 0.5);
  const who = person(kind === 'meeter' ? meeterOf(turn) : given.present.length + turn);
  const session = signIn(who);
  await visit(kind, { person: who, session, fromMs: now(), untilMs: ending(fromMs, lengthMs) });
  finished();
}

/**
 * Meeters take turns through all users: a second one of the same name would throw the first out of the meeting, as it
 * should, and ten in a row of a hundred users come round after a minute.
 */
function meeterOf(turn: number): number {
  const { kinds, present } = given;
  const cycles = Math.floor(turn / kinds.length);
  const perCycle = kinds.filter((kind) => kind === 'meeter').length;
  const before = kinds.slice(0, turn % kinds.length).filter((kind) => kind === 'meeter').length;
  return meetersAmong(present) + cycles * perCycle + before;
}

const meetersAmong = (some: readonly { readonly kind: Kind }[]): number =>
  some.filter(({ kind }) => kind === 'meeter').length;

/** Visits end with the run, in good order, so that nothing has to be cut off. */
function ending(fromMs: number, lengthMs: number): number {
  return Math.min(fromMs + lengthMs, scenarioStart() + given.endsAfterMs);
}

/** Evenly paced, one call an iteration. */
export function api(): void {
  const turn = exec.scenario.iterationInTest;
  const who = person(turn);
  const calls = [
    { path: 'users.me', verify: isMe(who) },
    { path: 'sessions.list', input: { limit: 10 }, verify: isList('sessions') },
    { path: 'sessions.get', input: { id: who.room }, verify: isSession(who.room) },
    { path: 'knowledge.list', input: { limit: 10 }, verify: isList('documents') },
    { path: 'users.list', input: { limit: 10 }, verify: isList('users') },
    {
      path: 'users.me,sessions.get?batch=1',
      input: { 1: { id: who.room } },
      verify: all(isMe(who), isSession(who.room)),
    },
  ];
  query({ ...calls[Math.floor(turn / 7) % calls.length]!, session: who.session, stream: 'T-api', dueMs: -1 });
  finished();
}

export function chat(): void {
  const who = person(exec.scenario.iterationInTest);
  askAs(who, who.session, who.room, -1);
  finished();
}

export function search(): void {
  const who = searcher(exec.scenario.iterationInTest);
  searchAs(who, who.session, -1);
  finished();
}

/** The next one whose tenant has knowledge; the plan sends no searches when nobody's has. */
function searcher(turn: number) {
  for (let i = turn; ; i++) {
    const who = person(i);
    if (who.knowledge !== null) return who;
  }
}

export async function ws_connect(): Promise<void> {
  const turn = exec.scenario.iterationInTest;
  const who = person(turn);
  const room = await enter(who.session, who.room, turn, -1);
  room?.leave();
  finished();
}

/** Two users who write to each other all the time; their messages are the slots of the message stream. */
export async function pair(): Promise<void> {
  const { perSecond, atOnce, leadMs, slots } = given.pairs;
  const turn = exec.scenario.iterationInTest;
  const one = person(turn * 2);
  const other = person(one.partner);
  const first = scenarioStart() + leadMs;
  await rest((1_000 * turn) / atOnce);
  // A room of the pair's own: another pair of the same people would otherwise be overheard.
  const room = openRoom(one.session);
  const here = room === null ? null : await enter(one.session, room, turn, now());
  const there = room === null ? null : await enter(other.session, room, turn + 1, now());
  const post = new Post();
  there?.onMessage((content) => post.arrived(content));
  for (let slot = turn; slot < slots; slot += atOnce) {
    const dueMs = first + (slot * 1_000) / perSecond;
    await rest(dueMs - now());
    if (here !== null && there !== null) post.send(here, `sdm${one.index}x${nonce()}`, dueMs, true);
    else post.refuse(dueMs);
  }
  await post.settled();
  here?.leave();
  there?.leave();
  finished();
}
