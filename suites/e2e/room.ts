import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../platform/accounts.ts';
import { type Ear, sit } from '../../platform/conversation.ts';
import { makeSession, type Pair, usePair } from '../../platform/people.ts';
import { type Http, openHttp } from '../../probes/http.ts';
import type { BodyContext } from '../../runners/body.ts';

/** Two people of one tenant, and a chat session both may enter. */
export interface Place {
  readonly host: Account;
  readonly guest: Account;
  readonly sessionId: string;
  readonly urls: readonly string[];
}

/** Gives a body connections of its own and closes them, however it ends. */
export async function withHttp(context: BodyContext, work: (http: Http) => Promise<void>): Promise<void> {
  const http = openHttp(context);
  try {
    await work(http);
  } finally {
    await http.close();
  }
}

/** What keeps a check from its beginning: access that is not granted, or a deployment that does not let people in. */
export function notStarted(context: BodyContext, assertion: string, pair: Exclude<Pair, { kind: 'pair' }>): null {
  if (pair.kind === 'unmet') context.unmet(pair.needs);
  // The declared limit of sign-ins counts by address; that it holds is no failure of what is looked at here.
  else if (isLimit(pair.because))
    context.unmet(`a limit of sign-ins that lets the users of a run in (${pair.because})`);
  else context.breaks(assertion, `the people it takes could not be signed in: ${pair.because}`);
  return null;
}

/** A refusal for having asked too often. */
export const isLimit = (because: string): boolean => /429|TOO_MANY|rate limit/i.test(because);

/** Null: said why not. */
export async function openPlace(context: BodyContext, http: Http, assertion: string): Promise<Place | null> {
  const { realtime } = context.environment;
  if (realtime === null) {
    context.unmet('realtime');
    return null;
  }
  const pair = await usePair(context, http);
  if (pair.kind !== 'pair') return notStarted(context, assertion, pair);
  const session = await makeSession(pair.host);
  if (session.ok) return { host: pair.host, guest: pair.guest, sessionId: session.id, urls: realtime.urls };
  context.breaks(assertion, session.because);
  return null;
}

export interface Chair {
  readonly ear: Ear;
  readonly serverId: string | null;
}

/** Seats somebody in a room; null: said why not. */
export async function seat(
  context: BodyContext,
  assertion: string,
  who: { readonly name: string; readonly account: Account; readonly url: string; readonly sessionId: string },
): Promise<Chair | null> {
  const { url, sessionId, account } = who;
  const seated = await sit(context, { url, sessionId, token: account.session.token });
  if (seated.ok) {
    context.cleanup(async () => seated.ear.socket.close());
    return { ear: seated.ear, serverId: seated.serverId };
  }
  context.breaks(assertion, `${who.name} could not enter the room at ${url}: it ${seated.because}`);
  return null;
}

/** Within what a server may take for a flood. */
const apartMs = 100;
const againMs = 1_000;
const mostTries = 3;

/**
 * Says something at the pace of a person who writes fast, and once more where it is refused: a server may cap the rate of what it
 * takes, and what it refused is not lost. Resolves to the last refusal; null: taken, or nothing was said of it.
 */
export async function say(context: BodyContext, { ear }: Pick<Chair, 'ear'>, content: string): Promise<string | null> {
  const clientId = randomUUID();
  for (let tries = 1; ; tries++) {
    await ear.until(() => context.now() >= (lastSaidMs.get(ear) ?? -apartMs) + apartMs, apartMs);
    lastSaidMs.set(ear, context.now());
    const [acks, errors] = [ear.acks.length, ear.errors.length];
    ear.say(content, clientId);
    await ear.until(() => ear.acks.length > acks || ear.errors.length > errors, againMs);
    if (ear.acks.length > acks || ear.errors.length === errors) return null;
    if (tries === mostTries || context.signal.aborted) return ear.errors.at(-1)!;
    await sleep(againMs);
  }
}

const lastSaidMs = new WeakMap<Ear, number>();

/** How long a message may take to be called lost; its speed is judged under load, not here. */
export const lostAfterMs = (context: BodyContext): number => 2 * context.environment.timeoutMs;
