import type { Account } from '../../platform/accounts.ts';
import { isRecord } from '../../platform/json.ts';
import { asNobody, dataOf, type Made, makeSession, tenantOf } from '../../platform/people.ts';
import { whyNoData } from '../../platform/trpc.ts';
import type { Http } from '../../probes/http.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { isTold, watchAsAgent } from './agents-told.ts';
import { type Chair, isLimit, lostAfterMs, openPlace, seat, withHttp } from './room.ts';

/** The customer writes in a chat session; the agent is another user of the tenant. */
const body: Body = (context) =>
  withHttp(context, async (http) => {
    const place = await openPlace(context, http, 'seen');
    if (place === null) return;
    const { host: customer, guest: agent, sessionId, urls } = place;
    const chair = await seat(context, 'replied', { name: 'the customer', account: customer, url: urls[0]!, sessionId });
    if (chair === null) return;
    const [tenantId, agentId] = [await tenantOf(customer), await idOfUser(agent)];
    if (tenantId === null || agentId === null)
      return context.breaks('seen', 'neither auth.getSession nor users.me tells who is signed in, and in which tenant');
    const watch = await watchAsAgent(context, agent, { tenantId, agentId });
    const escalation = await escalate(context, customer, { tenantId, sessionId });
    if (!escalation.ok) return context.breaks('seen', escalation.because);
    await isTold(context, watch, escalation.id);
    if (!(await isSeen(context, agent, escalation.id))) return;
    await reachesWithoutSession(context, http, { customer, agent, tenantId });
    if (!(await take(context, agent, escalation.id, agentId))) return;
    await reply(context, agent, chair, sessionId);
    await resolve(context, agent, escalation.id);
  });
export default body;

/** The customer of a tenant's widget has no session of the platform; the contract declares the call open to them. */
async function reachesWithoutSession(
  context: BodyContext,
  http: Http,
  { customer, agent, tenantId }: { readonly customer: Account; readonly agent: Account; readonly tenantId: string },
): Promise<void> {
  const session = await makeSession(customer);
  if (!session.ok) return context.breaks('seen', session.because);
  const made = await escalate(context, { client: asNobody(context, http) }, { tenantId, sessionId: session.id });
  if (made.ok) await isSeen(context, agent, made.id);
  else if (isLimit(made.because))
    context.unmet(`a limit of calls without a session that lets customers in (${made.because})`, 'seen');
  else context.breaks('seen', `a customer without a session could not ask for a person: ${made.because}`);
}

async function escalate(context: BodyContext, customer: Pick<Account, 'client'>, ids: Ids): Promise<Made> {
  const made = await customer.client.mutation('escalations.create', {
    tenantId: ids.tenantId,
    sessionId: ids.sessionId,
    escalationType: 'user_request',
    reason: `Shakedown ${crypto.randomUUID()}: the assistant could not help`,
  });
  const wrong = whyNoData(made);
  const data = dataOf(made);
  context.note('escalated', wrong ?? 'accepted');
  if (wrong === null && isRecord(data) && typeof data.id === 'string') return { ok: true, id: data.id };
  return { ok: false, because: `escalations.create: ${wrong ?? 'answered without an id'}` };
}

interface Ids {
  readonly tenantId: string;
  readonly sessionId: string;
}

async function idOfUser({ client, userId }: Account): Promise<string | null> {
  if (userId !== null) return userId;
  const me = dataOf(await client.query('users.me'));
  return isRecord(me) && typeof me.id === 'string' ? me.id : null;
}

async function isSeen(context: BodyContext, { client }: Account, id: string): Promise<boolean> {
  const reply = await client.query('escalations.list', { status: 'pending', limit: 100 });
  const wrong = whyNoData(reply);
  const data = dataOf(reply);
  const row = Array.isArray(data) ? data.filter(isRecord).find((one) => one.id === id) : undefined;
  if (row) context.holds('seen');
  else
    context.breaks(
      'seen',
      wrong === null ? 'the escalation is not among those an agent sees as pending' : `escalations.list: ${wrong}`,
    );
  return row !== undefined;
}

async function take(
  context: BodyContext,
  { client }: Account,
  escalationId: string,
  humanAgentId: string,
): Promise<boolean> {
  const steps = [
    ['escalations.assign', { escalationId, humanAgentId }],
    ['escalations.agentJoined', { escalationId }],
  ] as const;
  for (const [procedure, input] of steps) {
    const wrong = whyNoData(await client.mutation(procedure, input));
    if (wrong === null) continue;
    context.breaks('taken', `${procedure}: ${wrong}`);
    return false;
  }
  const row = await listedAs(client, 'assigned', escalationId);
  if (row?.humanAgentId === humanAgentId) context.holds('taken');
  else context.breaks('taken', 'an escalation that an agent took is not listed as assigned to them');
  return row !== undefined;
}

async function reply(context: BodyContext, { client }: Account, { ear }: Chair, sessionId: string): Promise<void> {
  const content = `Hello, I am a person. ${crypto.randomUUID()}`;
  const startMs = context.now();
  const wrong = whyNoData(await client.mutation('sessions.sendMessage', { sessionId, role: 'assistant', content }));
  if (wrong !== null) return context.breaks('replied', `sessions.sendMessage: ${wrong}`, { startMs });
  const withinMs = lostAfterMs(context);
  if (await ear.hears(content, withinMs)) context.holds('replied', { startMs });
  else
    context.breaks('replied', `after the agent replied, the customer did not get it within ${withinMs / 1000} s`, {
      startMs,
    });
}

/** It was assigned before, so that it is not pending says nothing: it must have become what it was not. */
async function resolve(context: BodyContext, { client }: Account, escalationId: string): Promise<void> {
  if (await isResolved(client, escalationId))
    return context.breaks('resolved', 'an escalation was told as resolved before anybody resolved it');
  const wrong = whyNoData(
    await client.mutation('escalations.resolve', {
      escalationId,
      resolutionNotes: 'Answered by a person in the chat.',
      resolvedBy: 'agent',
    }),
  );
  if (wrong !== null) return context.breaks('resolved', `escalations.resolve: ${wrong}`);
  for (const status of ['pending', 'assigned'] as const)
    if (await listedAs(client, status, escalationId))
      return context.breaks('resolved', `an escalation that was resolved is still listed as ${status}`);
  if (await isResolved(client, escalationId)) context.holds('resolved');
  else context.breaks('resolved', 'an escalation that was resolved is neither listed as resolved nor told with a time');
}

type Client = Account['client'];

async function isResolved(client: Client, escalationId: string): Promise<boolean> {
  if (await listedAs(client, 'resolved', escalationId)) return true;
  const one = dataOf(await client.query('escalations.getById', { escalationId }));
  return isRecord(one) && typeof one.resolvedAt === 'string';
}

async function listedAs(client: Client, status: 'pending' | 'assigned' | 'resolved', id: string) {
  const listed = dataOf(await client.query('escalations.list', { status, limit: 100 }));
  return Array.isArray(listed) ? listed.filter(isRecord).find((one) => one.id === id) : undefined;
}
