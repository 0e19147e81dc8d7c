import type { AddressInfo, Server, Socket } from 'node:net';

/** A real server on a free loopback port. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** The authority its certificate is to be checked against, where it has one. */
  readonly ca?: string;
  /** TCP connections it has seen. */
  connections(): number;
  close(): Promise<void>;
}

/** Listens and remembers its sockets, so that closing does not wait for whoever still hangs on. */
export async function listen(
  server: Server,
  scheme: string,
  more: { path?: string; ca?: string } = {},
): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let seen = 0;
  server.on('connection', (socket: Socket) => {
    seen++;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  const url = `${scheme}://127.0.0.1:${port}${more.path ?? ''}`;
  return { url, port, ...(more.ca && { ca: more.ca }), connections: () => seen, close };
}
