import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Sql } from '../../common/database.ts';
import { columns, type Escalation, outwardly, statsSql, statusSql, summary } from '../escalations.ts';
import {
  badRequest,
  type Context,
  listedWidely,
  notFound,
  publicProcedure,
  router,
  tenantProcedure,
  userProcedure,
  widely,
} from '../trpc.ts';
import { id, tenantId } from './shapes.ts';

const type = z.enum(['ai_failure', 'time_exceeded', 'duplicate_problem', 'user_request']);
const byEscalation = z.object({ escalationId: id });
const wanted = z.object({
  tenantId,
  sessionId: id,
  endUserId: id.optional(),
  escalationType: type,
  reason: z.string().min(10).max(1000),
  problemId: id.optional(),
  withinServiceHours: z.boolean().default(true),
  aiConfidence: z.number().min(0).max(1).optional(),
  aiTurnCount: z.number().int().min(0).max(10_000).optional(),
  userSentiment: z.enum(['positive', 'neutral', 'negative', 'frustrated']).optional(),
});

export const escalations = router({
  create: publicProcedure.input(wanted).mutation(async ({ ctx, input }) => {
    const { deployment, session } = ctx;
    const staff = session?.user.tenantId === input.tenantId;
    const { row, aiSummary } = await deployment.database
      .inTenant(input.tenantId, async (sql) => ({
        row: await insert(sql, ctx, input),
        aiSummary: await summary(sql, input.sessionId),
      }))
      .catch((error) => {
        throw error.code === '23503' ? notFound('Tenant, session or person') : error;
      });
    await tell(ctx, 'created', row);
    const { aiConfidence, aiTurnCount, userSentiment, reason, sessionId } = input;
    const aiContext = { sessionId, aiConfidence, escalationReason: reason, aiTurnCount, userSentiment };
    const { meetingUrl } = row as Escalation & { meetingUrl: string };
    // Whoever calls proves nothing but an id, so the conversation is not quoted to them.
    return {
      ...(staff ? row : outwardly(row)),
      aiContext: { ...aiContext, ...(staff ? { aiSummary } : {}), meetingUrl },
    };
  }),

  getById: publicProcedure.input(byEscalation).query(async ({ ctx, input }) => {
    const row = await ctx.deployment.database.service.first<Escalation>(
      'escalation-any',
      `SELECT ${columns} FROM escalations WHERE id = $1`,
      [input.escalationId],
    );
    const foreign = ctx.session !== undefined && ctx.session.user.tenantId !== row?.tenantId;
    if (!row || foreign) throw notFound('Escalation');
    return ctx.session || ctx.deployment.switches.on('anonymous-reads') ? row : outwardly(row);
  }),

  list: tenantProcedure
    .input(
      z
        .object({
          escalationType: type.optional(),
          status: z.enum(['pending', 'assigned', 'resolved']).optional(),
          limit: z.number().int().min(1).max(100).default(20),
          offset: z.number().int().min(0).max(1_000_000).default(0),
        })
        .prefault({}),
    )
    .query(({ ctx, input }) => {
      if (ctx.deployment.switches.on('escalation-unlisted')) return [];
      return listedWidely(ctx, 'escalations').rows<Escalation>(
        'escalations-list',
        `SELECT ${columns} FROM escalations WHERE ($1::text IS NULL OR escalation_type = $1) AND ($2::text IS NULL OR ${statusSql} = $2)
         ORDER BY created_at DESC, id LIMIT $3 OFFSET $4`,
        [input.escalationType ?? null, input.status ?? null, input.limit, input.offset],
      );
    }),

  assign: tenantProcedure.input(byEscalation.extend({ humanAgentId: id })).mutation(async ({ ctx, input }) => {
    const row = await change(ctx.sql, 'escalation-assign', 'human_agent_id = $2, assigned_at = now()', [
      input.escalationId,
      input.humanAgentId,
    ]).catch((error) => {
      throw error.code === '23503' ? notFound('Agent') : error;
    });
    await tell(ctx, 'assigned', row);
    return row;
  }),

  agentJoined: tenantProcedure.input(byEscalation).mutation(async ({ ctx, input }) => {
    const row = await change(ctx.sql, 'escalation-joined', 'human_agent_joined_at = now()', [input.escalationId]);
    await tell(ctx, 'joined', row);
    return row;
  }),

  resolve: tenantProcedure
    .input(
      byEscalation.extend({
        resolutionNotes: z.string().min(10).max(5000),
        meetingDurationSeconds: z.number().int().min(0).max(86_400).optional(),
        resolvedBy: z.enum(['agent', 'ai_followup', 'user']).default('agent'),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const unwritten = ctx.deployment.switches.on('escalation-unresolved');
      const row = await change(
        ctx.sql,
        unwritten ? 'escalation-resolve-not' : 'escalation-resolve',
        `${unwritten ? '' : 'resolved_at = now(), '}resolution_notes = $2, meeting_duration_seconds = coalesce($3, meeting_duration_seconds),
         escalation_metadata = escalation_metadata || jsonb_build_object('resolvedBy', $4::text)`,
        [input.escalationId, input.resolutionNotes, input.meetingDurationSeconds ?? null, input.resolvedBy],
      );
      await tell(ctx, 'resolved', row);
      return unwritten ? { ...row, resolvedAt: new Date(), status: 'resolved' as const } : row;
    }),

  getStats: tenantProcedure.query(async ({ ctx }) => {
    const sql = widely(ctx, ctx.deployment.switches.value('foreign-counted') === 'escalations');
    const byType = await sql.rows<{ type: string; count: number }>(
      'escalations-by-type',
      'SELECT escalation_type AS type, count(*)::int AS count FROM escalations GROUP BY escalation_type ORDER BY 1',
    );
    return { ...(await sql.first<{ total: number }>('escalations-stats', statsSql)), byType };
  }),

  /** Server-sent events {type: created|assigned|joined|resolved, escalation} of the tenant, from now on. */
  watch: userProcedure.subscription(async function* ({ ctx: { deployment, session }, signal }) {
    yield* deployment.events.of(session, signal);
  }),
});

async function insert(sql: Sql, { deployment }: Context, input: z.infer<typeof wanted>): Promise<Escalation> {
  const token = randomBytes(16).toString('hex');
  const meeting = `https://localhost:${deployment.config.ports.web.meeting.https}/escalation-${token.slice(0, 12)}`;
  const { aiConfidence, aiTurnCount, userSentiment } = input;
  const row = await sql.first<Escalation>(
    'escalation-create',
    `INSERT INTO escalations (tenant_id, session_id, end_user_id, escalation_type, reason, problem_id, within_service_hours,
       meeting_url, meeting_token, escalation_metadata) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ${columns}`,
    [
      input.tenantId,
      input.sessionId,
      input.endUserId ?? null,
      input.escalationType,
      input.reason,
      input.problemId ?? null,
      input.withinServiceHours,
      meeting,
      token,
      JSON.stringify({ aiConfidence, aiTurnCount, userSentiment }),
    ],
  );
  return row!;
}

/** What is resolved stays as it was left. */
async function change(sql: Sql, name: string, set: string, values: readonly unknown[]): Promise<Escalation> {
  const row = await sql.first<Escalation>(
    name,
    `UPDATE escalations SET ${set} WHERE id = $1 AND resolved_at IS NULL RETURNING ${columns}`,
    values,
  );
  if (row) return row;
  const known = await sql.first('escalation-known', 'SELECT 1 FROM escalations WHERE id = $1', [values[0]]);
  throw known ? badRequest('This escalation is resolved') : notFound('Escalation');
}

async function tell(
  { deployment }: Context,
  type: string,
  { meetingToken: _, ...escalation }: Escalation,
): Promise<void> {
  if (!deployment.switches.on('escalation-silent'))
    await deployment.events.tell(escalation.tenantId, { type, escalation });
}
