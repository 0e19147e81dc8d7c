import { randomBytes } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { hashPassword, newToken, type SignIn, signIn } from '../accounts.ts';
import type { Deployment } from '../deployment.ts';
import { endSession } from '../end-session.ts';
import { tokenMail } from '../mail.ts';
import { badRequest, notFound, publicProcedure, refuseForgery, router } from '../trpc.ts';

const password = z
  .string()
  .min(8)
  .max(128)
  .regex(/\p{Lu}/u, 'needs an upper-case letter')
  .regex(/\p{Ll}/u, 'needs a lower-case letter')
  .regex(/\p{N}/u, 'needs a digit')
  .regex(/[^\p{L}\p{N}]/u, 'needs another character');
/** Its rules are held by the procedure, where the fault that drops them can be planted. */
const anyPassword = z.string().min(8).max(128);
const email = z.email().max(254);
const verifyLifeMs = 24 * 3_600_000;
const resetLifeMs = 3_600_000;
const named = z.string().min(1).max(200);

export const auth = router({
  register: publicProcedure
    .input(z.object({ email, password: anyPassword, name: named, organizationName: named }))
    .mutation(async ({ ctx: { deployment, request }, input }) => {
      if (deployment.switches.on('sign-up-broken')) throw new TRPCError({ code: 'INTERNAL_SERVER_ERROR' });
      if (request.headers.origin || !deployment.switches.on('weak-password-accepted')) needStrong(input.password);
      const token = newToken();
      const row = await register(deployment, input, token);
      if (deployment.switches.on('verified-unproven')) await verified(deployment, input.email);
      await tokenMail(deployment, input.email, 'verify', token);
      return {
        success: true,
        message: 'Registered; check your e-mail to verify the address',
        user: { id: row.user_id, email: input.email, name: input.name, role: 'owner' as const },
        tenant: { id: row.tenant_id, name: input.organizationName },
        ...shown(deployment, 'verificationToken', token),
      };
    }),

  verifyEmail: publicProcedure
    .input(z.object({ token: z.string().min(1).max(200) }))
    .mutation(async ({ ctx, input }) => {
      const { identifier } = await useToken(ctx.deployment, input.token, 'verify');
      if (ctx.deployment.switches.on('verify-unwritten')) return { success: true, message: 'E-mail verified' };
      await verified(ctx.deployment, identifier);
      return { success: true, message: 'E-mail verified' };
    }),

  resendVerification: publicProcedure.input(z.object({ email })).mutation(async ({ ctx: { deployment }, input }) => {
    const message = 'If the address is registered and not verified, a message is on its way';
    const token = newToken();
    const known = await replaceToken(
      deployment,
      input.email,
      input.email,
      token,
      verifyLifeMs,
      'AND email_verified IS NULL',
    );
    if (known) await tokenMail(deployment, input.email, 'verify', token);
    return { success: true, message, ...(known ? shown(deployment, 'verificationToken', token) : {}) };
  }),

  resetPasswordRequest: publicProcedure.input(z.object({ email })).mutation(async ({ ctx: { deployment }, input }) => {
    const message = 'If the address is registered, a message is on its way';
    const token = newToken();
    const known = await replaceToken(deployment, input.email, `reset:${input.email}`, token, resetLifeMs);
    if (known) await tokenMail(deployment, input.email, 'reset', token);
    return { success: true, message, ...(known ? shown(deployment, 'resetToken', token) : {}) };
  }),

  resetPassword: publicProcedure
    .input(z.object({ token: z.string().min(1).max(200), password }))
    .mutation(async ({ ctx: { deployment }, input }) => {
      const { identifier } = await useToken(deployment, input.token, 'reset');
      const user = await deployment.database.service.first<{ id: string }>(
        'reset-password',
        `UPDATE users SET password_hash = $2, password_algorithm = 'argon2id', failed_login_attempts = 0, locked_until = NULL
         WHERE email = $1 RETURNING id`,
        [identifier.replace(/^reset:/, ''), await hashPassword(input.password)],
      );
      // Whoever knew the old password may be signed in with it.
      if (user && !deployment.switches.on('reset-keeps-sessions'))
        await deployment.sessions.refreshUser(user.id, 'delete');
      return { success: true, message: 'Password changed' };
    }),

  /** Tells whether the credentials are right; a session is only made by the Auth.js endpoints. */
  login: publicProcedure
    .input(
      z.object({
        email: z.string().min(1).max(254),
        password: z.string().min(1).max(128),
        mfaCode: z.string().max(8).optional(),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const tried = await signIn(ctx.deployment, input, { locks: !ctx.deployment.switches.on('lock-one-way') });
      if (!tried.ok) throw refusal(ctx.deployment, tried.because);
      if (!tried.emailVerified) throw new TRPCError({ code: 'FORBIDDEN', message: 'Verify your e-mail address first' });
      return { success: true, user: tried.user };
    }),

  getSession: publicProcedure.query(({ ctx }) => ({ user: ctx.session?.user ?? null })),

  signOut: publicProcedure.mutation(async ({ ctx }) => {
    if (ctx.session) {
      refuseForgery(ctx, ctx.session);
      await endSession(ctx.deployment, ctx.session.token);
    }
    return { success: true, message: 'Signed out' };
  }),
});

async function verified({ database }: Deployment, address: string): Promise<void> {
  await database.service.rows('verified', 'UPDATE users SET email_verified = now() WHERE email = $1', [address]);
}

function needStrong(given: string): void {
  const { error } = z.object({ password }).safeParse({ password: given });
  if (error) throw new TRPCError({ code: 'BAD_REQUEST', message: error.message, cause: error });
}

/** The same words whether the address or the password is wrong, or an answer would tell who has an account here. */
function refusal({ switches }: Deployment, because: Extract<SignIn, { ok: false }>['because']): TRPCError {
  const unauthorized = (message: string) => new TRPCError({ code: 'UNAUTHORIZED', message });
  const forbidden = (message: string) => new TRPCError({ code: 'FORBIDDEN', message });
  if (because === 'locked') return forbidden('Account is locked; try again later');
  if (because === 'code-needed') return forbidden('MFA code required');
  if (because === 'code') return unauthorized('Invalid MFA code');
  const told = because === 'unknown' ? 'No account with this e-mail' : 'Wrong password';
  return unauthorized(
    switches.on('login-tells') || switches.on('login-tells-api') ? told : 'Invalid email or password',
  );
}

interface Registration {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly organizationName: string;
}

/** One statement, so that a lost race for an address leaves no tenant without an owner. */
async function register(
  { database, clock }: Deployment,
  { email, password, name, organizationName }: Registration,
  token: string,
) {
  try {
    const row = await database.service.first<{ tenant_id: string; user_id: string }>(
      'register',
      `WITH tenant AS (
         INSERT INTO tenants (name, api_key, plan, settings)
         VALUES ($1, $2, 'starter', '{"maxMonthlySpend": 100, "features": ["chat"]}') RETURNING id
       ), account AS (
         INSERT INTO users (tenant_id, email, password_hash, password_algorithm, role, name)
         SELECT id, $3, $4, 'argon2id', 'owner', $5 FROM tenant RETURNING id, tenant_id
       ), proof AS (
         INSERT INTO verification_tokens (identifier, token, expires) VALUES ($3, $6, $7)
       ) SELECT tenant_id, id AS user_id FROM account`,
      [
        organizationName,
        `pk_live_${randomBytes(32).toString('hex')}`,
        email,
        await hashPassword(password),
        name,
        token,
        new Date(clock.now(email) + verifyLifeMs),
      ],
    );
    return row!;
  } catch (error) {
    if ((error as { code?: string }).code === '23505')
      throw new TRPCError({ code: 'CONFLICT', message: 'This e-mail is taken' });
    throw error;
  }
}

/** Gives the address a new token in place of its old ones; false when there is no such account. */
async function replaceToken(
  deployment: Deployment,
  email: string,
  identifier: string,
  token: string,
  lifeMs: number,
  only = '',
): Promise<boolean> {
  const { service } = deployment.database;
  const user = await service.first(
    only ? 'user-unverified' : 'user-known',
    `SELECT 1 FROM users WHERE email = $1 ${only}`,
    [email],
  );
  if (!user) return false;
  await service.rows('tokens-drop', 'DELETE FROM verification_tokens WHERE identifier = $1', [identifier]);
  await service.rows('token-add', 'INSERT INTO verification_tokens (identifier, token, expires) VALUES ($1, $2, $3)', [
    identifier,
    token,
    new Date(deployment.clock.now(email) + lifeMs),
  ]);
  return true;
}

/** A token is good once, and only for what it was sent for. */
async function useToken({ database, clock, switches }: Deployment, token: string, kind: 'verify' | 'reset') {
  const reset = kind === 'reset';
  const [name, verb] =
    reset && switches.on('reset-token-reusable')
      ? ['token-keep', 'UPDATE verification_tokens SET token = token']
      : ['token-use', 'DELETE FROM verification_tokens'];
  const row = await database.service.first<{ identifier: string; expires: Date }>(
    name,
    `${verb} WHERE token = $1 AND (identifier LIKE 'reset:%') = $2 RETURNING identifier, expires`,
    [token, reset],
  );
  if (!row) throw notFound('Token');
  if (row.expires.getTime() < clock.now(row.identifier.replace(/^reset:/, '')))
    throw badRequest('This token has expired');
  return row;
}

/** Tokens belong into the mail; a test deployment may show them in the answer. */
function shown({ config, switches }: Deployment, key: string, token: string): Record<string, string> {
  return config.tokensInAnswers || switches.on('tokens-in-answers') ? { [key]: token } : {};
}
