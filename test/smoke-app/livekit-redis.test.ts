import http from 'node:http';
import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { deployment } from '../environment/deployment.ts';
import { listen } from '../servers/listen.ts';
import { observe } from './observe.ts';

/** One node of a meeting server, which shares the rooms it is given with whoever has the same list. */
async function node(rooms: Set<string>): Promise<string> {
  const server = http.createServer(async (request, response) => {
    const { name } = JSON.parse((await request.toArray()).join('')) as { name?: string };
    if (request.url?.endsWith('/CreateRoom') && name) rooms.add(name);
    const body = request.url?.endsWith('/ListRooms') ? { rooms: [...rooms].map((one) => ({ name: one })) } : { name };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const { url, close } = await listen(server, 'ws');
  onTestFinished(() => close());
  return url;
}

/** A Redis that has heard of nothing. */
async function emptyRedis(): Promise<string> {
  const server = net.createServer((socket) =>
    socket.on('data', (bytes) => {
      const commands = bytes.toString().split(/(?=\*\d+\r\n)/);
      for (const command of commands)
        socket.write(
          /info/i.test(command) ? '$9\r\nloading:0\r\n' : /hlen|hexists/i.test(command) ? ':0\r\n' : '+OK\r\n',
        );
    }),
  );
  const { url, close } = await listen(server, 'redis');
  onTestFinished(() => close());
  return url;
}

const mint = 'tokens: { mint: { key: key, secret: a-secret-of-thirty-two-characters } }';

test.each([
  { name: "two nodes share rooms, in a Redis that is not the platform's", shares: true, redis: 'platform', said: 'ok' },
  {
    name: 'two nodes share none',
    shares: false,
    redis: 'platform',
    said: /^ws.* does not list a room made at another node$/,
  },
  { name: 'the Redis that was named knows no room', shares: true, redis: 'named', said: /0 nodes, not the room/ },
])('$name', async ({ shares, redis, said }) => {
  const rooms = new Set<string>();
  const [one, other, at] = [await node(rooms), await node(shares ? rooms : new Set()), await emptyRedis()];
  const named = redis === 'named' ? `, redis: { url: "${at}" }` : '';
  const environment = deployment(
    `meetings: { url: ${one}, urls: [${one}, ${other}], ${mint}${named} }\nredis: { url: "${at}" }\ntimeoutMs: 400`,
  );
  const told = (await observe('smoke.livekit.redis', environment)).said.shared ?? [];
  expect(told.at(-1)).toMatch(said);
});
