import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Config } from './config.ts';
import { listen } from './listen.ts';
import { text } from './log.ts';
import { type Switches, switchRows } from './switches.ts';

/** The door through which the supervisor asks for health and faults are planted; loopback only, by token. */
export async function control(config: Config, name: string, switches: Switches, healthy: () => boolean): Promise<void> {
  const port = config.ports.control[name];
  if (port === undefined) throw new Error(`ports.control has no port for ${name}`);
  const server = createServer((request, response) => {
    if (request.url === '/healthy') return answer(response, healthy() ? 200 : 503, { healthy: healthy() });
    if (request.url !== '/switches') return answer(response, 404, { error: 'not found' });
    if (!authorized(request, config.controlToken)) return answer(response, 401, { error: 'needs the control token' });
    if (request.method === 'GET') return answer(response, 200, { active: switches.all(), known: switchRows });
    body(request)
      .then((value) => switches.set(String(value.name), value.value))
      .then(() => answer(response, 200, { active: switches.all() }))
      .catch((error) => answer(response, 400, { error: text(error) }));
  });
  await listen(server, port, '127.0.0.1');
  server.unref();
}

async function body(request: IncomingMessage): Promise<{ name?: unknown; value?: unknown }> {
  let raw = '';
  for await (const chunk of request) raw += chunk;
  return JSON.parse(raw);
}

function authorized(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function answer(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
