import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { redisWatcher } from '../../probes/watch/redis.ts';
import { lifeIn, soon, valueIn, watching } from './watching.ts';

let server: Server | null = null;
afterEach(() => void server?.close());

/** What stands before a managed Redis: it answers INFO with what it likes to tell. */
async function redisThatTells(info: () => string): Promise<string> {
  const bulk = (text: string) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
  const answerTo = (command: string) => {
    if (command === 'info') return bulk(info());
    return command === 'randomkey' ? '$-1\r\n' : '+OK\r\n';
  };
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      for (const [, name] of bytes.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g))
        socket.write(answerTo(name!.toLowerCase()));
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function told(more: string) {
  const url = await redisThatTells(() => `# Server\r\nredis_version:7.2.0\r\n${more}used_memory:1048576\r\n`);
  const around = watching(`redis: { url: "${url}" }`);
  const watcher = redisWatcher(url, around);
  const samples = [await watcher.sample(soon), await watcher.sample(soon)].flat();
  await watcher.close?.();
  return { samples, notes: around.emitted.filter(({ kind }) => kind === 'note') };
}

test('Redis that says which one it is has a life', async () => {
  const { samples, notes } = await told('run_id:abc\r\n');
  expect(lifeIn(samples)).toBe('abc');
  expect(valueIn(samples, 'process.up')).toBe(1);
  expect(notes).toEqual([]);
});

test('Redis that does not is watched, and of its restarts it is said why they are unseen', async () => {
  const { samples, notes } = await told('');
  expect(valueIn(samples, 'redis.memory')).toBe(1_048_576);
  expect(valueIn(samples, 'process.up')).toBeUndefined();
  expect(lifeIn(samples)).toBeUndefined();
  expect(notes).toEqual([expect.objectContaining({ detail: expect.stringContaining('no run_id'), unseen: 'redis' })]);
});
