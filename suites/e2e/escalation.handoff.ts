import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../platform/accounts.ts';
import { under } from '../../platform/health.ts';
import { isRecord } from '../../platform/json.ts';
import { dataOf, type Made } from '../../platform/people.ts';
import { whyNoData } from '../../platform/trpc.ts';
import { type Listened, listenTo } from '../../probes/events.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { type Chair, lostAfterMs, openPlace, seat, withHttp } from './room.ts';

/** The customer writes in a chat session; the agent is another user of the tenant. */
const body: Body = (context) =>
  withHttp(context, async (http) => {
    const place = await openPlace(context, http, 'seen');
    if (place === null) return;
    const { host: customer, guest: agent, sessionId, urls } = place;
    const chair = await seat(context, 'replied', { name: 'the customer', account: customer, url: urls[0]!, sessionId });
    if (chair === null) return;
    const stream = await watch(context, agent);
    if (stream.ok) context.cleanup(() => stream.close());
    const reason = `Shakedown ${crypto.randomUUID()}: the assistant could not help`;
    const escalation = await escalate(context, customer, sessionId, reason);
    if (!escalation.ok) return context.breaks('seen', escalation.because);
    await isTold(context, stream, escalation.id);
    if (!(await isSeen(context, agent, escalation.id))) return;
    if (!(await take(context, agent, escalation.id))) return;
    await reply(context, agent, chair, sessionId);
    await resolve(context, agent, escalation.id);
  });
export default body;

const watch = (context: BodyContext, { session }: Account): Promise<Listened> => {
  const { url, trpcPath } = context.environment.api!;
  return listenTo(context, `${under(url, trpcPath)}/escalations.watch`, session.headers);
};

async function escalate(context: BodyContext, customer: Account, sessionId: string, reason: string): Promise<Made> {
  const tenantId = customer.tenantId ?? (await tenantOf(customer));
  if (tenantId === null) return { ok: false, because: 'the tenant of the customer is not known' };
  const made = await customer.client.mutation('escalations.create', {
    tenantId,
    sessionId,
    escalationType: 'user_request',
    reason,
  });
  const wrong = whyNoData(made);
  const data = dataOf(made);
  context.note('escalated', wrong ?? 'accepted');
  if (wrong === null && isRecord(data) && typeof data.id === 'string') return { ok: true, id: data.id };
  return { ok: false, because: `escalations.create: ${wrong ?? 'answered without an id'}` };
}

async function tenantOf({ client }: Account): Promise<string | null> {
  const data = dataOf(await client.query('auth.getSession'));
  const user = isRecord(data) && isRecord(data.user) ? data.user : {};
  return typeof user.tenantId === 'string' ? user.tenantId : null;
}

/** Somebody who must look by themselves, whether anybody waits, has not been told. */
async function isTold(context: BodyContext, stream: Listened, id: string): Promise<void> {
  if (!stream.ok) {
    if (stream.status === null) return context.breaks('notified', `escalations.watch: ${stream.because}`);
    return context.unmet(
      `a way in which agents are told of escalations (escalations.watch ${stream.because})`,
      'notified',
    );
  }
  const withinMs = lostAfterMs(context);
  const startMs = context.now();
  const told = () => stream.events.find(({ data }) => data.includes(id));
  while (!told() && context.now() - startMs < withinMs && !context.signal.aborted) await sleep(50);
  const event = told();
  if (event) context.holds('notified', { startMs, observed: `after ${(event.atMs - startMs).toFixed(0)} ms` });
  else
    context.breaks(
      'notified',
      `after a customer asked for a person, no agent was told of it within ${withinMs / 1000} s`,
      { startMs },
    );
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

async function take(context: BodyContext, { client, userId }: Account, escalationId: string): Promise<boolean> {
  const humanAgentId =
    userId ?? String((dataOf(await client.query('users.me')) as Record<string, unknown> | undefined)?.id ?? '');
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
  const listed = dataOf(await client.query('escalations.list', { status: 'assigned', limit: 100 }));
  const row = Array.isArray(listed) ? listed.filter(isRecord).find((one) => one.id === escalationId) : undefined;
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

async function resolve(context: BodyContext, { client }: Account, escalationId: string): Promise<void> {
  const wrong = whyNoData(
    await client.mutation('escalations.resolve', {
      escalationId,
      resolutionNotes: 'Answered by a person in the chat.',
      resolvedBy: 'agent',
    }),
  );
  const pending = dataOf(await client.query('escalations.list', { status: 'pending', limit: 100 }));
  const still = Array.isArray(pending) && pending.filter(isRecord).some((one) => one.id === escalationId);
  if (wrong !== null) context.breaks('resolved', `escalations.resolve: ${wrong}`);
  else if (still) context.breaks('resolved', 'an escalation that was resolved is still listed as pending');
  else context.holds('resolved');
}
