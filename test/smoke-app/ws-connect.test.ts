import http from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { deployment } from '../environment/deployment.ts';
import { listen } from '../servers/listen.ts';
import { observe } from './observe.ts';
import { apiForEverybody } from './people.ts';

const frame = (type: string, payload: unknown = {}) => JSON.stringify({ type, payload });

/** A realtime server that knows the sessions of our API, and does as it is told with everybody else. */
async function realtime(turnAway: (stranger: WebSocket) => void): Promise<string> {
  const server = http.createServer();
  new WebSocketServer({ server }).on('connection', (socket, { headers }) => {
    if (!/=s\d+\b/.test(headers.cookie ?? '')) return turnAway(socket);
    socket.on('message', () => socket.send(frame('pong')));
    socket.send(frame('ack', { connected: true, serverId: 'ws-1' }));
  });
  const { url, close } = await listen(server, 'ws');
  onTestFinished(() => close());
  return url;
}

test.each([
  { name: 'closes with 1008', away: (one: WebSocket) => one.close(1008), said: ['ok'] },
  {
    name: 'says why and closes with 1008',
    away: (one: WebSocket) => {
      one.send(frame('error', { error: 'Invalid or expired session' }));
      one.close(1008);
    },
    said: ['ok'],
  },
  {
    name: 'says why and stays',
    away: (one: WebSocket) => one.send(frame('error', { error: 'Invalid or expired session' })),
    said: /was let in and told/,
  },
  {
    name: 'says why, and more before it closes',
    away: (one: WebSocket) => {
      one.send(frame('error'));
      one.send(frame('chat_message', { content: 'for others' }));
      one.close(1008);
    },
    said: /was let in and told/,
  },
  { name: 'closes as if all had been well', away: (one: WebSocket) => one.close(1000), said: /close 1000/ },
])('a stranger whom the server $name', async ({ away, said }) => {
  const environment = deployment(
    `api: { url: ${await apiForEverybody()} }
realtime: { urls: ["${await realtime(away)}"] }
accounts: { given: [{ tenant: T, role: owner, email: a@example.com, password: secret-of-a }] }
timeoutMs: 500`,
  );
  const seen = await observe('smoke.ws.connect', environment);
  expect(seen.said).toMatchObject({ accepts: ['ok'], ping: ['ok'] });
  if (Array.isArray(said)) expect(seen.said.refuses).toEqual(said);
  else expect(seen.said.refuses?.[0]).toMatch(said);
});
