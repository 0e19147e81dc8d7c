import { randomUUID } from 'node:crypto';
import type { Account } from '../../platform/accounts.ts';
import { isRecord } from '../../platform/json.ts';
import { dataOf, makeSession, tenantOf } from '../../platform/people.ts';
import { type Reply, whyNoData } from '../../platform/trpc.ts';
import type { BodyContext } from '../../runners/body.ts';
import { type Belonging, belongings, type Call, idOfMarked, type Known, type Spot, stateOf } from './belongings.ts';
import type { Marks } from './side-by-side.ts';
import { spending } from './spending.ts';
import { attempt, mustNotDo, mustNotShow, mustStay, type Neighbours, shows } from './tenants.ts';

const assertion = 'other-data';

/**
 * Widgets, keys, personalities, customers, escalations and surveys: the owner makes one of each, and the stranger asks for it
 * by list, by id and by count, and tries to change it. Resolves to the marks of what was made.
 */
export async function otherData(context: BodyContext, both: Neighbours): Promise<Marks> {
  const marks: Record<string, string> = {};
  const [tenantId, session] = [await tenantOf(both.owner), await makeSession(both.owner)];
  if (tenantId === null || !session.ok) {
    context.unmet(session.ok ? 'auth.getSession that names the tenant' : session.because, assertion);
    return marks;
  }
  for (const one of belongings) {
    const spot = { tenantId, sessionId: session.id, mark: `sd${randomUUID().replaceAll('-', '').slice(0, 12)}` };
    const before = await countOf(both.stranger, one);
    const known = await make(context, both.owner, one, spot);
    if (known === null) continue;
    marks[`the ${one.what}`] = known.mark;
    await look(context, both, one, known);
    await counted(context, both, one, before);
    await tryToChange(context, both, one, known);
  }
  await spending(context, both, { assertion, sessionId: session.id });
  if (Object.keys(marks).length === 0)
    context.unmet('widgets, API keys, personalities, customers, escalations or surveys that can be made', assertion);
  return marks;
}

const askBy = ([procedure, input]: Call, { client }: Account): Promise<Reply> => client.query(procedure, input);

/** Null: said why not. */
async function make(context: BodyContext, owner: Account, one: Belonging, spot: Spot): Promise<Known | null> {
  if (owner.tenantId === null && one.remove === undefined) {
    context.note('not made', `a ${one.what} cannot be removed again from a tenant that stays`);
    return null;
  }
  const [procedure, input] = one.make(spot);
  const reply = await owner.client.mutation(procedure, input);
  const wrong = whyNoData(reply);
  if (wrong !== null) {
    if (isUnknown(reply, procedure)) context.note('no such procedure', procedure);
    else context.unmet(`a ${one.what} that can be made (${procedure} ${wrong})`, assertion);
    return null;
  }
  const made = dataOf(reply);
  if (isRecord(made) && typeof made.apiKey === 'string') context.secret(made.apiKey);
  const id = idOfMarked(made, spot.mark) ?? idOfMarked(dataOf(await one.list(owner.client)), spot.mark);
  if (id === null) {
    context.breaks(assertion, `listing every ${one.what}: its own tenant does not get the one it made`);
    return null;
  }
  const known = { ...spot, id };
  const removal = one.remove?.(known);
  if (owner.tenantId === null && removal !== undefined)
    context.cleanup(async () => void (await owner.client.mutation(...removal)));
  return known;
}

/** The contract: an unknown procedure answers 404, and its message names the path. */
function isUnknown(reply: Reply, procedure: string): boolean {
  return reply.ok && reply.outcome.kind === 'error' && reply.status === 404
    ? reply.outcome.error.message.includes(procedure)
    : false;
}

async function look(context: BodyContext, both: Neighbours, one: Belonging, known: Known): Promise<void> {
  const { id, mark } = known;
  await attempt(context, both, {
    what: `listing every ${one.what}`,
    assertion,
    hidden: [id, mark],
    ask: ({ client }) => one.list(client),
  });
  const call = one.open?.(known);
  if (call === undefined) return;
  // Whoever knows an id knows the id: what must stay hidden is what was written under it.
  const opening = { what: `asking ${call[0]}`, assertion, hidden: [mark], ask: (who: Account) => askBy(call, who) };
  const own = await opening.ask(both.owner);
  if (shows(own, [mark])) await mustNotShow(context, both.stranger, opening);
  else context.note('not shown to its own tenant', `${call[0]}: ${whyNoData(own) ?? 'answered without it'}`);
}

async function countOf({ client }: Account, { count }: Belonging): Promise<number | null> {
  if (count === undefined) return null;
  const data = dataOf(await client.query(count, {}));
  const total = isRecord(data) && data.total !== null ? Number(data.total) : Number.NaN;
  return Number.isFinite(total) ? total : null;
}

/** In a tenant of this run nobody else makes anything, so that its count stays while its neighbour's grows. */
async function counted(context: BodyContext, both: Neighbours, one: Belonging, before: number | null): Promise<void> {
  const { owner, stranger } = both;
  if (stranger.tenantId === null || before === null || ((await countOf(owner, one)) ?? 0) === 0) return;
  const after = await countOf(stranger, one);
  if (after === null) return context.note('not compared', `${one.count} does not tell the neighbour any more`);
  const seen = { expected: `${before}, as before`, observed: `${one.count}: ${after}` };
  if (after === before) context.holds(assertion, seen);
  else context.breaks(assertion, `${one.count} counted the ${one.what} of another tenant`, seen);
}

async function tryToChange(context: BodyContext, both: Neighbours, one: Belonging, known: Known): Promise<void> {
  const kept = {
    what: `the ${one.what}`,
    assertion: 'changes',
    ask: ({ client }: Account) => one.list(client),
    of: (data: unknown) => stateOf(data, known.id),
  };
  const changes = one.changes(known);
  if (changes.length === 0) return;
  const tried = one.refusedInSilence ? mustNotShow : mustNotDo;
  await mustStay(context, both.owner, [kept], async () => {
    for (const [procedure, input] of changes)
      await tried(context, both.stranger, {
        what: `${procedure} on the ${one.what} of its neighbour`,
        assertion: 'changes',
        hidden: [known.mark],
        ask: ({ client }) => client.mutation(procedure, input),
      });
  });
}
