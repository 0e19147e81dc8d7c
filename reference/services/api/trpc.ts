import { initTRPC, TRPCError } from '@trpc/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ZodError } from 'zod';
import type { Sql } from '../common/database.ts';
import { log, text } from '../common/log.ts';
import type { Session } from '../common/sessions.ts';
import { csrfHolds, foreignOrigin } from './csrf.ts';
import type { Deployment } from './deployment.ts';

export interface Context {
  readonly deployment: Deployment;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly session: Session | undefined;
}

const ranks = { member: 0, admin: 1, owner: 2 } as const;
export type Role = keyof typeof ranks;
export const outranks = (one: Role, other: Role): boolean => ranks[one] > ranks[other];

const t = initTRPC
  .context<Context>()
  .meta<{ readonly role: Role }>()
  .create({
    isDev: false,
    sse: { ping: { enabled: true, intervalMs: 15_000 } },
    errorFormatter: ({ shape, error }) =>
      // What went wrong inside is for our log; a driver's text would tell callers about tables and hosts.
      error.code === 'INTERNAL_SERVER_ERROR' ? { ...shape, message: 'Internal server error' } : shape,
  });

export const router = t.router;

const plantedFaults = t.middleware(async ({ ctx, type, path, next }) => {
  const { switches } = ctx.deployment;
  if (switches.on('trpc-public-broken') && isPublicQuery(path)) throw internal('planted');
  if (ctx.request.poisoned) {
    ctx.request.poisoned = false;
    throw internal('planted');
  }
  if (switches.hit('errors-share')) throw internal('planted');
  if (switches.on('customers-need-session') && customerCalls.test(path) && !ctx.session) throw internal('planted');
  await switches.delay(latencyOf(path, type));
  const result = await next();
  const badInput = !result.ok && result.error.cause instanceof ZodError;
  if (badInput && switches.on('trpc-bad-input-500')) throw internal('planted');
  return result;
});

/** Open to everybody; it sees no tenant's data unless it resolves whose it is. */
export const publicProcedure = t.procedure.use(plantedFaults);

/** Needs a session; a mutation also needs the CSRF token bound to it, because the cookie alone is sent by any page. */
export const userProcedure = publicProcedure.use(({ ctx, type, meta, next }) => {
  const { session } = ctx;
  if (!session) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first' });
  if (meta && outranks(meta.role, session.user.role))
    throw new TRPCError({ code: 'FORBIDDEN', message: `Needs the role ${meta.role}` });
  if (type !== 'query' && ctx.request.machine?.writes === false)
    throw new TRPCError({ code: 'FORBIDDEN', message: 'Needs the scope write' });
  if (type === 'mutation') refuseForgery(ctx, session);
  // A page's event stream can carry no header, so its origin has to do.
  if (type === 'subscription') refuseForeign(ctx);
  const { database } = ctx.deployment;
  const { tenantId } = session.user;
  const inTenant = <T>(work: (sql: Sql) => Promise<T>): Promise<T> =>
    type === 'query' ? database.readInTenant(tenantId, work, () => hasGone(ctx)) : database.inTenant(tenantId, work);
  return next({ ctx: { session, user: session.user, inTenant } });
});

/** Whoever asked has closed the connection before the answer. */
const hasGone = ({ reply: { raw } }: Context): boolean => raw.destroyed && !raw.writableFinished;

/** Runs the whole procedure in one transaction in the tenant's context; a procedure that fails leaves nothing behind. */
export const tenantProcedure = userProcedure.use(async ({ ctx, next }) => {
  const run = (sql: Sql) => next({ ctx: { sql } });
  let failed: Awaited<ReturnType<typeof run>> | undefined;
  try {
    return await ctx.inTenant(async (sql) => {
      const result = await run(sql);
      if (result.ok) return result;
      // The pipeline hands errors on instead of throwing them; only a throw undoes the transaction.
      failed = result;
      throw result.error;
    });
  } catch (error) {
    if (failed) return failed;
    throw error;
  }
});

/** The tenant's own rows; every tenant's, where a planted fault forgets whose they are. */
export const widely = ({ sql, deployment }: { sql: Sql; deployment: Deployment }, planted: boolean): Sql =>
  planted ? deployment.database.service : sql;

/** The same for a list, where the planted fault names its router. */
export const listedWidely = (ctx: { sql: Sql; deployment: Deployment }, routerName: string): Sql =>
  widely(ctx, ctx.deployment.switches.value('foreign-listed') === routerName);

/** A planted fault: what a caller is refused is done all the same, as where a procedure that fails commits what it wrote. */
export async function plantedTooLate({ deployment }: Context, change: (sql: Sql) => Promise<unknown>): Promise<void> {
  if (deployment.switches.on('refused-too-late')) await change(deployment.database.service);
}

export const adminProcedure = tenantProcedure.meta({ role: 'admin' });
export const ownerProcedure = tenantProcedure.meta({ role: 'owner' });

export function refuseForgery(ctx: Context, session: Session): void {
  if (ctx.request.machine) return;
  if (ctx.deployment.switches.on('csrf-off')) return;
  refuseForeign(ctx);
  if (csrfHolds(ctx.deployment.config.sessionSecret, ctx.request, session)) return;
  throw new TRPCError({ code: 'FORBIDDEN', message: 'CSRF token missing or not of this session' });
}

function refuseForeign({ deployment, request }: Context): void {
  if (deployment.switches.on('csrf-off') || !foreignOrigin(deployment.config, request)) return;
  throw new TRPCError({ code: 'FORBIDDEN', message: 'Foreign origin' });
}

export const notFound = (what: string) =>
  new TRPCError({ code: 'NOT_FOUND', message: `${what} not found or access denied` });
export const badRequest = (message: string) => new TRPCError({ code: 'BAD_REQUEST', message });
export const internal = (message: string) => new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message });

export function logError(path: string | undefined, error: TRPCError): void {
  if (error.code === 'INTERNAL_SERVER_ERROR')
    log('error', 'procedure failed', { path, error: text(error.cause ?? error) });
}

const customerCalls =
  /^(surveys\.(create|update|refuse|getBySession)|escalations\.(create|getById)|endUsers\.createOrGet)$/;

const isPublicQuery = (path: string): boolean => path.startsWith('health.') || path.startsWith('assetClasses.');

function latencyOf(path: string, type: string): 'search' | 'chat' | 'api' | 'none' {
  if (path === 'knowledge.search') return 'search';
  if (path === 'chat.sendMessage' || path === 'chat.streamMessage') return 'chat';
  return type === 'query' ? 'api' : 'none';
}
