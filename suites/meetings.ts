import { setTimeout as sleep } from 'node:timers/promises';
import { type Meeting, openMeeting } from '../platform/guests.ts';
import { openHttp } from '../probes/http.ts';
import { starvedAt } from '../probes/media/match.ts';
import { type Done, openParticipants, type Participants } from '../probes/media/participants.ts';
import type { Joined } from '../probes/media/protocol.ts';
import type { BodyContext } from '../runners/body.ts';

/** A meeting of this run and those who can take part in it. */
export interface Hall {
  readonly meeting: Meeting;
  readonly participants: Participants;
  /** `who` is our name for one stay; the same person's number must not be in twice at a time. */
  enter(
    who: string,
    person: number,
    how?: { readonly relayOnly?: boolean; readonly listens?: boolean },
  ): Promise<Done<Joined>>;
  /** The same meeting for people in one more process, whose work does not hold up what is timed in this one. */
  apart(): Hall;
}

const morePeople = 'meetings.tokens.mint, or two accounts of one tenant: database.serviceUrl or accounts.given';

/** Opens a meeting for a body and clears it away; `assertion` is what fails when nobody can meet at all. */
export async function inMeeting(
  context: BodyContext,
  assertion: string,
  work: (hall: Hall) => Promise<void>,
  people = 2,
): Promise<void> {
  const http = openHttp(context);
  const opened: Participants[] = [];
  const open = (): Participants => {
    opened.push(openParticipants(context));
    return opened.at(-1)!;
  };
  const close = async (): Promise<void> => void (await Promise.all(opened.map((participants) => participants.close())));
  context.cleanup(close);
  try {
    const found = await openMeeting(context, http);
    if (found.kind === 'unmet') return context.unmet(found.needs);
    if (found.kind === 'failed') return context.breaks(assertion, found.because);
    if (found.meeting.places < people) return context.unmet(morePeople);
    await work(hallOf(found.meeting, open));
  } finally {
    await close();
    await http.close();
  }
}

function hallOf(meeting: Meeting, open: () => Participants): Hall {
  const { url, iceServers } = meeting;
  const participants = open();
  return {
    meeting,
    participants,
    apart: () => hallOf(meeting, open),
    enter: async (who, person, how) => {
      const issued = await meeting.ticket(person);
      if (issued.kind === 'unmet') return { ok: false, because: `no token: needs ${issued.needs}`, ours: true };
      if (issued.kind === 'failed') return { ok: false, because: issued.because, ours: false };
      return participants.join(who, { url, token: issued.token, iceServers, ...how });
    },
  };
}

/** What was not done is the deployment's fault or ours; true when it was done. */
export function wasDone<T>(
  context: BodyContext,
  assertion: string,
  what: string,
  done: Done<T>,
): done is Extract<Done<T>, { ok: true }> {
  if (done.ok) return true;
  if (done.ours) context.ours('tool-missing', `${what}: ${done.because}`);
  else context.breaks(assertion, `${what}: ${done.because}`);
  return false;
}

export interface Rounds {
  readonly lanes: number;
  readonly count: number;
  /** So many are as good as `count`, where all came off, quickly and much alike; `count` unless said. */
  readonly enough?: number;
  readonly withinMs: number;
  /** A lane begins no two rounds within less; 0 unless said. */
  readonly everyMs?: number;
}

/** After so many failures in a row the rest would only repeat them. */
const enoughFailures = 5;

/**
 * Does one thing over and over in a few lanes beside each other; `round` says how long it took, ms, or null: it did not come
 * off. Evidence may be looked at as often as one likes (verdict/proportion.ts), so ending early makes no pass cheaper.
 */
export async function often(
  context: Pick<BodyContext, 'now' | 'signal'>,
  { lanes, count, enough = count, withinMs, everyMs = 0 }: Rounds,
  round: (number: number, lane: number) => Promise<number | null>,
): Promise<void> {
  const untilMs = context.now() + withinMs;
  const tookMs: number[] = [];
  let [next, failed, failures, isEnough] = [0, 0, 0, false];
  const mayGoOn = () => !isEnough && failures < enoughFailures && context.now() < untilMs && !context.signal.aborted;
  const run = async (lane: number): Promise<void> => {
    while (next < count && mayGoOn()) {
      const nextMs = context.now() + everyMs;
      const took = await round(next++, lane);
      failures = took === null ? failures + 1 : 0;
      if (took === null) failed += 1;
      else tookMs.push(took);
      isEnough = failed === 0 && tookMs.length >= enough && areAlike(tookMs);
      await sleep(Math.max(0, nextMs - context.now()), undefined, { signal: context.signal }).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane)));
}

/**
 * From a quarter of the way between the quickest and the target on, answers may stand in for late ones, and the more of them
 * hang together the more are needed (docs/decisions/0102). What is within 250 ms of a quickest below a second is no such answer
 * where two seconds are the target, or more.
 */
function areAlike(tookMs: readonly number[]): boolean {
  const quickestMs = Math.min(...tookMs);
  return quickestMs < 1_000 && Math.max(...tookMs) < quickestMs + 250;
}

/**
 * A latency of which a part may be our own waiting for a processor: it counts as our lateness in starting, so that a pass
 * stays a pass, and what would have passed without it is invalid and not a failure.
 */
export function tookWith(
  context: BodyContext,
  assertion: string,
  fromMs: number,
  tookMs: number,
  oursMs: number,
): void {
  const ours = Math.min(Math.max(0, oursMs), tookMs);
  context.took(assertion, { dueMs: fromMs, startMs: fromMs + ours, tookMs: tookMs - ours });
}

/**
 * Something did not come within its time. It is the deployment's failure, unless our own threads had no processor
 * meanwhile; then it spoils the check.
 */
export function neverCame(
  context: BodyContext,
  participants: Participants,
  assertions: readonly string[],
  because: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): void {
  const share = participants.starvedShare(fromMs, toMs);
  if (share > starvedAt) {
    const percent = Math.round(share * 100);
    context.ours(
      'generator-starved',
      `${because}, and our own threads waited for a processor ${percent} % of that time`,
    );
  } else for (const assertion of assertions) context.breaks(assertion, because, { startMs: fromMs });
}
