import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { Clock } from '../common/clock.ts';
import { start } from '../common/config.ts';
import { control } from '../common/control.ts';
import { Database } from '../common/database.ts';
import { listenLocally } from '../common/listen.ts';
import { log, text } from '../common/log.ts';
import { connected, redisClient } from '../common/redis.ts';
import { Sessions } from '../common/sessions.ts';
import { stopOnSignal } from '../common/stop.ts';
import { Switches } from '../common/switches.ts';
import { Client } from './client.ts';
import { admit } from './entrance.ts';
import { Hub } from './hub.ts';

const { config, name } = start();
const port = config.ports.realtime[name];
if (port === undefined) throw new Error(`ports.realtime has no port for ${name}`);

const pingMs = 30_000;
const silentMs = 120_000;
const mostFrameBytes = 65_536;
const mostEarlyFrames = 100;

const switches = new Switches('realtime', config);
const database = new Database(config.postgres, 10, name);
const redis = await connected(redisClient(config.redis.url, name, { commandTimeout: 2000 }));
const reader = await connected(redisClient(config.redis.url, `${name}-streams`, { commandTimeout: 5000 }));
const subscriber = await connected(redisClient(config.redis.url, `${name}-hints`));
const clock = new Clock();
const sessions = new Sessions(database, redis, { now: (email) => clock.now(email), faster: () => switches.faster });
const hub = new Hub({ config, switches, database, redis, reader, subscriber, name });
await hub.listen(subscriber);

const door = { config, switches, sessions, database };
const sockets = new WebSocketServer({
  noServer: true,
  maxPayload: mostFrameBytes,
  perMessageDeflate: false,
  clientTracking: true,
});
const clients = new Set<Client>();
const servers = await listenLocally(make, port);
setInterval(tend, pingMs).unref();
switches.onChange((changed, value) => {
  if (changed === 'close-code' && typeof value === 'number')
    for (const client of clients) client.close(value, 'planted');
});
await control(config, name, switches, () => servers.every((server) => server.listening), {
  move(value) {
    clock.move(value);
    tend();
  },
});
stopOnSignal(shutDown);
log('info', 'realtime ready', { port, serverId: hub.serverId });

function make(): Server {
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] !== '/health') return void response.writeHead(426, { upgrade: 'websocket' }).end();
    const body = {
      status: 'ok',
      instance: name,
      serverId: hub.serverId,
      connections: clients.size,
      rooms: hub.rooms.size,
      uptime: Math.round(process.uptime() * 1000),
    };
    response
      .writeHead(switches.number('health-status') ?? 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(body));
  });
  server.on('upgrade', upgrade);
  return server;
}

function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  if (request.url?.split('?')[0] !== '/ws')
    return void socket.end(`HTTP/1.1 400 ${STATUS_CODES[400]}\r\nconnection: close\r\n\r\n`);
  sockets.handleUpgrade(request, socket, head, (accepted) => {
    accepted.on('error', (error) => log('info', 'socket error', { error: error.message }));
    receive(accepted, request).catch((error) => {
      log('error', 'connection failed', { error: text(error) });
      accepted.close(1011, 'Internal error');
    });
  });
}

/** Frames sent before the ack are kept and heard after it: a client that is quick must not lose its first words. */
async function receive(socket: WebSocket, request: IncomingMessage): Promise<void> {
  const early: Buffer[] = [];
  const keep = (data: Buffer) => void (early.length < mostEarlyFrames && early.push(data));
  socket.on('message', keep);
  const entrance = await admit(door, request);
  if (!entrance.ok) return socket.close(1008, entrance.reason);
  await switches.delay('connect');
  if (socket.readyState !== socket.OPEN) return;
  const client = new Client(hub, socket, entrance.session);
  clients.add(client);
  socket.on('close', () => clients.delete(client));
  const room = await hub.rooms.join(client, entrance.sessionId);
  if (socket.readyState !== socket.OPEN) return hub.rooms.leave(client, room);
  socket.on('close', () => {
    hub.rooms.leave(client, room);
    hub.tell(client, room, 'user_left');
  });
  await client.enter(room, entrance.after, entrance.unwelcome !== true);
  socket.off('message', keep).on('message', (data) => client.hear(data));
  for (const data of early) client.hear(data);
  hub.tell(client, room, 'user_joined', { sessionId: entrance.sessionId }, entrance.session.user.id);
  const code = switches.number('close-code');
  if (code !== undefined) setTimeout(() => client.close(code, 'planted'), 500);
}

/** Asks everybody for a sign of life, and lets go of who gave none or whose session is over. */
function tend(): void {
  const now = performance.now();
  for (const client of clients) {
    if (now - client.lastHeardMs > silentMs) client.drop();
    else if (clock.now(client.session.user.email) >= client.session.expiresAt) client.close(1008, 'Session ended');
    else client.send('ping', {});
  }
}

async function shutDown(): Promise<void> {
  for (const client of clients) client.close(1001, 'Server shutting down');
  for (const server of servers) server.close();
  await new Promise((resolve) => setTimeout(resolve, 100));
  for (const connection of [redis, reader, subscriber]) connection.disconnect();
  await database.close();
}
