import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { deployment } from '../environment/deployment.ts';
import { listen } from '../servers/listen.ts';
import { observe } from './observe.ts';

async function redisThatSays(lines: readonly string[]): Promise<string> {
  const info = `${lines.join('\r\n')}\r\n`;
  const server = net.createServer((socket) =>
    socket.on('data', (bytes) =>
      socket.write(/info/i.test(bytes.toString()) ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n'),
    ),
  );
  const { url, close } = await listen(server, 'redis');
  onTestFinished(() => close());
  return url;
}

const valkey = ['redis_version:7.2.4', 'server_name:valkey', 'valkey_version:8.1.3'];

test.each([
  { lines: ['redis_version:7.4.2'], floor: '7.4.2', said: { version: ['ok'] } },
  {
    lines: ['redis_version:7.2.4'],
    floor: '7.4.2',
    said: { version: ['Redis 7.2.4 is older than 7.4.2'] },
  },
  { lines: valkey, floor: '7.2.4', said: { version: ['ok'] } },
  {
    lines: valkey,
    floor: '7.4.2',
    said: { '*': ['needs a floor in expect.redis for Valkey, which is 8.1.3 here and says Redis 7.2.4'] },
  },
])('$lines against $floor', async ({ lines, floor, said }) => {
  const url = await redisThatSays(lines);
  const environment = deployment(`redis: { url: "${url}" }\nexpect: { redis: "${floor}" }\ntimeoutMs: 400`);
  expect((await observe('smoke.redis.version', environment)).said).toEqual(said);
});
