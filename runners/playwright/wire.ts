import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FromRunner, JourneyOrder, ToRunner } from './messages.ts';

/** A process of the browser runner, as the run sees it. */
export interface Peer {
  readonly id: number;
  /** Checks it has begun and not finished. */
  readonly open: Set<string>;
  spent: number;
}

export interface WireHandlers {
  order(): JourneyOrder;
  onMessage(message: FromRunner, peer: Peer): void;
  /** Its connection ended, however that came about. */
  onGone(peer: Peer): void;
}

export interface Wire {
  readonly address: string;
  tell(message: ToRunner): void;
  close(): void;
}

/**
 * A socket in a directory of our own, one JSON object a line. The runner's processes come and go as tests fail and browsers
 * crash; what they say arrives while they say it, so that a run that is cut off keeps it.
 */
export async function openWire(handlers: WireHandlers): Promise<Wire> {
  const directory = mkdtempSync(join(tmpdir(), 'shakedown-wire-'));
  const address = join(directory, 'run');
  const sockets = new Set<Socket>();
  let peers = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    const peer: Peer = { id: ++peers, open: new Set(), spent: 0 };
    listen(socket, (line) => answer(socket, JSON.parse(line) as FromRunner, peer, handlers));
    socket.on('close', () => {
      sockets.delete(socket);
      handlers.onGone(peer);
    });
  });
  await listening(server, address);
  return {
    address,
    tell: (message) => {
      for (const socket of sockets) say(socket, message);
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function answer(socket: Socket, message: FromRunner, peer: Peer, handlers: WireHandlers): void {
  if (message.type === 'hello') say(socket, { type: 'order', order: handlers.order() });
  if (message.type === 'started') peer.open.add(message.check);
  if (message.type === 'finished') {
    peer.open.delete(message.check);
    peer.spent = message.spent;
  }
  handlers.onMessage(message, peer);
  if (message.type === 'sync') say(socket, { type: 'synced', id: message.id });
}

function listening(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => resolve());
  });
}

/** The runner's end. */
export interface Line {
  readonly order: JourneyOrder;
  readonly stop: AbortSignal;
  say(message: FromRunner): void;
  /** Resolves once everything said so far has reached the record. */
  heardOut(): Promise<void>;
}

/** @throws Error when nobody listens at the address. */
export async function callRun(address: string, from: 'worker' | 'reporter' | 'loader'): Promise<Line> {
  const socket = connect({ path: address });
  const stop = new AbortController();
  const waiting = new Map<number, () => void>();
  const { promise, resolve, reject } = Promise.withResolvers<JourneyOrder>();
  socket.once('error', reject);
  socket.on('close', () => stop.abort(new Error('the run is gone')));
  listen(socket, (line) => {
    const message = JSON.parse(line) as ToRunner;
    if (message.type === 'order') resolve(message.order);
    if (message.type === 'stop') stop.abort(new Error('the run is being stopped'));
    if (message.type === 'synced') waiting.get(message.id)?.();
  });
  say(socket, { type: 'hello', from });
  const order = await promise;
  // A process that has nothing else to do may end.
  socket.unref();
  let syncs = 0;
  return {
    order,
    stop: stop.signal,
    say: (message) => say(socket, message),
    heardOut: () => {
      const id = ++syncs;
      const heard = Promise.withResolvers<void>();
      waiting.set(id, heard.resolve);
      stop.signal.addEventListener('abort', () => setTimeout(heard.resolve, 1_000), { once: true });
      say(socket, { type: 'sync', id });
      return heard.promise;
    },
  };
}

const say = (socket: Socket, message: FromRunner | ToRunner): void => {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
};

function listen(socket: Socket, take: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}
