import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { freePorts } from '../../reference/parts/ports.ts';
import { nodeBinary } from '../../reference/parts/tools.ts';

const script = fileURLToPath(new URL('../../reference/media/relay.ts', import.meta.url));
const open: { close(): unknown }[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    const gone = once(child, 'exit');
    child.kill();
    await gone;
  }
  for (const socket of open.splice(0)) socket.close();
});

async function socketAt(port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  open.push(socket);
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** A server that echoes, behind the relay; resolves once datagrams come back through it. */
async function behind(...options: string[]): Promise<{ client: Socket; send(datagram: Buffer): void }> {
  const { relay = 0 } = await freePorts(['relay']);
  const server = await socketAt();
  server.on('message', (datagram, from) => server.send(datagram, from.port, from.address));
  const to = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  children.push(spawn(nodeBinary(), [script, `--listen=127.0.0.1:${relay}`, `--target=${to}`, ...options]));
  const client = await socketAt();
  const send = (datagram: Buffer) => client.send(datagram, relay, '127.0.0.1');
  const back = once(client, 'message');
  const knock = setInterval(() => send(Buffer.from([64])), 50);
  await back;
  clearInterval(knock);
  await sleep(300);
  return { client, send };
}

const audio = (number: number) => Buffer.from([128, 111, number >> 8, number & 255]);
const picture = (number: number) => Buffer.from([128, 96, number >> 8, number & 255]);

/** Numbers of the datagrams of a payload type that come back, and how long the first took. */
async function sentAndBack(
  { client, send }: Awaited<ReturnType<typeof behind>>,
  make: (number: number) => Buffer,
  count: number,
): Promise<{ numbers: number[]; firstMs: number }> {
  const numbers: number[] = [];
  let firstMs = Number.NaN;
  const sentMs = performance.now();
  const type = make(0)[1];
  client.on('message', (datagram) => {
    if (datagram[1] !== type) return;
    if (numbers.length === 0) firstMs = performance.now() - sentMs;
    numbers.push(datagram.readUInt16BE(2));
  });
  for (let number = 0; number < count; number++) {
    send(make(number));
    // A starved relay must not lose more in the kernel's buffers than it loses on purpose.
    if (number % 50 === 49) await sleep(250);
  }
  for (let last = -1; last !== numbers.length; await sleep(700)) last = numbers.length;
  return { numbers, firstMs };
}

describe('the relay for media', { timeout: 60_000 }, () => {
  test('delays both ways, loses its share, and keeps the order', async () => {
    const through = await behind('--delay-ms=100', '--loss=0.02');
    const { numbers, firstMs } = await sentAndBack(through, audio, 1_000);
    expect(firstMs).toBeGreaterThanOrEqual(195);
    // 2 % on each way are 3.96 % of 1 000: 40, give or take 6 (one standard deviation).
    expect(1_000 - numbers.length).toBeGreaterThan(18);
    expect(1_000 - numbers.length).toBeLessThan(65);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  test('touches one kind of datagram alone when told to', async () => {
    const through = await behind('--only=audio', '--loss=1');
    expect((await sentAndBack(through, audio, 20)).numbers).toEqual([]);
    expect((await sentAndBack(through, picture, 20)).numbers).toHaveLength(20);
  });

  test('holds pictures back at the beginning of a connection, and no sound', async () => {
    const through = await behind('--only=large', '--for-ms=20000');
    expect((await sentAndBack(through, picture, 20)).numbers).toEqual([]);
    expect((await sentAndBack(through, audio, 20)).numbers).toHaveLength(20);
  });
});
