import type { Server } from 'node:net';

/**
 * `localhost` may mean 127.0.0.1 or ::1, and a browser tries both: each server is made twice, once for either address.
 * A machine without IPv6 does with the first.
 */
export async function listenLocally<S extends Server>(make: () => S, port: number): Promise<S[]> {
  const first = make();
  await listen(first, port, '127.0.0.1');
  const second = make();
  try {
    await listen(second, port, '::1');
    return [first, second];
  } catch (error) {
    if (['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes((error as NodeJS.ErrnoException).code ?? '')) return [first];
    throw error;
  }
}

export function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
