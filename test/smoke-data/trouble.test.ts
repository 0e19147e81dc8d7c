import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodiesOf } from './bodies.ts';
import { environmentWith } from './environment.ts';
import { observe } from './observe.ts';

/** Servers that misbehave, each in its own way. */
const servers: Record<string, Server> = {
  hanging: createServer(() => undefined),
  rubbish: createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  slamming: createServer((socket) => socket.destroy()),
};
const sockets = new Set<Socket>();
const ports: Record<string, number> = { refusing: 1 };
const password = 'never-told-9f8e7d';

beforeAll(async () => {
  for (const [name, server] of Object.entries(servers)) {
    server.on('connection', (socket) => {
      sockets.add(socket.on('error', () => undefined));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address && typeof address === 'object') ports[name] = address.port;
  }
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of Object.values(servers)) server.close();
});

const bodies = [...(await bodiesOf('db')), ...(await bodiesOf('redis'))];

const said: Record<string, RegExp> = {
  hanging: /did not answer within|did not accept a connection within/,
  rubbish: /database|Redis/,
  slamming: /closed the connection|reset the connection/,
  refusing: /refused the connection/,
};

describe.each(Object.keys(said))('a %s server', (name) => {
  test.each(bodies)('breaks %s, in words and without a secret', async (check, body) => {
    const port = ports[name];
    const environment = environmentWith({
      appUrl: `postgres://app:${password}@127.0.0.1:${port}/platform`,
      serviceUrl: `postgres://service:${password}@127.0.0.1:${port}/platform`,
      redisUrl: `redis://:${password}@127.0.0.1:${port}/0`,
      timeoutMs: 300,
    });
    const seen = await observe(body, environment);
    expect(seen.held).toEqual([]);
    expect(JSON.stringify(seen)).not.toContain(password);
    // Without an API there is no session to look for, whatever Redis does.
    if (check === 'smoke.redis.sessions') return;
    expect(seen.broke.length).toBeGreaterThan(0);
    for (const { because } of seen.broke) expect(because).toMatch(said[name]!);
  });
});

test.each(bodies)('%s without a grant says what it needs, and nothing else', async (_, body) => {
  const seen = await observe(body, environmentWith({}));
  expect(seen.held).toEqual([]);
  expect(seen.broke).toEqual([]);
  expect(seen.unmet.length).toBeGreaterThan(0);
});
