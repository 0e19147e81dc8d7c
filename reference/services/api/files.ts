import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Deployment } from './deployment.ts';

const lifeMs = 3_600_000;

/** In place of a bucket: a folder of the deployment, and addresses that open one file for an hour to whoever has them. */
export async function keepFile({ config }: Deployment, path: string, bytes: Buffer): Promise<void> {
  const file = join(config.directory, 'files', path);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, bytes, { mode: 0o600 });
}

/** `<tenant>/<session>/<time>-<random>-<name>`, the name without anything that means something to a file system. */
export function newPath(tenantId: string, sessionId: string, name: string): string {
  const safe = name.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^\.+/, '_');
  return `${tenantId}/${sessionId}/${Date.now()}-${randomBytes(6).toString('hex')}-${safe.slice(-100)}`;
}

export function signedUrl({ config }: Deployment, id: string, now = Date.now()): string {
  const expires = now + lifeMs;
  return `http://localhost:${config.ports.api}/files/${id}?expires=${expires}&signature=${sign(config.sessionSecret, id, expires)}`;
}

const sign = (secret: string, id: string, expires: number): string =>
  createHmac('sha256', secret).update(`file:${id}:${expires}`).digest('hex');

export function serveFiles(app: FastifyInstance, { config, database }: Deployment): void {
  app.get('/files/:id', async (request, reply) => {
    const { id } = request.params as { id: string };
    const { expires, signature } = request.query as { expires?: string; signature?: string };
    if (!holds(config.sessionSecret, id, Number(expires), signature ?? '') || Number(expires) < Date.now())
      return reply.code(403).send({ statusCode: 403, error: 'Forbidden', message: 'This address has expired' });
    const row = await database.service.first<{ file_name: string; file_path: string; file_type: string }>(
      'file-serve',
      'SELECT file_name, file_path, file_type FROM chat_files WHERE id = $1',
      [id],
    );
    if (!row) return reply.callNotFound();
    // Never shown in the page: what a stranger uploaded must not run as ours.
    reply.header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(row.file_name)}`);
    return reply.type(row.file_type).send(await readFile(join(config.directory, 'files', row.file_path)));
  });
}

function holds(secret: string, id: string, expires: number, signature: string): boolean {
  const [a, b] = [Buffer.from(signature), Buffer.from(sign(secret, id, expires))];
  return a.length === b.length && timingSafeEqual(a, b);
}
