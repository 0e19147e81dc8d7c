import http from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { enter, ping } from '../../platform/realtime.ts';
import { dial, endingInWords } from '../../probes/socket.ts';
import { deployment } from '../environment/deployment.ts';
import * as servers from '../servers/index.ts';
import { listen } from '../servers/listen.ts';
import { visit } from './observe.ts';

const socketServer = (greet: (socket: WebSocket) => void) => () => {
  const server = http.createServer();
  new WebSocketServer({ server }).on('connection', greet);
  return listen(server, 'ws');
};

const turnsAway = (status: number) => () => {
  const server = http.createServer();
  server.on('upgrade', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\nconnection: close\r\n\r\n`));
  return listen(server, 'ws');
};

const ack = JSON.stringify({ type: 'ack', payload: { connected: true, serverId: 'ws-1' } });
const asSocket = (serve: () => Promise<servers.TestServer>) => async () => {
  const server = await serve();
  return { ...server, url: server.url.replace(/^http/, 'ws') };
};

async function at(serve: () => Promise<servers.TestServer>) {
  const server = await serve();
  onTestFinished(() => server.close());
  const environment = deployment(`realtime: { urls: ['${server.url}/ws'] }\ntimeoutMs: 400`);
  return { visit: visit(environment), room: { url: `${server.url}/ws`, sessionId: 's', token: 't' } };
}

test.each([
  { name: 'is let in by the ack', serve: socketServer((socket) => socket.send(ack)), seen: 'in' },
  { name: 'is not let in by an open socket alone', serve: socketServer(() => undefined), seen: /no ack within 0.4 s/ },
  {
    name: 'is not let in by another frame',
    serve: socketServer((socket) => socket.send('{"type":"pong"}')),
    seen: /no ack within/,
  },
  {
    name: 'is not let in by an ack that does not say connected',
    serve: socketServer((socket) => socket.send('{"type":"ack","payload":{}}')),
    seen: /something else than an ack/,
  },
  {
    name: 'is let in although news of others came first',
    serve: socketServer((socket) => {
      socket.send('{"type":"user_left","payload":{"userId":"x"}}');
      socket.send(ack);
    }),
    seen: 'in',
  },
  {
    name: 'is not let in by an error, whatever comes after',
    serve: socketServer((socket) => {
      socket.send('{"type":"error","payload":{"error":"no"}}');
      socket.send(ack);
    }),
    seen: /something else than an ack/,
  },
  {
    name: 'is not let in by rubbish',
    serve: socketServer((socket) => socket.send(Buffer.from([1, 2, 3]))),
    seen: /something else than an ack/,
  },
  {
    name: 'is told of a close',
    serve: socketServer((socket) => socket.close(1008, 'no session')),
    seen: /close 1008 "no session"/,
  },
  { name: 'is told of an HTTP refusal', serve: turnsAway(401), seen: /HTTP 401/ },
  { name: 'is told of a dead port', serve: asSocket(servers.dead), seen: /refused the connection/ },
  { name: 'is told of a server that hangs', serve: asSocket(servers.hanging), seen: /no (ack|answer)/ },
  {
    name: 'is told of a server that speaks no WebSocket',
    serve: asSocket(servers.rubbish),
    seen: /not HTTP|Parse Error/,
  },
])('a visitor $name', async ({ serve, seen }) => {
  const { visit, room } = await at(serve);
  const entrance = await enter(visit, room);
  if (seen === 'in') expect(entrance).toMatchObject({ ok: true, serverId: 'ws-1' });
  else expect(entrance.ok ? 'in' : entrance.because).toMatch(seen);
  if (entrance.ok) entrance.socket.close();
});

test('a pong must come after the ping', async () => {
  const answering = socketServer((socket) => {
    socket.send(ack);
    socket.on('message', () => socket.send('{"type":"pong","payload":{}}'));
  });
  const early = socketServer((socket) => {
    socket.send(ack);
    socket.send('{"type":"pong"}');
  });
  for (const [serve, ok] of [
    [answering, true],
    [early, false],
  ] as const) {
    const { visit, room } = await at(serve);
    const entrance = await enter(visit, room);
    if (!entrance.ok) throw new Error(entrance.because);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await ping(visit, entrance.socket)).ok).toBe(ok);
    entrance.socket.close();
  }
});

test('a host off the list hears nothing', async () => {
  const foreign = await socketServer((socket) => socket.send(ack))();
  onTestFinished(() => foreign.close());
  const { visit } = await at(socketServer(() => undefined));
  const heard = await dial(visit, `${foreign.url}/ws`).end(400);
  expect(endingInWords(heard)).toMatch(/not contacted/);
  expect(foreign.connections()).toBe(0);
});
