import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, makeTenant } from '../../platform/accounts.ts';
import { isRecord } from '../../platform/json.ts';
import { dataOf, idOf, makeSession } from '../../platform/people.ts';
import { whyNoData } from '../../platform/trpc.ts';
import type { Http } from '../../probes/http.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { notStarted, withHttp } from './room.ts';
import { goesThroughTiers, Mail } from './survey-tiers.ts';

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
    const mails = await mailboxes(context, http);
    if (typeof mails === 'string') return context.unmet(`an outbox that can be read: ${mails}`);
    const waiting = await offer(context, use.account, mails.waits);
    const answered = await offer(context, use.account, mails.answers);
    for (const survey of [waiting, answered]) if (!survey.ok) return context.breaks('offered', survey.because);
    if (!waiting.ok || !answered.ok) return;
    context.holds('offered');
    await answer(context, use.account, answered);
    if ((await goesThroughTiers(context, mails.waits, waiting, surveys.fallbackSeconds)) > 0)
      await stops(context, mails.answers);
  });
export default body;

/**
 * +44 7700 900000 to 900999 are kept for fiction and are valid. There are a thousand of them, so what earlier runs sent
 * there is set aside.
 */
async function mailboxes(context: BodyContext, http: Http) {
  const number = randomInt(1_000);
  const [waits, answers] = [number, (number + 1 + randomInt(999)) % 1_000].map((one) => {
    const email = `${context.scope}-customer-${crypto.randomUUID().slice(0, 8)}@example.com`;
    return new Mail(context, http, { phone: `+447700900${String(one).padStart(3, '0')}`, email });
  }) as [Mail, Mail];
  const trouble = (await waits.begin()) ?? (await answers.begin());
  return trouble ?? { waits, answers };
}

/** A survey as it was offered. */
type Offered =
  | { readonly ok: true; readonly id: string; readonly sessionId: string; readonly startMs: number }
  | { readonly ok: false; readonly because: string };

async function offer(context: BodyContext, account: Account, { customer }: Mail): Promise<Offered> {
  const { client, tenantId } = account;
  const session = await makeSession(account);
  if (!session.ok) return session;
  const person = idOf(
    'endUsers.createOrGet',
    await client.mutation('endUsers.createOrGet', { tenantId, ...customer, name: `Shakedown ${context.scope}` }),
  );
  if (!person.ok) return person;
  const startMs = context.now();
  const survey = { tenantId, sessionId: session.id, endUserId: person.id, surveyMethod: 'in_widget' };
  const made = idOf('surveys.create', await client.mutation('surveys.create', survey));
  return made.ok ? { ...made, sessionId: session.id, startMs } : made;
}

/** Read back, as an answer to whoever answers need not tell. */
async function answer(
  context: BodyContext,
  { client }: Account,
  { id, sessionId }: { readonly id: string; readonly sessionId: string },
): Promise<void> {
  const given = { surveyId: id, experienceRating: 4, problemSolved: true };
  const wrong = whyNoData(await client.mutation('surveys.update', given));
  if (wrong !== null) return context.breaks('answered', `surveys.update: ${wrong}`);
  const reply = await client.query('surveys.getBySession', { sessionId });
  const survey = dataOf(reply);
  if (isRecord(survey) && survey.id === id && survey.surveyCompleted === true) return context.holds('answered');
  const why = whyNoData(reply) ?? 'the survey that was answered is not completed';
  context.breaks('answered', `surveys.getBySession: ${why}`);
}

/** By now the other survey has gone through its tiers; whoever answered has been left in peace. */
async function stops(context: BodyContext, mail: Mail): Promise<void> {
  await sleep(500);
  const all = await mail.surveys();
  if (typeof all === 'string') return context.unmet(`an outbox that can be read: ${all}`, 'stops');
  if (all.length > 0) return context.breaks('stops', `whoever had answered was asked ${all.length} times more`);
  context.holds('stops');
}
