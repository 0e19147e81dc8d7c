import net from 'node:net';
import { Agent, fetch } from 'undici';
import { expect, test } from 'vitest';
import type { TestServer } from './index.ts';
import * as servers from './index.ts';

const timeoutMs = 700;

/** How a plain client fares with a server: the status, or the code of what went wrong. */
async function meet(server: TestServer, path = '/health'): Promise<number | string> {
  const dispatcher = new Agent({ connect: { timeout: timeoutMs, ...(server.ca && { ca: server.ca }) } });
  try {
    const answer = await fetch(server.url + path, {
      dispatcher,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs * 2),
    });
    await answer.text();
    return answer.status;
  } catch (error) {
    const cause = (error as { cause?: { code?: string; name: string } }).cause;
    return cause?.code ?? cause?.name ?? (error as Error).name;
  } finally {
    await dispatcher.destroy();
  }
}

test.each<[name: string, make: () => Promise<TestServer>, outcome: number | string]>([
  ['healthy', servers.healthy, 200],
  ['healthy over TLS', servers.healthyTls, 200],
  ['dead', servers.dead, 'ECONNREFUSED'],
  ['hanging', servers.hanging, 'TimeoutError'],
  ['hanging in the TLS handshake', servers.hangingTls, 'UND_ERR_CONNECT_TIMEOUT'],
  ['blackholed', servers.blackholed, 'UND_ERR_CONNECT_TIMEOUT'],
  ['wrong certificate', servers.wrongCertificate, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['wrong name', servers.wrongName, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['expired certificate', servers.expiredCertificate, 'CERT_HAS_EXPIRED'],
  ['rubbish', servers.rubbish, 'HTTPParserError'],
  ['all errors', servers.allErrors, 500],
  ['wrong port', servers.wrongPort, 'HTTPParserError'],
  ['slow body', servers.slowBody, 'TimeoutError'],
  ['redirect away', () => servers.redirectAway('http://elsewhere.example/'), 302],
])('%s', async (_, make, outcome) => {
  const server = await make();
  try {
    expect(await meet(server)).toBe(outcome);
  } finally {
    await server.close();
  }
});

test('a closed server has left its port', async () => {
  const server = await servers.blackholed();
  await server.close();
  const code = await new Promise((resolve) => {
    net
      .connect(server.port, '127.0.0.1')
      .on('connect', () => resolve('connected'))
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  expect(code).toBe('ECONNREFUSED');
});

test.each([
  ['/trpc/assetClasses.list', 200],
  ['/trpc/assetClasses.list,no.such?batch=1', 207],
  ['/trpc/no.such', 404],
  ['/elsewhere', 404],
])('healthy answers %s with %d', async (path, status) => {
  const server = await servers.healthy();
  expect(await meet(server, path)).toBe(status);
  await server.close();
});
