import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/**
 * Free loopback ports below the range from which the kernel takes ports for outgoing connections: a fault may stop a server
 * for a while, and no client's own port may sit on its address when it comes back.
 */
export async function freePorts(names: readonly string[]): Promise<Record<string, number>> {
  const taken = new Set<number>();
  const ports: Record<string, number> = {};
  for (const name of names) {
    ports[name] = await freePort(taken);
    taken.add(ports[name]);
  }
  return ports;
}

const attempts = 200;

async function freePort(taken: ReadonlySet<number>): Promise<number> {
  const [lowest, highest] = [10_000, Math.max(12_000, ephemeralFrom() - 1)];
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free loopback port found between ${lowest} and ${highest} in ${attempts} attempts`);
}

function ephemeralFrom(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
  } catch {
    return 32_768;
  }
}

/** Asked of the system on both loopback addresses, because `localhost` may mean either, and for datagrams too. */
export async function isFree(port: number): Promise<boolean> {
  return (
    (await streamFree(port, '127.0.0.1')) && (await streamFree(port, '::1')) && (await datagramFree(port, '127.0.0.1'))
  );
}

function streamFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT'),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

export function datagramFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind({ port, address, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
