import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import { type CreateFastifyContextOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { sessionToken } from '../common/cookies.ts';
import { log, text } from '../common/log.ts';
import type { Session } from '../common/sessions.ts';
import { authjs } from './authjs.ts';
import { findCaller, type Machine } from './callers.ts';
import { cookiesOf } from './csrf.ts';
import type { Deployment } from './deployment.ts';
import { plantAnswerFaults } from './faults.ts';
import { serveFiles } from './files.ts';
import { type Dependencies, health } from './health.ts';
import { limited } from './refusals.ts';
import { appRouter } from './routers/index.ts';
import { surveyPage } from './survey-page.ts';
import { type Context, logError } from './trpc.ts';

declare module 'fastify' {
  interface FastifyRequest {
    session: Session | undefined;
    /** Set when the caller is no browser; `session` is then made up for it. */
    machine: Machine | undefined;
    /** A planted fault: the next call of this batch fails. */
    poisoned: boolean;
  }
}

const oneMiB = 1_048_576;
const maxCalls = 50;

export async function buildServer(deployment: Deployment, dependencies: Dependencies): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: oneMiB,
    requestTimeout: 60_000,
    keepAliveTimeout: 75_000,
    // Event streams end only when somebody ends them.
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 5000 },
  });
  app.decorateRequest('session', undefined);
  app.decorateRequest('machine', undefined);
  app.decorateRequest('poisoned', false);
  await app.register(helmet, securityHeaders);
  await app.register(cors, corsOptions(deployment));
  // What the CORS plugin did not answer is a preflight of a foreign origin, and no procedure is to see it.
  app.addHook('onRequest', async (request, reply) => (request.method === 'OPTIONS' ? reply.callNotFound() : undefined));
  await app.register(cookie);
  app.setErrorHandler(answerError);
  app.addHook('onSend', sendWhole);
  plantAnswerFaults(app, deployment.switches, new Set(Object.keys(appRouter._def.procedures)));

  app.get('/health', async (_request, reply) => {
    await deployment.switches.delay('health');
    const body = health(deployment, dependencies);
    const status = deployment.switches.number('health-status') ?? (body.status === 'unhealthy' ? 503 : 200);
    return reply.code(status).send(body);
  });
  serveFiles(app, deployment);
  await app.register(async (scope) => {
    await scope.register(formbody, { bodyLimit: 65_536 });
    surveyPage(scope, deployment);
  });
  await app.register(
    async (scope) => {
      scope.addHook('onRequest', findSession(deployment));
      await authjs(scope, deployment);
    },
    { prefix: '/api/auth' },
  );
  await app.register(async (scope) => {
    scope.addHook('onRequest', findCaller(deployment));
    scope.addHook('preHandler', limitCalls(deployment));
    await scope.register(fastifyTRPCPlugin, {
      prefix: '/trpc',
      trpcOptions: {
        router: appRouter,
        createContext: ({ req, res }: CreateFastifyContextOptions): Context => ({
          deployment,
          request: req,
          reply: res,
          session: req.session,
        }),
        onError: ({ path, error }: { path: string | undefined; error: Parameters<typeof logError>[1] }) =>
          logError(path, error),
      },
    });
  });
  return app;
}

/** tRPC answers with a web stream even where the text is at hand; sent whole it costs one write and names its length. */
async function sendWhole(_request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (!(payload instanceof Response) || !payload.headers.get('content-type')?.startsWith('application/json'))
    return payload;
  reply.code(payload.status);
  for (const [name, value] of payload.headers) reply.header(name, value);
  return payload.text();
}

function findSession({ sessions }: Deployment) {
  return async (request: FastifyRequest): Promise<void> => {
    if (request.headers.cookie === undefined || request.method === 'OPTIONS') return;
    request.session = await sessions.find(sessionToken(cookiesOf(request)));
  };
}

const authCalls = /^auth\.(login|register|resetPassword|resetPasswordRequest|resendVerification)$/;
const chatCalls = /^(chat|sessions)\.sendMessage$|^chat\.streamMessage$/;

/** Each call of a batch counts, or a batch would be a way around the limit. */
function limitCalls({ limits }: Deployment) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const path = request.url.slice('/trpc/'.length).split('?')[0] ?? '';
    const calls = decodeURIComponent(path).split(',');
    if (calls.length > maxCalls)
      return reply.code(400).send(trpcError(400, -32600, 'BAD_REQUEST', `At most ${maxCalls} calls in a batch`));
    const allowance = await limits.procedures(request.session, request.ip, calls.length);
    if (allowance && limited(reply, allowance)) return reply;
    for (const _ of calls.filter((call) => authCalls.test(call))) {
      const auth = await limits.auth(request.ip);
      if (auth && limited(reply, auth)) return reply;
    }
    const chats = calls.filter((call) => chatCalls.test(call)).length;
    const chat = chats > 0 && request.session ? await limits.chat(request.session, chats) : undefined;
    return chat && limited(reply, chat) ? reply : undefined;
  };
}

/** What fails before a procedure is reached; the text of our own failures stays in the log. */
function answerError(
  error: Error & { statusCode?: number; code?: string },
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const status = error.statusCode ?? 500;
  if (status < 500)
    return reply.code(status).send({ statusCode: status, code: error.code, error: error.name, message: error.message });
  log('error', 'request failed', { url: request.url.split('?')[0], error: text(error) });
  if (request.url.startsWith('/trpc/'))
    return reply.code(500).send(trpcError(500, -32603, 'INTERNAL_SERVER_ERROR', 'Internal server error'));
  return reply.code(500).send({ statusCode: 500, error: 'Internal Server Error', message: 'Internal server error' });
}

const trpcError = (httpStatus: number, code: number, name: string, message: string) => ({
  error: { message, code, data: { code: name, httpStatus } },
});

function corsOptions({ config, switches }: Deployment) {
  const allowed = new Set(config.origins);
  const hosts = config.origins.map((origin) => new URL(origin).hostname);
  const looksAllowed = (origin: string) =>
    switches.on('cors-lookalikes') && hosts.some((host) => origin.startsWith(`https://${host}`));
  return {
    origin: (origin: string | undefined, done: (error: Error | null, allow: boolean) => void) =>
      done(null, origin !== undefined && (allowed.has(origin) || looksAllowed(origin)) && !switches.on('cors-off')),
    credentials: true,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Content-Type', 'Authorization', 'X-Api-Key', 'X-CSRF-Token'],
    maxAge: 86_400,
  };
}

const self = ["'self'"];
const securityHeaders = {
  contentSecurityPolicy: {
    directives: {
      defaultSrc: self,
      scriptSrc: self,
      connectSrc: self,
      fontSrc: self,
      mediaSrc: self,
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:', 'https:'],
      objectSrc: ["'none'"],
      frameSrc: ["'none'"],
    },
  },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true, preload: true },
  xFrameOptions: { action: 'deny' as const },
  referrerPolicy: { policy: 'strict-origin-when-cross-origin' as const },
  crossOriginOpenerPolicy: { policy: 'same-origin-allow-popups' as const },
  crossOriginResourcePolicy: { policy: 'cross-origin' as const },
};
