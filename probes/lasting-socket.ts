import { type RawData, WebSocket } from 'ws';
import { webSocketOptions } from '../environment/sockets.ts';
import { spendRequest } from '../environment/spending.ts';
import type { Visit } from './http.ts';

/** A socket that is held for hours: it keeps nothing of what it heard. */
export interface LastingSocket {
  send(text: string): boolean;
  /** Ends it from our side; nobody is told. */
  leave(): void;
}

export interface LastingOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly origin: string | null;
  readonly onText: (text: string) => void;
  /** Once, when it ended and we did not end it. */
  readonly onEnd: (how: { readonly code: number | null; readonly because: string }) => void;
}

export function openLasting(visit: Visit, options: LastingOptions): LastingSocket {
  if (!spendRequest(visit.environment)) return neverOpened(visit, options);
  const { url, headers, origin, onText, onEnd } = options;
  const socket = new WebSocket(url, {
    headers: { 'user-agent': 'shakedown (release verification)', ...headers },
    ...(origin ? { origin } : {}),
    perMessageDeflate: false,
    maxPayload: 4 * 1024 * 1024,
    ...webSocketOptions(visit.environment, url),
  });
  let over = false;
  const end = (code: number | null, because: string) => {
    if (over) return;
    over = true;
    onEnd({ code, because });
  };
  socket.on('message', (data: RawData, binary: boolean) => {
    if (!over && !binary) onText(String(data));
  });
  socket.on('unexpected-response', (request, response) => {
    end(null, `was answered HTTP ${response.statusCode ?? 0}`);
    request.destroy();
  });
  socket.on('error', (error) => end(null, error.message));
  socket.on('close', (code, reason) =>
    end(code, `close ${code}${reason.length > 0 ? ` "${String(reason).slice(0, 80)}"` : ''}`),
  );
  const leave = () => {
    over = true;
    visit.signal.removeEventListener('abort', leave);
    if (socket.readyState === WebSocket.CONNECTING) return socket.terminate();
    socket.close(1000);
    setTimeout(() => socket.terminate(), 500).unref();
  };
  visit.signal.addEventListener('abort', leave, { once: true });
  return {
    leave,
    send(text) {
      if (over || socket.readyState !== WebSocket.OPEN) return false;
      socket.send(text);
      return true;
    },
  };
}

function neverOpened({ environment }: Visit, { onEnd }: LastingOptions): LastingSocket {
  queueMicrotask(() =>
    onEnd({ code: null, because: `the budget of ${environment.budget.requests} requests is spent` }),
  );
  return { leave: () => undefined, send: () => false };
}
