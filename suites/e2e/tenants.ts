import type { Account } from '../../platform/accounts.ts';
import { isRecord } from '../../platform/json.ts';
import { dataOf, useStrangers } from '../../platform/people.ts';
import { type Reply, type Trpc, whyNoData } from '../../platform/trpc.ts';
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
  if (isLimited(own)) return context.unmet(limits, one.assertion);
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
  if (isLimited(reply)) return context.unmet(limits, assertion);
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
  if (isLimited(reply)) return context.unmet(limits, one.assertion);
  const wrong = whyNoData(reply);
  const seen = { startMs: reply.answer.startMs, expected: 'refused', observed: `${one.what}: ${observed(reply)}` };
  if (wrong === null) context.breaks(one.assertion, `another tenant could do ${one.what}`, seen);
  else if (!reply.ok && reply.status === null) context.breaks(one.assertion, `${one.what}: ${wrong}`, seen);
  else context.holds(one.assertion, seen);
}

/** Who has asked too often is refused whatever it is: that says nothing of whose it is. */
const isLimited = ({ status }: Reply): boolean => status === 429;
const limits = 'limits that allow for the calls of this check';

/** What the owner sees of something that must stay as it is. */
export interface Kept {
  readonly what: string;
  readonly assertion: string;
  ask(owner: Account): Promise<Reply>;
  /** What of the answer must stay, by what it is called. */
  readonly of: (data: Record<string, unknown>) => Readonly<Record<string, unknown>>;
}

/** A refusal does not say that nothing was done: the owner looks before the attempts and after them. */
export async function mustStay(
  context: BodyContext,
  owner: Account,
  kept: readonly Kept[],
  attempts: () => Promise<void>,
): Promise<void> {
  const before: Facts[] = [];
  for (const one of kept) before.push(await factsOf(one, owner));
  await attempts();
  for (const [i, one] of kept.entries()) compareFacts(context, one, before[i]!, await factsOf(one, owner));
}

type Facts = Readonly<Record<string, unknown>> | string;

async function factsOf({ ask, of }: Kept, owner: Account): Promise<Facts> {
  const reply = await ask(owner);
  const data = dataOf(reply);
  return whyNoData(reply) ?? (isRecord(data) ? of(data) : 'answered with something else');
}

function compareFacts(context: BodyContext, { what, assertion }: Kept, before: Facts, after: Facts): void {
  const expected = 'as it was before the attempts of another tenant';
  if (typeof before === 'string') context.breaks(assertion, `${what}: its own tenant does not get it (${before})`);
  else if (typeof after === 'string')
    context.breaks(assertion, `after another tenant was refused ${what} was gone (${after})`, { expected });
  else {
    const names = Object.keys(before);
    const other = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
    const because = `after another tenant was refused, ${other.join(' and ')} of ${what} had changed`;
    if (other.length > 0) context.breaks(assertion, because, { expected });
    else context.holds(assertion, { expected, observed: `${what}: ${names.join(', ')}` });
  }
}

const pageRows = 100;
const mostPages = 30;

/**
 * A list to its end, as one answer: without a stable order nothing says on which page something stands. Its rows stand under
 * `key`; null: the answer is nothing but rows, and they stand under `rows` of what comes back.
 */
export async function everyPage(
  client: Trpc,
  procedure: string,
  key: string | null,
  input: object = {},
): Promise<Reply> {
  const all: unknown[] = [];
  for (let page = 0; ; page++) {
    const reply = asRecord(await client.query(procedure, { ...input, limit: pageRows, offset: page * pageRows }));
    const data = dataOf(reply);
    const rows = isRecord(data) ? data[key ?? 'rows'] : null;
    if (!reply.ok || !isRecord(data) || !Array.isArray(rows)) return reply;
    all.push(...rows);
    if (rows.length < pageRows || page + 1 === mostPages)
      return { ...reply, outcome: { kind: 'data', data: { ...data, [key ?? 'rows']: all } } };
  }
}

/** Bare rows under a name, as other lists have them. */
export function asRecord(reply: Reply): Reply {
  const rows = dataOf(reply);
  return reply.ok && Array.isArray(rows) ? { ...reply, outcome: { kind: 'data', data: { rows } } } : reply;
}

/** An error may repeat the id it was asked for; that is no data. */
export function shows(reply: Reply, hidden: readonly string[]): boolean {
  if (!reply.ok || reply.outcome.kind !== 'data') return false;
  const text = JSON.stringify(reply.outcome.data) ?? '';
  return hidden.some((one) => text.includes(one));
}

function observed(reply: Reply): string {
  if (!reply.ok) return reply.because;
  return reply.outcome.kind === 'data' ? `${reply.status} without it` : `${reply.status} ${reply.outcome.error.name}`;
}
