import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { runClock } from '../../record/clock.ts';
import type { BodyContext } from '../../runners/body.ts';
import { stateOverConnections } from '../../suites/e2e/ended.ts';
import { deployment } from '../environment/deployment.ts';
import { listen, type TestServer } from '../servers/listen.ts';

/** Deployments that are asked with the cookie of a session that was ended. */
let server: TestServer;
afterEach(() => server.close());

const nobody = { error: { message: 'no', code: -32001, data: { code: 'UNAUTHORIZED', httpStatus: 401 } } };
const somebody = { result: { data: { email: 'a@example.com' } } };

/** Asks a server that gives the n-th connection this status. */
async function asked(statusOf: (connection: number) => number) {
  let connection = 0;
  const http = createServer((request, response) => {
    const { socket } = request as typeof request & { socket: { number?: number } };
    socket.number ??= connection++;
    const status = statusOf(socket.number);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? somebody : status === 401 ? nobody : {}));
  });
  server = await listen(http, 'http');
  const environment = deployment(`api: { url: ${server.url} }`);
  const context = { environment, signal: new AbortController().signal, ...runClock() };
  return stateOverConnections(context as unknown as BodyContext, 'a-token');
}

describe('a session that was ended', () => {
  test('is over where everybody answers 401', async () => {
    expect(await asked(() => 401)).toBe('over');
    expect(server.connections()).toBe(6);
  });

  test('is not over where one instance of three still opens', async () => {
    expect(await asked((connection) => (connection % 3 === 2 ? 200 : 401))).toBe('open');
  });

  test.each([500, 429, 403])('is not over because a deployment answers %s', async (status) => {
    expect(await asked(() => status)).toEqual({ because: expect.stringContaining(`${status}`) });
  });
});
