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
  else if (/429|TOO_MANY|rate limit/i.test(pair.because))
    context.unmet(`a limit of sign-ins that lets the users of a run in (${pair.because})`);
  else context.breaks(assertion, `the people it takes could not be signed in: ${pair.because}`);
  return null;
}

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

/** How long a message may take to be called lost; its speed is judged under load, not here. */
export const lostAfterMs = (context: BodyContext): number => 2 * context.environment.timeoutMs;
