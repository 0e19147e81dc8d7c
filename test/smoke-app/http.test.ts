import http from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { openHttp } from '../../probes/http.ts';
import { deployment } from '../environment/deployment.ts';
import * as servers from '../servers/index.ts';
import { listen } from '../servers/listen.ts';
import { visit } from './observe.ts';

const endless = () =>
  listen(
    http.createServer((_, response) => {
      const chunk = Buffer.alloc(256 * 1024, 'x');
      const pour = (): void => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    }),
    'http',
  );

const circle = () =>
  listen(
    http.createServer((request, response) => response.writeHead(302, { location: `${request.url}x` }).end()),
    'http',
  );

async function open(serve: () => Promise<servers.TestServer>, trusted = true) {
  const server = await serve();
  const made = deployment(`api: { url: ${server.url} }\ntimeoutMs: 700`);
  const environment = trusted && server.ca ? { ...made, tls: { ...made.tls, ca: server.ca } } : made;
  const client = openHttp(visit(environment));
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return { server, client };
}

test.each([
  { name: 'dead', serve: servers.dead, because: /^refused the connection$/ },
  { name: 'hanging', serve: servers.hanging, because: /^no answer within 0.7 s$/ },
  {
    name: 'hanging after its headers',
    serve: servers.slowBody,
    because: /^began to answer and did not end within 0.7 s$/,
  },
  { name: 'talking rubbish', serve: servers.rubbish, because: /something that is not HTTP/ },
  { name: 'another protocol', serve: servers.wrongPort, because: /something that is not HTTP/ },
  {
    name: 'pouring without an end',
    serve: endless,
    because: /sent more than 512 KiB and did not end|did not end within/,
  },
  {
    name: 'made out to another name',
    serve: servers.wrongName,
    because: /certificate is not valid for 127\.0\.0\.1:\d+: .*(another name|elsewhere)/,
  },
  {
    name: 'expired',
    serve: servers.expiredCertificate,
    because: /certificate is not valid for 127\.0\.0\.1:\d+: it has expired/,
  },
  { name: 'self-signed', serve: servers.wrongCertificate, because: /certificate is not valid for 127\.0\.0\.1:\d+/ },
])('a server that is $name comes back as data, with the reason', async ({ serve, because }) => {
  const { server, client } = await open(serve);
  const answer = await client.ask(`${server.url}/health`, { maxBytes: 512 * 1024 });
  expect(answer.ok ? 'answered' : answer.because).toMatch(because);
});

test('a certificate of an authority nobody knows is not trusted', async () => {
  const { server, client } = await open(servers.healthyTls, false);
  const answer = await client.ask(`${server.url}/health`);
  expect(answer.ok ? 'answered' : answer.because).toMatch(/no authority we trust has signed it/);
});

test('an error is an answer', async () => {
  const { server, client } = await open(servers.allErrors);
  expect(await client.ask(`${server.url}/health`)).toMatchObject({ ok: true, status: 500 });
});

test('redirects in a circle come to an end', async () => {
  const { server, client } = await open(circle);
  expect(await client.follow(`${server.url}/a`)).toMatchObject({ ok: false, because: /redirected more than 5 times/ });
});

test('a redirect to a host off the list is not followed: nobody there hears of us', async () => {
  const foreign = await servers.healthy();
  onTestFinished(() => foreign.close());
  const { server, client } = await open(() => servers.redirectAway(`${foreign.url}/health`));
  expect(await client.follow(`${server.url}/`)).toMatchObject({ ok: false, ours: true });
  expect(foreign.connections()).toBe(0);
});

test('connections are reused, as a client would', async () => {
  const { server, client } = await open(servers.healthy);
  for (let i = 0; i < 5; i++) await client.ask(`${server.url}/health`);
  // A second one may be opened while the first still finishes its answer.
  expect(server.connections()).toBeLessThanOrEqual(2);
});
