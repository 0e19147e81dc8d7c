import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { Sql } from '../../common/database.ts';
import {
  adminProcedure,
  badRequest,
  notFound,
  outranks,
  ownerProcedure,
  type Role,
  router,
  tenantProcedure,
} from '../trpc.ts';
import { byId, contains, filters, id, isWrong, page, paged } from './shapes.ts';

const role = z.enum(['owner', 'admin', 'member']);
const name = z.string().min(1).max(100);
const avatarUrl = z.url({ protocol: /^https?$/ }).max(2000);
const columns = `id, email, name, role, avatar_url AS "avatarUrl", email_verified AS "emailVerified", created_at AS "createdAt", updated_at AS "updatedAt"`;

interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: Role;
  readonly avatarUrl: string | null;
  readonly emailVerified: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const users = router({
  me: tenantProcedure.query(({ ctx }) => one(ctx.sql, ctx.user.id)),

  updateMe: tenantProcedure
    .input(z.object({ name: name.optional(), avatarUrl: avatarUrl.optional() }))
    .mutation(async ({ ctx, input }) => {
      const { switches } = ctx.deployment;
      const saved = switches.on('profile-not-saved')
        ? one(ctx.sql, ctx.user.id)
        : change(ctx.sql, { id: ctx.user.id, ...input });
      const { id, email, name, role, avatarUrl, updatedAt } = await saved;
      await ctx.deployment.sessions.refreshUser(id, 'read-anew');
      return { id, email, name, role, avatarUrl, updatedAt };
    }),

  list: tenantProcedure
    .input(z.object({ ...page, search: z.string().max(200).optional(), role: role.optional() }))
    .query(async ({ ctx, input }) => {
      const filter = filters(ctx.deployment.switches, [
        input.search === undefined || isWrong(ctx.deployment.switches, 'users-unsearched')
          ? null
          : contains(input.search),
        input.role ?? null,
      ]);
      const where = '($1::text IS NULL OR email ILIKE $1) AND ($2::text IS NULL OR role = $2)';
      const listing = { name: 'users', columns, from: `users WHERE ${where}`, order: 'created_at, id', values: filter };
      const { rows, total, hasMore } = await paged<User>(ctx.sql, listing, input, ctx.deployment.switches);
      return { users: rows, total, hasMore };
    }),

  get: tenantProcedure.input(byId).query(({ ctx, input }) => one(ctx.sql, input.id)),

  create: adminProcedure
    .input(z.object({ email: z.email().max(254), name, role: role.default('member'), avatarUrl: avatarUrl.optional() }))
    .mutation(async ({ ctx, input }) => {
      if (outranks(input.role, ctx.user.role))
        throw new TRPCError({ code: 'FORBIDDEN', message: 'Nobody gives a role above their own' });
      // No password: the account is entered by way of a password reset.
      const row = await ctx.sql
        .first<User>(
          'users-create',
          `INSERT INTO users (tenant_id, email, name, role, avatar_url, password_algorithm)
           VALUES ($1, $2, $3, $4, $5, 'argon2id') RETURNING ${columns}`,
          [ctx.user.tenantId, input.email, input.name, input.role, input.avatarUrl ?? null],
        )
        .catch((error) => {
          if (error.code === '23505') throw new TRPCError({ code: 'CONFLICT', message: 'This e-mail is taken' });
          throw error;
        });
      const { id, email, name, role, avatarUrl } = row!;
      return { id, email, name, role, avatarUrl };
    }),

  update: adminProcedure
    .input(z.object({ id, name: name.optional(), role: role.optional(), avatarUrl: avatarUrl.optional() }))
    .mutation(async ({ ctx, input }) => {
      const before = await one(ctx.sql, input.id);
      const above = [before.role, input.role ?? 'member'].some((wanted) => outranks(wanted, ctx.user.role));
      if (above) throw new TRPCError({ code: 'FORBIDDEN', message: 'Nobody gives or takes a role above their own' });
      const after = await change(ctx.sql, input);
      await ctx.deployment.sessions.refreshUser(input.id, 'read-anew');
      return after;
    }),

  delete: ownerProcedure.input(byId).mutation(async ({ ctx, input }) => {
    if (input.id === ctx.user.id) throw badRequest('Nobody deletes their own account');
    await one(ctx.sql, input.id);
    await ctx.deployment.sessions.refreshUser(input.id, 'delete');
    await ctx.sql.rows('users-delete', 'DELETE FROM users WHERE id = $1', [input.id]);
    return { id: input.id, deleted: true };
  }),
});

async function one(sql: Sql, userId: string): Promise<User> {
  const row = await sql.first<User>('users-get', `SELECT ${columns} FROM users WHERE id = $1`, [userId]);
  if (!row) throw notFound('User');
  return row;
}

interface Change {
  readonly id: string;
  readonly name?: string | undefined;
  readonly role?: Role | undefined;
  readonly avatarUrl?: string | undefined;
}

async function change(sql: Sql, { id, name, role, avatarUrl }: Change): Promise<User> {
  const row = await sql.first<User>(
    'users-update',
    `UPDATE users SET name = coalesce($2, name), role = coalesce($3, role), avatar_url = coalesce($4, avatar_url), updated_at = now()
     WHERE id = $1 RETURNING ${columns}`,
    [id, name ?? null, role ?? null, avatarUrl ?? null],
  );
  if (!row) throw notFound('User');
  return row;
}
