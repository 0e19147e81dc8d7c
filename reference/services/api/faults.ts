import type { FastifyInstance } from 'fastify';
import type { Switches } from '../common/switches.ts';

/** Defects that show in whole answers; those inside procedures are planted in `trpc.ts` and in the routers. */
export function plantAnswerFaults(app: FastifyInstance, switches: Switches, procedures: ReadonlySet<string>): void {
  app.addHook('preHandler', async (request, reply) => {
    const [path = '', query = ''] = request.url.split('?');
    if (!path.startsWith('/trpc/')) return;
    if (switches.hit('answers-cut-share')) {
      reply.hijack();
      request.raw.destroy();
      return;
    }
    const batch = query.includes('batch=');
    if (batch && switches.on('trpc-batch-off'))
      return reply.code(404).send({ message: 'Not Found', error: 'Not Found', statusCode: 404 });
    const unknown = !batch && !procedures.has(path.slice('/trpc/'.length));
    if (unknown && switches.on('trpc-unknown-ok')) return reply.send({ result: { data: null } });
    request.poisoned = batch && switches.hit('error-in-207-share');
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const wrong = reply.statusCode >= 400 && request.url.startsWith('/trpc/') && switches.on('trpc-error-shape');
    if (!wrong) return payload;
    reply.header('content-type', 'text/plain').removeHeader('content-length');
    return 'something went wrong';
  });
}

/** Stands the whole process still, as a long garbage collection or a blocking call would. */
export function plantFreeze(switches: Switches): void {
  const still = new Int32Array(new SharedArrayBuffer(4));
  let timer: NodeJS.Timeout | undefined;
  switches.onChange((name, value) => {
    if (name !== 'freeze') return;
    clearInterval(timer);
    const { everyMs, forMs } = (value ?? {}) as { everyMs?: number; forMs?: number };
    if (!everyMs || !forMs) return;
    timer = setInterval(() => Atomics.wait(still, 0, 0, forMs), everyMs);
  });
}
