import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StallServer {
  readonly url: string;
  /** Milliseconds into the present cycle. */
  phase(): number;
  close(): Promise<void>;
}

interface Options {
  readonly answersAfterMs?: number;
  readonly cycleMs?: number;
  /** Frozen for the last part of every cycle. */
  readonly frozenMs?: number;
}

/**
 * Answers in 5 ms, but freezes for the last 2 s of every 10 s: whatever would have been answered while it is frozen is
 * answered when it thaws, and a connection made meanwhile is not read from before. Cycles begin when the server does.
 */
export async function stallServer({
  answersAfterMs = 5,
  cycleMs = 10_000,
  frozenMs = 2_000,
}: Options = {}): Promise<StallServer> {
  const origin = performance.now();
  const phase = () => (performance.now() - origin) % cycleMs;
  const server = createServer((_request, response) => {
    setTimeout(() => answer(), answersAfterMs);
    const answer = () => {
      const now = phase();
      const thaw = now >= cycleMs - frozenMs ? cycleMs - now : 0;
      if (thaw > 0) setTimeout(answer, thaw + 0.5);
      else response.end('ok');
    };
  });
  server.keepAliveTimeout = 60_000;
  server.maxConnections = 10_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    phase,
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
