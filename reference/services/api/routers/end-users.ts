import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { Sql } from '../../common/database.ts';
import { badRequest, listedWidely, notFound, publicProcedure, router, tenantProcedure } from '../trpc.ts';
import { id, tenantId } from './shapes.ts';

const phone = z.string().regex(/^\+[1-9]\d{1,14}$/, 'a number like +15551234567');
const source = z.enum(['widget', 'landing_demo']);
const mostOfOneDevice = 5;

export const endUserColumns = `id, tenant_id AS "tenantId", phone_number AS "phoneNumber", email, name, consent_sms AS "consentSms",
  consent_email AS "consentEmail", consent_calls AS "consentCalls", is_blocked AS "isBlocked", blocked_reason AS "blockedReason",
  is_potential_tenant AS "isPotentialTenant", source, created_at AS "createdAt", updated_at AS "updatedAt"`;

interface EndUser {
  readonly id: string;
  readonly phoneNumber: string | null;
  readonly email: string | null;
  readonly isBlocked: boolean;
}

const wanted = z.object({
  tenantId,
  phone: phone.optional(),
  email: z.email().max(254).optional(),
  name: z.string().max(200).optional(),
  source: source.default('widget'),
  deviceFingerprint: z.string().min(1).max(200).optional(),
});

export const endUsers = router({
  /** A customer of the tenant, known by number or address; whoever asks proves nothing, and learns nothing they did not say. */
  createOrGet: publicProcedure.input(wanted).mutation(({ ctx: { deployment }, input }) => {
    if (!input.phone && !input.email) throw badRequest('Needs a phone number or an e-mail address');
    return deployment.database
      .inTenant(input.tenantId, (sql) => findOrMake(sql, input))
      .catch((error) => {
        throw error.code === '23503' ? notFound('Tenant') : error;
      });
  }),

  updateConsent: tenantProcedure
    .input(
      z.object({
        endUserId: id,
        consentSms: z.boolean().optional(),
        consentEmail: z.boolean().optional(),
        consentCalls: z.boolean().optional(),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const row = await ctx.sql.first<EndUser>(
        'end-user-consent',
        `UPDATE end_users SET consent_sms = coalesce($2, consent_sms), consent_email = coalesce($3, consent_email),
           consent_calls = coalesce($4, consent_calls) WHERE id = $1 RETURNING ${endUserColumns}`,
        [input.endUserId, input.consentSms ?? null, input.consentEmail ?? null, input.consentCalls ?? null],
      );
      return row ?? missing();
    }),

  block: tenantProcedure
    .input(z.object({ endUserId: id, reason: z.string().min(1).max(500) }))
    .mutation(({ ctx, input }) => block(ctx.sql, input.endUserId, input.reason)),

  unblock: tenantProcedure
    .input(z.object({ endUserId: id }))
    .mutation(({ ctx, input }) => block(ctx.sql, input.endUserId, null)),

  list: tenantProcedure
    .input(
      z.object({
        limit: z.number().int().min(1).max(100).default(20),
        offset: z.number().int().min(0).max(1_000_000).default(0),
        source: source.optional(),
        isBlocked: z.boolean().optional(),
        isPotentialTenant: z.boolean().optional(),
      }),
    )
    .query(({ ctx, input }) =>
      listedWidely(ctx, 'endUsers').rows<EndUser>(
        'end-users-list',
        `SELECT ${endUserColumns} FROM end_users
         WHERE ($1::text IS NULL OR source = $1) AND ($2::boolean IS NULL OR is_blocked = $2)
           AND ($3::boolean IS NULL OR is_potential_tenant = $3) ORDER BY created_at DESC, id LIMIT $4 OFFSET $5`,
        [input.source ?? null, input.isBlocked ?? null, input.isPotentialTenant ?? null, input.limit, input.offset],
      ),
    ),
});

async function findOrMake(sql: Sql, input: z.infer<typeof wanted>): Promise<EndUser> {
  const known = await sql.first<EndUser>(
    'end-user-find',
    `SELECT ${endUserColumns} FROM end_users WHERE phone_number = $1 OR email = $2 ORDER BY created_at LIMIT 1`,
    [input.phone ?? null, input.email ?? null],
  );
  if (known?.isBlocked) throw new TRPCError({ code: 'FORBIDDEN', message: 'This person is blocked' });
  if (known) return known;
  if (input.deviceFingerprint) await refuseCrowd(sql, input.deviceFingerprint);
  const row = await sql.first<EndUser>(
    'end-user-make',
    `INSERT INTO end_users (tenant_id, phone_number, email, name, source, device_fingerprint)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${endUserColumns}`,
    [
      input.tenantId,
      input.phone ?? null,
      input.email ?? null,
      input.name ?? null,
      input.source,
      input.deviceFingerprint ?? null,
    ],
  );
  return row!;
}

async function refuseCrowd(sql: Sql, fingerprint: string): Promise<void> {
  const row = await sql.first<{ count: number }>(
    'end-users-of-device',
    'SELECT count(*)::int AS count FROM end_users WHERE device_fingerprint = $1',
    [fingerprint],
  );
  if ((row?.count ?? 0) >= mostOfOneDevice)
    throw new TRPCError({ code: 'FORBIDDEN', message: 'Too many people on one device' });
}

async function block(sql: Sql, endUserId: string, reason: string | null): Promise<EndUser> {
  const row = await sql.first<EndUser>(
    'end-user-block',
    `UPDATE end_users SET is_blocked = $2::text IS NOT NULL, blocked_reason = $2 WHERE id = $1 RETURNING ${endUserColumns}`,
    [endUserId, reason],
  );
  return row ?? missing();
}

function missing(): never {
  throw notFound('End user');
}
