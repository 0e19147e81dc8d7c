import { z } from 'zod';
import type { Sql } from '../../common/database.ts';
import { log, text } from '../../common/log.ts';
import { noticeChannel, streamKey } from '../../common/rooms.ts';
import { schedule, tiers } from '../survey-scheduler.ts';
import { type Context, listedWidely, notFound, publicProcedure, router, tenantProcedure } from '../trpc.ts';
import { id, tenantId } from './shapes.ts';

const surveyMethod = z.enum(tiers);
const answers = {
  problemSolved: z.boolean().optional(),
  experienceRating: z.number().int().min(1).max(5).optional(),
  wouldRecommend: z.boolean().optional(),
  feedbackText: z.string().max(1000).optional(),
};
const calls = {
  callDurationSeconds: z.number().int().min(0).max(86_400).optional(),
  callAnswered: z.boolean().optional(),
};
const offered = z.object({
  tenantId,
  sessionId: id,
  endUserId: id.optional(),
  resolutionId: id.optional(),
  surveyMethod,
  ...answers,
});

const columns = `id, tenant_id AS "tenantId", session_id AS "sessionId", end_user_id AS "endUserId", resolution_id AS "resolutionId",
  survey_method AS "surveyMethod", fallback_attempts AS "fallbackAttempts", problem_solved AS "problemSolved",
  experience_rating AS "experienceRating", would_recommend AS "wouldRecommend", feedback_text AS "feedbackText",
  refused_to_rate AS "refusedToRate", responded_at AS "respondedAt", call_duration_seconds AS "callDurationSeconds",
  call_answered AS "callAnswered", survey_completed AS "surveyCompleted", created_at AS "createdAt"`;

interface Survey {
  readonly id: string;
  readonly tenantId: string;
  readonly sessionId: string;
  readonly surveyMethod: string;
  readonly fallbackAttempts: number;
  readonly surveyCompleted: boolean;
  readonly refusedToRate: boolean;
  readonly createdAt: Date;
}

export const surveys = router({
  /** With an answer it is complete; without one it is an offer, which goes on to the next tier when nobody answers. */
  create: publicProcedure.input(offered).mutation(async ({ ctx, input }) => {
    const row = await inTenant(ctx, input.tenantId, (sql) => insert(sql, input, false));
    if (!row.surveyCompleted) {
      await schedule(ctx.deployment, row.tenantId, row.id, input.surveyMethod);
      await offer(ctx, row);
    }
    return row;
  }),

  refuse: publicProcedure.input(z.object({ tenantId, sessionId: id, surveyMethod })).mutation(({ ctx, input }) =>
    inTenant(ctx, input.tenantId, async (sql) => {
      const open = await sql.first<Survey>(
        'survey-refuse',
        `UPDATE survey_responses SET refused_to_rate = true, responded_at = now()
           WHERE session_id = $1 AND NOT survey_completed AND NOT refused_to_rate RETURNING ${columns}`,
        [input.sessionId],
      );
      if (open && ctx.deployment.switches.on('survey-refusal-lost'))
        await sql.rows(
          'survey-refusal-lost',
          'UPDATE survey_responses SET refused_to_rate = false, responded_at = NULL WHERE id = $1',
          [open.id],
        );
      return open ?? insert(sql, input, true);
    }),
  ),

  update: publicProcedure.input(z.object({ surveyId: id, ...answers, ...calls })).mutation(async ({ ctx, input }) => {
    const owner = await ownerOf(ctx, 'survey-owner', 'id', input.surveyId);
    if (!owner) throw notFound('Survey');
    const row = await inTenant(ctx, owner.tenantId, (sql) => answer(sql, input));
    return ctx.session ? row : outwardly(row);
  }),

  getBySession: publicProcedure.input(z.object({ sessionId: id })).query(async ({ ctx, input }) => {
    const row = await ownerOf(ctx, 'survey-of-session', 'session_id', input.sessionId);
    if (!row || (ctx.session && ctx.session.user.tenantId !== row.tenantId)) return undefined;
    return ctx.session || ctx.deployment.switches.on('anonymous-reads') ? row : outwardly(row);
  }),

  list: tenantProcedure
    .input(
      z
        .object({
          surveyMethod: surveyMethod.optional(),
          surveyCompleted: z.boolean().optional(),
          limit: z.number().int().min(1).max(100).default(20),
          offset: z.number().int().min(0).max(1_000_000).default(0),
        })
        .prefault({}),
    )
    .query(({ ctx, input }) =>
      listedWidely(ctx, 'surveys').rows<Survey>(
        'surveys-list',
        `SELECT ${columns} FROM survey_responses WHERE ($1::text IS NULL OR survey_method = $1)
           AND ($2::boolean IS NULL OR survey_completed = $2) ORDER BY created_at DESC, id LIMIT $3 OFFSET $4`,
        [input.surveyMethod ?? null, input.surveyCompleted ?? null, input.limit, input.offset],
      ),
    ),

  getStats: tenantProcedure
    .input(z.object({ startDate: z.iso.datetime().optional(), endDate: z.iso.datetime().optional() }).prefault({}))
    .query(({ ctx, input }) =>
      ctx.sql.first<{ total: string }>(
        'surveys-stats',
        `SELECT count(*)::text AS total, (count(*) FILTER (WHERE survey_completed))::text AS completed,
           (count(*) FILTER (WHERE refused_to_rate))::text AS refused, avg(experience_rating)::numeric(4, 2)::text AS "avgRating",
           avg(problem_solved::int)::float8 AS "problemSolvedRate" FROM survey_responses
         WHERE ($1::timestamptz IS NULL OR created_at >= $1) AND ($2::timestamptz IS NULL OR created_at <= $2)`,
        [input.startDate ?? null, input.endDate ?? null],
      ),
    ),

  getRatingDistribution: tenantProcedure.query(({ ctx }) =>
    ctx.sql.rows<{ rating: number }>(
      'surveys-ratings',
      `SELECT experience_rating AS rating, count(*)::text AS count FROM survey_responses
       WHERE experience_rating IS NOT NULL GROUP BY 1 ORDER BY 1`,
    ),
  ),
});

function inTenant<T>({ deployment }: Context, tenant: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  return deployment.database.inTenant(tenant, work).catch((error) => {
    throw error.code === '23503' ? notFound('Tenant, session or person') : error;
  });
}

async function insert(sql: Sql, input: z.infer<typeof offered>, refused: boolean): Promise<Survey> {
  const complete = input.experienceRating !== undefined || input.problemSolved !== undefined;
  const row = await sql.first<Survey>(
    'survey-create',
    `INSERT INTO survey_responses (tenant_id, session_id, end_user_id, resolution_id, survey_method, problem_solved, experience_rating,
       would_recommend, feedback_text, refused_to_rate, survey_completed, responded_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, CASE WHEN $10 OR $11 THEN now() END) RETURNING ${columns}`,
    [
      input.tenantId,
      input.sessionId,
      input.endUserId ?? null,
      input.resolutionId ?? null,
      input.surveyMethod,
      input.problemSolved ?? null,
      input.experienceRating ?? null,
      input.wouldRecommend ?? null,
      input.feedbackText ?? null,
      refused,
      complete,
    ],
  );
  return row!;
}

async function answer(
  sql: Sql,
  input: { surveyId: string } & z.infer<z.ZodObject<typeof answers & typeof calls>>,
): Promise<Survey> {
  const row = await sql.first<Survey>(
    'survey-answer',
    `UPDATE survey_responses SET problem_solved = coalesce($2, problem_solved), experience_rating = coalesce($3, experience_rating),
       would_recommend = coalesce($4, would_recommend), feedback_text = coalesce($5, feedback_text),
       call_duration_seconds = coalesce($6, call_duration_seconds), call_answered = coalesce($7, call_answered),
       survey_completed = survey_completed OR $2::boolean IS NOT NULL OR $3::int IS NOT NULL, responded_at = now()
     WHERE id = $1 RETURNING ${columns}`,
    [
      input.surveyId,
      input.problemSolved ?? null,
      input.experienceRating ?? null,
      input.wouldRecommend ?? null,
      input.feedbackText ?? null,
      input.callDurationSeconds ?? null,
      input.callAnswered ?? null,
    ],
  );
  if (!row) throw notFound('Survey');
  return row;
}

/** Whoever answers has no session: whose survey it is must be looked up before anything is done in that tenant's name. */
function ownerOf({ deployment }: Context, name: string, column: 'id' | 'session_id', value: string) {
  const find = `SELECT ${columns} FROM survey_responses WHERE ${column} = $1 ORDER BY created_at DESC LIMIT 1`;
  return deployment.database.service.first<Survey>(name, find, [value]);
}

/** What a person who shows no session may know: enough to answer, and not what was answered. */
function outwardly({
  id,
  sessionId,
  surveyMethod,
  fallbackAttempts,
  surveyCompleted,
  refusedToRate,
  createdAt,
}: Survey) {
  return { id, sessionId, surveyMethod, fallbackAttempts, surveyCompleted, refusedToRate, createdAt };
}

/** Into the conversation where the customer is: the first tier is no message but a question on the spot. */
async function offer(
  { deployment }: Context,
  { id: surveyId, tenantId, sessionId, surveyMethod }: Survey,
): Promise<void> {
  if (surveyMethod !== 'in_widget') return;
  const notice = {
    key: streamKey(tenantId, sessionId),
    type: 'survey',
    payload: { surveyId },
    origin: deployment.name,
  };
  await deployment.redis
    .publish(noticeChannel, JSON.stringify(notice))
    .catch((error) => log('warn', 'survey not offered', { error: text(error) }));
}
