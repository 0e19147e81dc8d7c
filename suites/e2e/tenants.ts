import type { Account } from '../../platform/accounts.ts';
import { useStrangers } from '../../platform/people.ts';
import { type Reply, whyNoData } from '../../platform/trpc.ts';
import type { Http } from '../../probes/http.ts';
import type { BodyContext } from '../../runners/body.ts';
import { notStarted } from './room.ts';

/** Two tenants side by side: the one whose things are looked for, and the one that looks. */
export interface Neighbours {
  readonly owner: Account;
  readonly stranger: Account;
}

/** Null: said why not. */
export async function useNeighbours(context: BodyContext, http: Http, assertion: string): Promise<Neighbours | null> {
  const pair = await useStrangers(context, http);
  return pair.kind === 'pair' ? { owner: pair.host, stranger: pair.guest } : notStarted(context, assertion, pair);
}

/** One attempt of the stranger at something of the owner's. */
export interface Attempt {
  readonly what: string;
  readonly assertion: string;
  ask(who: Account): Promise<Reply>;
  /** What an answer must not contain: ids and marks of the owner. */
  readonly hidden: readonly string[];
}

/**
 * The owner asks first: only where the owner gets it does it say something that the stranger does not. Foreign data is named
 * by what it is, never shown.
 */
export async function attempt(context: BodyContext, { owner, stranger }: Neighbours, one: Attempt): Promise<void> {
  const own = await one.ask(owner);
  if (whyNoData(own) !== null || !shows(own, one.hidden))
    return context.breaks(
      one.assertion,
      `${one.what}: its own tenant does not get it (${whyNoData(own) ?? 'it is not in the answer'})`,
    );
  await mustNotShow(context, stranger, one);
}

/** The same for what would change something: only the stranger tries. */
export async function mustNotShow(
  context: BodyContext,
  stranger: Account,
  { what, assertion, ask, hidden }: Attempt,
): Promise<void> {
  const reply = await ask(stranger);
  const seen = {
    startMs: reply.answer.startMs,
    expected: 'not found, or a list without it',
    observed: `${what}: ${observed(reply)}`,
  };
  if (!reply.ok && reply.status === null) context.breaks(assertion, `${what}: ${reply.because}`, seen);
  else if (shows(reply, hidden))
    context.breaks(assertion, `another tenant got it by ${what}`, { ...seen, observed: `${what}: answered with it` });
  else context.holds(assertion, seen);
}

/** A change that goes through has shown itself, whatever the answer holds. */
export async function mustNotDo(context: BodyContext, stranger: Account, one: Omit<Attempt, 'hidden'>): Promise<void> {
  const reply = await one.ask(stranger);
  const wrong = whyNoData(reply);
  const seen = { startMs: reply.answer.startMs, expected: 'refused', observed: `${one.what}: ${observed(reply)}` };
  if (wrong === null) context.breaks(one.assertion, `another tenant could do ${one.what}`, seen);
  else if (!reply.ok && reply.status === null) context.breaks(one.assertion, `${one.what}: ${wrong}`, seen);
  else context.holds(one.assertion, seen);
}

/** An error may repeat the id it was asked for; that is no data. */
function shows(reply: Reply, hidden: readonly string[]): boolean {
  if (!reply.ok || reply.outcome.kind !== 'data') return false;
  const text = JSON.stringify(reply.outcome.data) ?? '';
  return hidden.some((one) => text.includes(one));
}

function observed(reply: Reply): string {
  if (!reply.ok) return reply.because;
  return reply.outcome.kind === 'data' ? `${reply.status} without it` : `${reply.status} ${reply.outcome.error.name}`;
}
