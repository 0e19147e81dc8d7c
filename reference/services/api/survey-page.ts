import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Deployment } from './deployment.ts';

const place = z.object({ sessionId: z.uuid() });
const answered = z.object({
  rating: z.coerce.number().int().min(1).max(5),
  comment: z.string().max(1000).default(''),
});

interface Open {
  readonly id: string;
  readonly tenant_id: string;
}

/** Where the links of text messages and mails lead: a page without script, for whoever has the link. */
export function surveyPage(app: FastifyInstance, deployment: Deployment): void {
  app.get('/survey/:sessionId', async (request, reply) => {
    const survey = await openSurvey(deployment, request.params);
    return reply
      .code(survey || deployment.switches.on('survey-page-empty') ? 200 : 404)
      .type('text/html; charset=utf-8')
      .send(survey ? form : gone);
  });

  app.post('/survey/:sessionId', async (request, reply) => {
    const survey = await openSurvey(deployment, request.params);
    const given = answered.safeParse(request.body);
    reply.type('text/html; charset=utf-8');
    if (!survey) return reply.code(404).send(gone);
    if (!given.success) return reply.code(400).send(form);
    await keep(deployment, survey, given.data);
    return reply.send(thanks);
  });
}

async function openSurvey({ database, switches }: Deployment, params: unknown): Promise<Open | undefined> {
  const { data } = place.safeParse(params);
  if (!data || switches.on('survey-page-gone') || switches.on('survey-page-empty')) return undefined;
  return database.service.first<Open>(
    'survey-open',
    `SELECT id, tenant_id FROM survey_responses WHERE session_id = $1 AND NOT survey_completed AND NOT refused_to_rate
     ORDER BY created_at DESC LIMIT 1`,
    [data.sessionId],
  );
}

async function keep({ database }: Deployment, { id, tenant_id: tenantId }: Open, given: z.infer<typeof answered>) {
  await database.inTenant(tenantId, (sql) =>
    sql.rows(
      'survey-page-answer',
      `UPDATE survey_responses SET experience_rating = $2, feedback_text = nullif($3, ''), survey_completed = true, responded_at = now()
       WHERE id = $1`,
      [id, given.rating, given.comment],
    ),
  );
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem; }
fieldset { border: 0; padding: 0; } label { margin-right: 1rem; } textarea { width: 100%; } button { font: inherit; padding: 0.5rem 1.25rem; }</style></head>
<body><main>${body}</main></body>
</html>
`;
}

const ratings = [1, 2, 3, 4, 5]
  .map((value) => `<label><input type="radio" name="rating" value="${value}" required> ${value}</label>`)
  .join('\n');
const form = page(
  'How was your experience?',
  `<h1>How was your experience?</h1>
<form method="post">
<fieldset><legend>From 1, poor, to 5, excellent</legend>${ratings}</fieldset>
<p><label for="comment">Anything else?</label><textarea id="comment" name="comment" rows="4" maxlength="1000"></textarea></p>
<button>Submit Feedback</button>
</form>`,
);
const thanks = page('Thank you', '<h1>Thank you</h1><p>Your answer was recorded.</p>');
const gone = page(
  'No question',
  '<h1>There is nothing to answer here</h1><p>The survey was answered already, or never asked.</p>',
);
