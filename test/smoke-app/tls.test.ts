import https from 'node:https';
import { expect, onTestFinished, test } from 'vitest';
import { handshake, old } from '../../probes/tls.ts';
import { leadsHome } from '../../suites/smoke/web.tls.ts';
import { deployment } from '../environment/deployment.ts';
import * as servers from '../servers/index.ts';
import { listen } from '../servers/listen.ts';
import { observe } from './observe.ts';

async function shake(serve: () => Promise<servers.TestServer>, how?: typeof old) {
  const server = await serve();
  onTestFinished(() => server.close());
  const made = deployment(`api: { url: ${server.url} }\ntimeoutMs: 500`);
  return handshake({ ...made, tls: { ...made.tls, ca: server.ca ?? null } }, new URL(server.url), how);
}

const outdated = async () => {
  const { key, cert, ca } = await servers.certificate({ names: ['127.0.0.1'] });
  const options = { key, cert, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
  return listen(https.createServer(options), 'https', { ca });
};

test('a good certificate is trusted, with the days it has left', async () => {
  expect(await shake(servers.healthyTls)).toMatchObject({
    ok: true,
    distrust: null,
    daysLeft: 29,
    protocol: 'TLSv1.3',
  });
});

test.each([
  { name: 'expired', serve: servers.expiredCertificate, distrust: /expired/ },
  { name: 'made out to another name', serve: servers.wrongName, distrust: /elsewhere\.example/ },
  { name: 'self-signed', serve: servers.wrongCertificate, distrust: /self-signed|elsewhere/ },
])('one that is $name is not, and its days are told all the same', async ({ serve, distrust }) => {
  expect(await shake(serve)).toMatchObject({
    ok: true,
    distrust: expect.stringMatching(distrust),
    daysLeft: expect.any(Number),
  });
});

test.each([
  { name: 'dead', serve: servers.dead, because: /refused the connection/ },
  { name: 'hanging', serve: servers.hangingTls, because: /no TLS handshake within 0.5 s/ },
  { name: 'no TLS server', serve: servers.healthy, because: /TLS handshake/ },
])('a server that is $name says so', async ({ serve, because }) => {
  const shaken = await shake(serve);
  expect(shaken.ok ? 'ok' : shaken.because).toMatch(because);
});

test('an old version is refused by a server of today and found out at one that still speaks it', async () => {
  expect(await shake(servers.healthyTls, old)).toMatchObject({ ok: false });
  expect(await shake(outdated, old)).toMatchObject({ ok: true, protocol: 'TLSv1.1' });
});

test.each([
  ['https://a.example/x', true],
  ['https://www.a.example/', true],
  ['http://a.example/', false],
  ['https://b.example/', false],
  ['https://www.a.example.b.example/', false],
])('http://a.example/ may lead to %s: %s', (to, home) => expect(leadsHome('http://a.example/', to)).toBe(home));

test.each([
  { name: 'refuses what is old', dies: false, said: ['ok'] },
  {
    name: 'is gone after the first handshake',
    dies: true,
    said: [expect.stringMatching(/^needs .* second handshake/)],
  },
])('a server that $name', async ({ dies, said }) => {
  const { key, cert, ca } = await servers.certificate({ names: ['127.0.0.1'] });
  const server = https.createServer({ key, cert }, (_, response) => response.end());
  let connections = 0;
  if (dies) server.prependListener('connection', (socket) => void (++connections > 1 && socket.destroy()));
  const { url, close } = await listen(server, 'https');
  onTestFinished(() => close());
  const made = deployment(`web: { landing: ${url} }\ntimeoutMs: 2000`);
  const seen = await observe('smoke.web.tls', { ...made, tls: { ...made.tls, ca } });
  expect(seen.said).toMatchObject({ certificate: ['ok'], protocol: said });
});
