import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../platform/accounts.ts';
import { ask, simpleQuestion } from '../../platform/assistant.ts';
import { isRecord } from '../../platform/json.ts';
import { dataOf } from '../../platform/people.ts';
import type { BodyContext } from '../../runners/body.ts';
import type { Neighbours } from './tenants.ts';

const procedure = 'analytics.getCostAnalysis';
/** What an answer is counted by, whatever the deployment calls it. Not rates or prices: those may change by themselves. */
const counting = /cost|spen[dt]|token|answer|question|request|message|count|total/i;
const waitMs = 3_000;
const againMs = 500;

/**
 * The owner asks the AI, which costs something: the owner's analysis of costs tells it, and the neighbour's, who asked nothing, stays as
 * it was. The contract names no shape, so that every number that counts something is compared with what it was.
 */
export async function spending(
  context: BodyContext,
  { owner, stranger }: Neighbours,
  { assertion, sessionId }: { readonly assertion: string; readonly sessionId: string },
): Promise<void> {
  // In a tenant that this run has not made somebody else may be asking.
  if (stranger.tenantId === null) return;
  const before = { own: await counts(owner), theirs: await counts(stranger) };
  if (before.own === null || before.theirs === null) return context.note('not compared', `${procedure} tells nothing`);
  const asked = await ask(owner, sessionId, simpleQuestion(crypto.randomUUID()));
  if (!asked.ok) return context.note('not compared', `${procedure}: ${asked.because}`);
  // What is counted behind the answer may take a moment.
  const end = context.now() + waitMs;
  let own = await counts(owner);
  while (own === before.own && context.now() < end && !context.signal.aborted) {
    await sleep(againMs);
    own = await counts(owner);
  }
  if (own === null || own === before.own)
    return context.note('not compared', `${procedure} does not tell its own tenant of an answer`);
  const theirs = await counts(stranger);
  if (theirs === null) return context.note('not compared', `${procedure} does not tell the neighbour any more`);
  const isSame = theirs === before.theirs;
  const seen = { expected: 'as before', observed: `${procedure}: ${isSame ? 'as before' : 'other numbers'}` };
  if (isSame) context.holds(assertion, seen);
  else context.breaks(assertion, `${procedure} counted what another tenant spent`, seen);
}

/** Every number that counts something, by its path; null: there is none. */
async function counts({ client }: Account): Promise<string | null> {
  const found = numbersIn(dataOf(await client.query(procedure, { timeRange: '24h', groupBy: 'day' })), '');
  return found.length === 0 ? null : found.sort().join(', ');
}

/** `byModel.0.cost 0.01`, and so on. */
export function numbersIn(data: unknown, path: string): string[] {
  if (Array.isArray(data)) return data.flatMap((one, i) => numbersIn(one, `${path}.${i}`));
  if (isRecord(data))
    return Object.entries(data).flatMap(([key, one]) => numbersIn(one, path === '' ? key : `${path}.${key}`));
  const isNumber = typeof data === 'number' || (typeof data === 'string' && /^\d+(\.\d+)?$/.test(data));
  return isNumber && counting.test(path) ? [`${path} ${data}`] : [];
}
