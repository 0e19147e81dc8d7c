import { type AddressInfo, createServer, type Socket } from 'node:net';

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

const answer = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok';
const endOfRequest = '\r\n\r\n';

/**
 * Answers in 5 ms, but freezes for the last 2 s of every 10 s: whatever would have been answered while it is frozen is
 * answered at once when it thaws, on old and on new connections alike. Cycles begin when the server does. It speaks just
 * enough HTTP, straight on the socket, so that answering a thousand at the thaw costs it next to no time of its own.
 */
export async function stallServer(options: Options = {}): Promise<StallServer> {
  const { answersAfterMs = 5, cycleMs = 10_000, frozenMs = 2_000 } = options;
  const origin = performance.now();
  const phase = () => (performance.now() - origin) % cycleMs;
  const frozen: Socket[] = [];
  let thaw: NodeJS.Timeout | undefined;

  const reply = (socket: Socket) => {
    const now = phase();
    if (now < cycleMs - frozenMs) {
      socket.write(answer);
      return;
    }
    frozen.push(socket);
    thaw ??= setTimeout(thawAll, cycleMs - now + 0.5);
  };
  const thawAll = () => {
    thaw = undefined;
    for (const socket of frozen.splice(0)) socket.write(answer);
  };

  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    onRequest(socket, () => setTimeout(reply, answersAfterMs, socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    phase,
    close: () => {
      clearTimeout(thaw);
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A GET without a body ends with an empty line; several may come in one piece, and one in several. */
function onRequest(socket: Socket, take: () => void): void {
  let rest = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    const parts = (rest + chunk).split(endOfRequest);
    rest = parts.pop()!;
    for (const _ of parts) take();
  });
}
