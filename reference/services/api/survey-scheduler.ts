import { z } from 'zod';
import { log, text } from '../common/log.ts';
import type { Deployment } from './deployment.ts';
import { type Message, send } from './mail.ts';

const scheduled = 'survey:scheduled';
const pollMs = 500;
const atOnce = 50;
const againMs = 5000;

/** In the order in which they are tried; each waits for an answer before the next one. */
export const tiers = ['in_widget', 'ai_call', 'sms_link', 'email_link'] as const;
export type Tier = (typeof tiers)[number];
const channels = { ai_call: 'call', sms_link: 'sms', email_link: 'email' } as const;
const member = z.tuple([z.uuid(), z.uuid()]);

interface Due {
  readonly id: string;
  readonly sessionId: string;
  readonly method: Tier;
  readonly answered: boolean;
  readonly attempts: number;
  readonly phone: string | null;
  readonly email: string | null;
}

/** Waits for an answer to the tier that was just used; the last one is waited for by nobody. */
export async function schedule(
  deployment: Deployment,
  tenantId: string,
  surveyId: string,
  method: Tier,
): Promise<void> {
  const seconds = deployment.config.surveys.fallbackSeconds[tiers.indexOf(method)];
  if (seconds === undefined) return;
  const second = deployment.switches.on('survey-hasty') ? 1 : 1000;
  await deployment.redis.zadd(scheduled, Date.now() + seconds * second, `${tenantId}:${surveyId}`);
}

/** Looks twice a second for surveys that nobody answered in time; several instances share the work by who takes it first. */
export function runSurveys(deployment: Deployment): void {
  setInterval(() => {
    if (deployment.switches.on('survey-fallback-off')) return;
    round(deployment).catch((error) => log('warn', 'surveys not looked at', { error: text(error) }));
  }, pollMs).unref();
}

async function round(deployment: Deployment): Promise<void> {
  const due = await deployment.redis.zrangebyscore(scheduled, 0, Date.now(), 'LIMIT', 0, atOnce);
  for (const one of due) {
    if ((await deployment.redis.zrem(scheduled, one)) === 0) continue;
    const [tenantId, surveyId] = member.parse(one.split(':'));
    await goOn(deployment, tenantId, surveyId).catch(async (error) => {
      log('error', 'survey not sent on', { error: text(error) });
      await deployment.redis.zadd(scheduled, Date.now() + againMs, one);
    });
  }
}

/** To the next tier; past those that have no address to go to or whose provider refuses. */
async function goOn(deployment: Deployment, tenantId: string, surveyId: string): Promise<void> {
  const survey = await read(deployment, tenantId, surveyId);
  if (!survey || survey.answered) return;
  const rest = tiers.slice(tiers.indexOf(survey.method) + 1) as Exclude<Tier, 'in_widget'>[];
  let attempts = survey.attempts;
  for (const tier of rest) {
    attempts += 1;
    await write(deployment, tenantId, surveyId, tier, attempts);
    const delivered = await deliver(deployment, survey, tier);
    if (deployment.switches.on('survey-at-once')) continue;
    if (delivered) return schedule(deployment, tenantId, surveyId, tier);
  }
}

function read({ database }: Deployment, tenantId: string, surveyId: string): Promise<Due | undefined> {
  return database.readInTenant(tenantId, (sql) =>
    sql.first<Due>(
      'survey-due',
      `SELECT s.id, s.session_id AS "sessionId", s.survey_method AS method, s.survey_completed OR s.refused_to_rate AS answered,
         s.fallback_attempts AS attempts, u.phone_number AS phone, u.email
       FROM survey_responses s LEFT JOIN end_users u ON u.id = s.end_user_id AND NOT u.is_blocked WHERE s.id = $1`,
      [surveyId],
    ),
  );
}

async function write({ database }: Deployment, tenantId: string, surveyId: string, tier: Tier, attempts: number) {
  await database.inTenant(tenantId, (sql) =>
    sql.rows(
      'survey-tier',
      `UPDATE survey_responses SET survey_method = $2, fallback_attempts = $3,
         call_answered = CASE WHEN $2 = 'ai_call' THEN false ELSE call_answered END
       WHERE id = $1 AND NOT survey_completed`,
      [surveyId, tier, attempts],
    ),
  );
}

async function deliver(deployment: Deployment, survey: Due, tier: Exclude<Tier, 'in_widget'>): Promise<boolean> {
  const to = tier === 'email_link' ? survey.email : survey.phone;
  if (to === null) return false;
  if (deployment.switches.value('survey-tier-dead') === tier) return true;
  const message = worded(deployment, survey.sessionId, tier, to);
  if (deployment.switches.on('survey-doubled')) await send(deployment, message);
  return send(deployment, message);
}

function worded(
  { config, switches }: Deployment,
  sessionId: string,
  tier: Exclude<Tier, 'in_widget'>,
  to: string,
): Message {
  const link = `${config.surveys.baseUrl}/survey/${switches.on('survey-link-broken') ? undefined : sessionId}?method=${tier}`;
  const asked = 'How was your experience with our assistant?';
  const channel = channels[tier];
  if (channel === 'call')
    return { channel, to, kind: 'survey', subject: 'Survey', text: `${asked} Please say a number from 1 to 5.` };
  return { channel, to, kind: 'survey', subject: asked, text: `${asked} Tell us at ${link}`, link };
}
