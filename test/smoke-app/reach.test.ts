import https from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { reach } from '../../probes/reach.ts';
import { certificate } from '../servers/certificates.ts';
import { listen } from '../servers/listen.ts';

async function serve() {
  const { key, cert, ca } = await certificate({ names: ['127.0.0.1'] });
  const { url, close } = await listen(
    https.createServer({ key, cert }, (_, response) => response.end()),
    'https',
  );
  onTestFinished(() => close());
  return { url, ca };
}

test.each([
  { name: 'a usual authority, beside the one of its own', usual: 0, own: 1, ok: true },
  { name: 'its own authority', usual: null, own: 0, ok: true },
  { name: 'neither', usual: 1, own: 1, ok: false },
])('a site is reached with a certificate of $name: $ok', async ({ usual, own, ok }) => {
  const [site, other] = [await serve(), await serve()];
  const known = [site.ca, other.ca];
  const before = getCACertificates('default');
  onTestFinished(() => setDefaultCACertificates(before));
  setDefaultCACertificates(usual === null ? [] : [known[usual]!]);
  expect(await reach(site.url, { timeoutMs: 2000, ca: known[own]! })).toMatchObject({ ok });
});
