import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Config } from './config.ts';
import { listen } from './listen.ts';
import { text } from './log.ts';
import { switchRows } from './switch-rows.ts';
import type { Switches } from './switches.ts';

/** What can be told another time. */
export interface Movable {
  move(value: unknown): void | Promise<void>;
}

interface Door {
  readonly config: Config;
  readonly switches: Switches;
  readonly clock: Movable | undefined;
  healthy(): boolean;
}

/** The door through which the supervisor asks for health, faults are planted and time is moved; loopback only, by token. */
export async function control(
  config: Config,
  name: string,
  switches: Switches,
  healthy: () => boolean,
  clock?: Movable,
): Promise<void> {
  const port = config.ports.control[name];
  if (port === undefined) throw new Error(`ports.control has no port for ${name}`);
  const door = { config, switches, clock, healthy };
  const server = createServer((request, response) => {
    handle(door, request, response).catch((error) => answer(response, 400, { error: text(error) }));
  });
  await listen(server, port, '127.0.0.1');
  server.unref();
}

async function handle(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { config, switches, clock } = door;
  const { url, method } = request;
  if (url === '/healthy') return answer(response, door.healthy() ? 200 : 503, { healthy: door.healthy() });
  if (url === '/clock' && clock) {
    if (!authorized(request, config.clockToken))
      return answer(response, 401, { error: 'needs the token of the clock' });
    await clock.move(await body(request));
    return answer(response, 200, { moved: true });
  }
  if (url !== '/switches') return answer(response, 404, { error: 'not found' });
  if (!authorized(request, config.controlToken)) return answer(response, 401, { error: 'needs the control token' });
  if (method === 'GET') return answer(response, 200, { active: switches.all(), known: switchRows });
  const { name, value } = (await body(request)) as { name?: unknown; value?: unknown };
  await switches.set(String(name), value);
  answer(response, 200, { active: switches.all() });
}

async function body(request: IncomingMessage): Promise<unknown> {
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
