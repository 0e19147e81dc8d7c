import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Sql } from '../../common/database.ts';
import { answerQuestion } from '../answer.ts';
import { announce, type Message, messagesOf, store } from '../messages.ts';
import {
  badRequest,
  notFound,
  ownerProcedure,
  plantedTooLate,
  router,
  tenantProcedure,
  userProcedure,
  widely,
} from '../trpc.ts';
import { byId, filters, id, page, paged } from './shapes.ts';

const mode = z.enum(['text', 'meeting']);
const clientFacts = z.object({
  userAgent: z.string().max(500).optional(),
  ip: z.string().max(100).optional(),
  country: z.string().max(100).optional(),
});
export const attachments = z
  .array(
    z.object({
      type: z.enum(['image', 'file']),
      url: z.url().max(2000),
      name: z.string().max(300).optional(),
      size: z.number().int().min(0).optional(),
    }),
  )
  .max(20);

const columns = `id, widget_id AS "widgetId", meeting_id AS "meetingId", mode, cost_usd::text AS "costUsd", metadata, created_at AS "createdAt", ended_at AS "endedAt"`;

interface ChatSession {
  readonly id: string;
  readonly widgetId: string | null;
  readonly meetingId: string | null;
  readonly mode: 'text' | 'meeting';
  readonly costUsd: string;
  readonly metadata: unknown;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

export const sessions = router({
  create: tenantProcedure
    .input(
      z.object({
        widgetId: id.optional(),
        meetingId: id.optional(),
        mode: mode.default('text'),
        metadata: clientFacts.optional(),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const row = await ctx.sql
        .first<ChatSession>(
          'sessions-create',
          `INSERT INTO sessions (tenant_id, widget_id, meeting_id, mode, metadata) VALUES ($1, $2, $3, $4, $5) RETURNING ${columns}`,
          [
            ctx.user.tenantId,
            input.widgetId ?? null,
            input.meetingId ?? null,
            input.mode,
            JSON.stringify(input.metadata ?? {}),
          ],
        )
        .catch((error) => {
          if (error.code === '23503') throw notFound('Widget or meeting');
          throw error;
        });
      const { endedAt: _, ...made } = row!;
      return made;
    }),

  list: tenantProcedure
    .input(
      z.object({
        ...page,
        widgetId: id.optional(),
        meetingId: id.optional(),
        mode: mode.optional(),
        includeEnded: z.boolean().default(false),
      }),
    )
    .query(async ({ ctx, input }) => {
      const filter = filters(ctx.deployment.switches, [
        input.widgetId ?? null,
        input.meetingId ?? null,
        input.mode ?? null,
        input.includeEnded,
      ]);
      const where = `($1::uuid IS NULL OR widget_id = $1) AND ($2::uuid IS NULL OR meeting_id = $2)
        AND ($3::text IS NULL OR mode = $3) AND ($4::boolean OR ended_at IS NULL)`;
      const listing = {
        name: 'sessions',
        columns,
        from: `sessions WHERE ${where}`,
        order: 'created_at DESC, id',
        values: filter,
      };
      const { rows, total, hasMore } = await paged<ChatSession>(
        widely(ctx, ctx.deployment.switches.on('foreign-sessions-listed')),
        listing,
        input,
        ctx.deployment.switches,
      );
      return { sessions: rows, total, hasMore };
    }),

  get: tenantProcedure.input(byId).query(async ({ ctx, input }) => {
    const wrong = ctx.deployment.switches.hit('wrong-session-share');
    return wrong ? anyOther(ctx.sql, input.id) : one(ctx.sql, input.id);
  }),

  end: tenantProcedure.input(byId).mutation(async ({ ctx, input }) => {
    const end = (sql: Sql) =>
      sql.first<{ endedAt: Date }>(
        'sessions-end',
        `UPDATE sessions SET ended_at = now() WHERE id = $1 AND ended_at IS NULL RETURNING ended_at AS "endedAt"`,
        [input.id],
      );
    const row = await end(ctx.sql);
    if (row) return { id: input.id, endedAt: row.endedAt };
    await plantedTooLate(ctx, end);
    await one(ctx.sql, input.id);
    throw badRequest('This session has already ended');
  }),

  delete: ownerProcedure.input(byId).mutation(async ({ ctx, input }) => {
    const row = await ctx.sql.first('sessions-delete', 'DELETE FROM sessions WHERE id = $1 RETURNING id', [input.id]);
    if (!row) throw notFound('Session');
    return { id: input.id, deleted: true };
  }),

  listMessages: tenantProcedure.input(z.object({ sessionId: id, ...page })).query(async ({ ctx, input }) => {
    await one(ctx.sql, input.sessionId);
    const { rows, total, hasMore } = await paged<Message>(
      ctx.sql,
      messagesOf(input.sessionId),
      input,
      ctx.deployment.switches,
    );
    return { messages: rows, total, hasMore };
  }),

  /** A user's message is answered by the model; any other is only kept. */
  sendMessage: userProcedure
    .input(
      z.object({
        sessionId: id,
        role: z.enum(['user', 'assistant', 'system']),
        content: z.string().min(1).max(10_000),
        attachments: attachments.default([]),
        metadata: z.record(z.string().max(100), z.json()).optional(),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      if (input.role === 'user') {
        const { userMessage, assistantMessage } = await answerQuestion(ctx, input);
        return { userMessage, assistantMessage };
      }
      const lost = input.role === 'assistant' && ctx.deployment.switches.on('reply-lost');
      const keep = lost ? async (_: Sql, message: Omit<Message, 'id'>) => ({ id: randomUUID(), ...message }) : store;
      const userMessage = await ctx.inTenant(async (sql) => {
        const message = { ...input, metadata: input.metadata ?? {}, timestamp: new Date() };
        await open(sql, input.sessionId).catch(async (refusal) => {
          await plantedTooLate(ctx, (any) => store(any, message));
          throw refusal;
        });
        return keep(sql, message);
      });
      if (!lost) await announce(ctx, userMessage);
      return { userMessage };
    }),
});

export async function open(sql: Sql, sessionId: string): Promise<ChatSession> {
  const session = await one(sql, sessionId);
  if (session.endedAt) throw badRequest('This session has ended');
  return session;
}

async function one(sql: Sql, sessionId: string): Promise<ChatSession> {
  const row = await sql.first<ChatSession>('sessions-get', `SELECT ${columns} FROM sessions WHERE id = $1`, [
    sessionId,
  ]);
  if (!row) throw notFound('Session');
  return row;
}

/** For planted faults: what is done in a session is done in the name of its tenant, whoever asks. */
export async function tenantOfSession(service: Sql, sessionId: string): Promise<string> {
  const find = 'SELECT tenant_id AS "tenantId" FROM sessions WHERE id = $1';
  const row = await service.first<{ tenantId: string }>('sessions-tenant', find, [sessionId]);
  if (!row) throw notFound('Session');
  return row.tenantId;
}

async function anyOther(sql: Sql, sessionId: string): Promise<ChatSession> {
  const row = await sql.first<ChatSession>('sessions-other', `SELECT ${columns} FROM sessions WHERE id <> $1 LIMIT 1`, [
    sessionId,
  ]);
  return row ?? { ...(await one(sql, sessionId)), id: '00000000-0000-4000-8000-000000000000' };
}
