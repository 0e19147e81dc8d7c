import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, makeTenant } from '../../platform/accounts.ts';
import { isRecord } from '../../platform/json.ts';
import { asNobody, dataOf, idOf, makeSession } from '../../platform/people.ts';
import { type Trpc, whyNoData } from '../../platform/trpc.ts';
import type { Http } from '../../probes/http.ts';
import type { BodyContext } from '../../runners/body.ts';
import type { JourneyBody } from '../../runners/journey.ts';
import { isLimit, notStarted, withHttp } from './room.ts';
import { opensSurvey } from './survey-page.ts';
import { goesThroughTiers, Mail, type Opens } from './survey-tiers.ts';

const longestMs = 90_000;

const body: JourneyBody = (context) =>
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
    const customer = asNobody(context, http);
    const offers = [
      await offer(context, use.account, customer, mails.waits),
      await offer(context, use.account, customer, mails.answers),
      // A page of the staff may offer it as well.
      await offer(context, use.account, use.account.client, mails.refuses),
    ] as const;
    for (const survey of offers) if (!survey.ok) return cannot(context, 'offered', survey.because);
    const [waiting, answered, refused] = offers;
    if (!waiting.ok || !answered.ok || !refused.ok) return;
    context.holds('offered');
    await answer(context, use.account, customer, answered);
    const declined = await refuse(context, use.account, customer, refused);
    const opens: Opens = (letter, address) => opensSurvey(context, letter, address);
    const how = { seconds: surveys.fallbackSeconds, opens };
    if ((await goesThroughTiers(context, mails.waits, waiting, how)) === 0) return;
    await stops(context, mails.answers, 'answered');
    if (declined) await stops(context, mails.refuses, 'refused');
  });
export default body;

/**
 * +44 7700 900000 to 900999 are kept for fiction and are valid. There are a thousand of them, so what earlier runs sent
 * there is set aside.
 */
async function mailboxes(context: BodyContext, http: Http) {
  const number = randomInt(1_000);
  const [waits, answers, refuses] = [number, (number + 331) % 1_000, (number + 662) % 1_000].map((one) => {
    const email = `${context.scope}-customer-${crypto.randomUUID().slice(0, 8)}@example.com`;
    return new Mail(context, http, { phone: `+447700900${String(one).padStart(3, '0')}`, email });
  }) as [Mail, Mail, Mail];
  const trouble = (await waits.begin()) ?? (await answers.begin()) ?? (await refuses.begin());
  return trouble ?? { waits, answers, refuses };
}

/** What is open to everybody may be counted by address; that such a limit holds is no failure of what is looked at here. */
function cannot(context: BodyContext, assertion: string, because: string): void {
  if (isLimit(because)) context.unmet(`a limit of calls without a session that lets customers in (${because})`);
  else context.breaks(assertion, because);
}

/** A survey as it was offered. */
type Offered =
  | { readonly ok: true; readonly id: string; readonly sessionId: string; readonly startMs: number }
  | { readonly ok: false; readonly because: string };

/** The contract declares all of it open to whoever has no session, and a customer has none. */
async function offer(context: BodyContext, account: Account, client: Trpc, { customer }: Mail): Promise<Offered> {
  const { tenantId } = account;
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

type Session = { readonly id: string; readonly sessionId: string };

/** Read back by the staff, as an answer to whoever answers need not tell. */
async function answer(context: BodyContext, staff: Account, customer: Trpc, { id, sessionId }: Session): Promise<void> {
  const given = { surveyId: id, experienceRating: 4, problemSolved: true };
  const wrong = whyNoData(await customer.mutation('surveys.update', given));
  if (wrong !== null) return cannot(context, 'answered', `surveys.update: ${wrong}`);
  const asked = whyNoData(await customer.query('surveys.getBySession', { sessionId }));
  if (asked !== null) return cannot(context, 'answered', `surveys.getBySession without a session: ${asked}`);
  const reply = await staff.client.query('surveys.getBySession', { sessionId });
  const survey = dataOf(reply);
  if (isRecord(survey) && survey.id === id && survey.surveyCompleted === true) return context.holds('answered');
  const why = whyNoData(reply) ?? 'the survey that was answered is not completed';
  context.breaks('answered', `surveys.getBySession: ${why}`);
}

async function refuse(context: BodyContext, { tenantId }: Account, customer: Trpc, { sessionId }: Session) {
  const refusal = { tenantId, sessionId, surveyMethod: 'in_widget' };
  const wrong = whyNoData(await customer.mutation('surveys.refuse', refusal));
  if (wrong !== null) cannot(context, 'stops', `surveys.refuse: ${wrong}`);
  return wrong === null;
}

/** By now the other survey has gone through its tiers; whoever said what they wanted to say has been left in peace. */
async function stops(context: BodyContext, mail: Mail, what: 'answered' | 'refused'): Promise<void> {
  await sleep(500);
  const all = await mail.surveys();
  if (typeof all === 'string') return context.unmet(`an outbox that can be read: ${all}`, 'stops');
  if (all.length > 0) return context.breaks('stops', `whoever had ${what} was asked ${all.length} times more`);
  context.holds('stops');
}
