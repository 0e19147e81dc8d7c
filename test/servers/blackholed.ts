import net from 'node:net';
import { Worker } from 'node:worker_threads';
import type { TestServer } from './listen.ts';

// The thread listens and then sleeps for good, so that nobody ever takes a connection off the kernel's queue.
const listener = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** A listener whose queue is full: the kernel drops every further attempt, so that connecting ends in a time-out. */
export async function blackholed(): Promise<TestServer> {
  const worker = new Worker(listener, { eval: true });
  const port = await new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  const fillers: net.Socket[] = [];
  let full = false;
  for (let tries = 0; tries < 64 && !full; tries++) full = !(await connects(port, fillers));
  if (!full) throw new Error('this machine takes connections without end');
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    connections: () => 0,
    async close() {
      for (const socket of fillers) socket.destroy();
      await worker.terminate();
    },
  };
}

function connects(port: number, fillers: net.Socket[]): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  fillers.push(socket);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), 250);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(true);
    });
    socket.on('error', reject);
  });
}
