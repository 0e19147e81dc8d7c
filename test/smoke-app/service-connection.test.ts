import { rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { inDatabase } from '../../platform/people.ts';
import { openDatabase } from '../../probes/postgres.ts';
import { deployment } from '../environment/deployment.ts';
import { certificate } from '../servers/certificates.ts';
import { listen } from '../servers/listen.ts';

const letIn = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

/** A managed database as clouds have them: TLS only, with a certificate of an authority of its own, and everybody is let in. */
async function managed() {
  const { key, cert, ca } = await certificate({ names: ['127.0.0.1'] });
  const startups: string[] = [];
  const server = net.createServer((socket) => {
    socket.once('data', (request) => {
      if (request.readInt32BE(4) !== 80_877_103) return void socket.end();
      socket.write('S');
      const secure = new TLSSocket(socket, { isServer: true, key, cert });
      secure.on('error', () => socket.destroy());
      secure.once('data', (startup: Buffer) => {
        startups.push(startup.toString('latin1'));
        secure.write(letIn);
      });
    });
  });
  const { port, close } = await listen(server, 'postgres');
  const file = join(tmpdir(), `sd-root-${port}.pem`);
  writeFileSync(file, ca);
  onTestFinished(async () => {
    rmSync(file);
    await close();
  });
  const at = (query: string) => `postgres://service:pw@127.0.0.1:${port}/platform?${query}`;
  return { at, file, ca, startups };
}

const enter = async (url: string, ca: string | null) => {
  const made = deployment(`database: { serviceUrl: "${url}" }\ntimeoutMs: 1000`);
  const environment = { ...made, tls: { ...made.tls, ca } };
  const wrote = await inDatabase({ environment }, url, async () => 'in');
  const looked = await openDatabase(url, { environment }).then(
    async (database) => {
      await database.close();
      return 'in';
    },
    (error: Error) => error.message,
  );
  return { wrote: wrote.ok ? wrote.value : wrote.because, looked };
};

test.each([
  { name: 'encrypted, without knowing its authority', mode: 'sslmode=require', authority: 'unknown', says: /^in$/ },
  { name: 'with an authority of the environment file', mode: 'sslmode=verify-full', authority: 'known', says: /^in$/ },
  { name: 'with an authority of the address', mode: 'sslmode=verify-ca', authority: 'in a file', says: /^in$/ },
  {
    name: 'not to one that nobody vouches for',
    mode: 'sslmode=verify-full',
    authority: 'unknown',
    says: /certificate/,
  },
])('who writes connects as who looks does: $name', async ({ mode, authority, says }) => {
  const { at, file, ca } = await managed();
  const url = at(authority === 'in a file' ? `${mode}&sslrootcert=${encodeURIComponent(file)}` : mode);
  const { wrote, looked } = await enter(url, authority === 'known' ? ca : null);
  expect(wrote).toMatch(says);
  expect(looked).toMatch(says);
});

test('options of the address reach the server, such as the schema of the platform', async () => {
  const { at, startups } = await managed();
  await enter(at(`sslmode=require&options=${encodeURIComponent('-c search_path=core')}`), null);
  expect(startups.map((startup) => startup.includes('-c search_path=core'))).toEqual([true, true]);
});
