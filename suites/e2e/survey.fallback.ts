import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../platform/accounts.ts';
import { makeTenant } from '../../platform/accounts.ts';
import { isRecord } from '../../platform/json.ts';
import { type Sent, sentTo } from '../../platform/outbox.ts';
import { dataOf, idOf, type Made, makeSession } from '../../platform/people.ts';
import { whyNoData } from '../../platform/trpc.ts';
import type { Http } from '../../probes/http.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { lostAfterMs, notStarted, withHttp } from './room.ts';

/** The tiers in their order, what each sends, and the assertion it is held by. */
const tiers = [
  { method: 'ai_call', channel: 'call', assertion: 'call' },
  { method: 'sms_link', channel: 'sms', assertion: 'text-message' },
  { method: 'email_link', channel: 'email', assertion: 'mail' },
] as const;
const longestMs = 90_000;

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const { surveys, outbox, accounts } = context.environment;
    if (surveys === null || outbox === null) return context.unmet(surveys === null ? 'surveys' : 'outbox');
    if (!accounts?.create) return context.unmet('accounts.create');
    const totalMs = surveys.fallbackSeconds.reduce((sum, seconds) => sum + seconds * 1000, 0);
    if (totalMs > longestMs) return context.unmet(`surveys.fallbackSeconds of ${longestMs / 1000} s together at most`);
    const use = await makeTenant(context, http);
    if (use.kind !== 'account') return void notStarted(context, 'offered', use);
    const customers = { waits: newCustomer(context), answers: newCustomer(context) };
    const waiting = await offer(context, use.account, customers.waits);
    const answered = await offer(context, use.account, customers.answers);
    for (const survey of [waiting, answered]) if (!survey.ok) return context.breaks('offered', survey.because);
    if (!waiting.ok || !answered.ok) return;
    context.holds('offered');
    await answer(context, use.account, answered.id);
    await goesOn(context, http, customers.waits, surveys.fallbackSeconds);
    await stops(context, http, customers.answers);
  });
export default body;

interface Customer {
  readonly phone: string;
  readonly email: string;
}

/** Numbers of +1 555 01xx to 555 0199 are kept for fiction; the rest of these digits only keeps runs apart. */
const newCustomer = ({ scope }: BodyContext): Customer => ({
  phone: `+1555${String(randomInt(1_000_000_000)).padStart(9, '0')}`,
  email: `${scope}-customer-${crypto.randomUUID().slice(0, 8)}@example.com`,
});

async function offer(context: BodyContext, account: Account, { phone, email }: Customer): Promise<Made> {
  const { client, tenantId } = account;
  const session = await makeSession(account);
  if (!session.ok) return session;
  const person = idOf(
    'endUsers.createOrGet',
    await client.mutation('endUsers.createOrGet', { tenantId, phone, email, name: `Shakedown ${context.scope}` }),
  );
  if (!person.ok) return person;
  return idOf(
    'surveys.create',
    await client.mutation('surveys.create', {
      tenantId,
      sessionId: session.id,
      endUserId: person.id,
      surveyMethod: 'in_widget',
    }),
  );
}

async function answer(context: BodyContext, { client }: Account, surveyId: string): Promise<void> {
  const reply = await client.mutation('surveys.update', { surveyId, experienceRating: 4, problemSolved: true });
  const wrong = whyNoData(reply);
  const data = dataOf(reply);
  if (wrong === null && isRecord(data) && data.surveyCompleted === true) context.holds('answered');
  else context.breaks('answered', `surveys.update: ${wrong ?? 'an answered survey is not completed'}`);
}

/** Each tier in its turn; what has not come by the time of its tier and a little more, is not coming. */
async function goesOn(
  context: BodyContext,
  http: Http,
  { phone, email }: Customer,
  seconds: readonly number[],
): Promise<void> {
  let before = 'the survey was offered';
  for (const [i, { channel, assertion }] of tiers.entries()) {
    const withinMs = (seconds[i] ?? 0) * 1000 + lostAfterMs(context);
    const sent = await arrives(context, http, { to: channel === 'email' ? email : phone, channel, withinMs });
    if (typeof sent === 'string') {
      context.breaks(assertion, `after ${before} and nobody answered, no ${words[channel]} went out: ${sent}`);
      return;
    }
    context.holds(assertion, { observed: sent.text.slice(0, 120) });
    if (channel !== 'call') linked(context, assertion, sent);
    before = `the ${words[channel]} went out`;
  }
}

const words = { call: 'call', sms: 'text message', email: 'mail' } as const;

async function arrives(
  context: BodyContext,
  http: Http,
  wanted: { readonly to: string; readonly channel: string; readonly withinMs: number },
): Promise<Sent | string> {
  const end = context.now() + wanted.withinMs;
  for (;;) {
    const all = await sentTo(context, http, wanted.to);
    if (typeof all === 'string') return all;
    const found = all.find(({ channel, kind }) => channel === wanted.channel && kind === 'survey');
    if (found) return found;
    if (context.now() >= end || context.signal.aborted)
      return `nothing within ${(wanted.withinMs / 1000).toFixed(0)} s`;
    await sleep(250);
  }
}

function linked(context: BodyContext, assertion: string, { link, text }: Sent): void {
  if (link !== null || /https?:\/\//.test(text)) context.holds(assertion);
  else context.breaks(assertion, 'the message carries no link to answer at');
}

/** By now the other survey has gone through all tiers; whoever answered has been left in peace. */
async function stops(context: BodyContext, http: Http, { phone, email }: Customer): Promise<void> {
  for (const to of [phone, email]) {
    const all = await sentTo(context, http, to);
    if (typeof all === 'string') return context.unmet(`an outbox that can be read: ${all}`, 'stops');
    const sent = all.filter(({ kind }) => kind === 'survey').length;
    if (sent > 0) return context.breaks('stops', `whoever had answered was asked ${sent} times more`);
  }
  context.holds('stops');
}
