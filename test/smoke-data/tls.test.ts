import { chownSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { down, handle, type ReferenceStatus, up } from '../../reference/index.ts';
import { certificateFiles } from '../../reference/parts/certificates.ts';
import { freePorts } from '../../reference/parts/ports.ts';
import { postgresIdentity } from '../../reference/parts/tools.ts';
import version from '../../suites/smoke/db.version.ts';
import ping from '../../suites/smoke/redis.ping.ts';
import { environmentWith } from './environment.ts';
import { observe } from './observe.ts';

/** PostgreSQL and Redis behind certificates of an authority that only the environment file knows. */
const directory = mkdtempSync(join(tmpdir(), 'sd-tls-'));
const files = certificateFiles(directory);
let reference: ReferenceStatus;
let tlsPort: number;

beforeAll(async () => {
  reference = await up({ endWithCaller: true, directory, only: ['postgres', 'redis'] });
  tlsPort = (await freePorts(['redis'])).redis!;
  const parts = handle(reference);
  await Promise.all([parts.stop('postgres'), parts.stop('redis')]);
  await parts.start('postgres', { ssl: 'on', ssl_cert_file: lent(files.cert), ssl_key_file: lent(files.key) });
  await parts.start('redis', {
    'tls-port': String(tlsPort),
    'tls-cert-file': files.cert,
    'tls-key-file': files.key,
    'tls-ca-cert-file': files.ca,
    'tls-auth-clients': 'no',
  });
}, 60_000);

afterAll(async () => {
  await down(directory);
  rmSync(directory, { recursive: true, force: true });
}, 30_000);

/** A copy that the server's user may read. */
function lent(file: string): string {
  const copy = join(directory, 'postgres', file.endsWith('key.pem') ? 'key.pem' : 'cert.pem');
  copyFileSync(file, copy);
  const identity = postgresIdentity();
  if (identity) chownSync(copy, identity.uid, identity.gid);
  return copy;
}

const secured = (environment: ReturnType<typeof environmentWith>, known: boolean) => ({
  ...environment,
  tls: { ...environment.tls, ca: known ? readFileSync(files.ca, 'utf8') : null },
});

test.each([
  { mode: 'require', host: 'localhost', known: false, says: null },
  { mode: 'require', host: '127.0.0.1', known: true, says: null },
  { mode: 'verify-ca', host: '127.0.0.1', known: true, says: null },
  { mode: 'verify-full', host: 'localhost', known: true, says: null },
  { mode: 'verify-full', host: 'localhost', known: false, says: /authority|vouches/ },
])('PostgreSQL at $host with sslmode=$mode, authority known: $known', async ({ mode, host, known, says }) => {
  const url = new URL(reference.postgres.appUrl);
  url.hostname = host;
  url.searchParams.set('sslmode', mode);
  const seen = await observe(version, secured(environmentWith({ appUrl: url.href }), known));
  if (says === null) expect([seen.held.length, seen.broke]).toEqual([1, []]);
  else expect(seen.broke[0]?.because).toMatch(says);
});

test.each([
  { host: 'localhost', known: true, says: null },
  { host: 'localhost', known: false, says: /authority|vouches/ },
])('Redis at $host over TLS, authority known: $known', async ({ host, known, says }) => {
  const url = new URL(reference.redis.url.replace('redis:', 'rediss:'));
  [url.hostname, url.port] = [host, String(tlsPort)];
  const seen = await observe(ping, secured(environmentWith({ redisUrl: url.href }), known));
  if (says === null) expect([seen.held.length, seen.broke]).toEqual([20, []]);
  else expect(seen.broke[0]?.because).toMatch(says);
});
