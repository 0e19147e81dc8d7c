import { type RawData, WebSocket } from 'ws';
import { webSocketOptions } from '../environment/sockets.ts';
import { spendRequest } from '../environment/spending.ts';
import { type Visit, whyNot } from './http.ts';

export interface Frame {
  readonly data: Buffer;
  readonly binary: boolean;
  readonly atMs: number;
}

/** How a socket came to its end: closed by a close frame, refused with an HTTP answer, or never a socket at all. */
export type Ending =
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly because: string };

export type Heard = { readonly kind: 'frame'; readonly frame: Frame } | Ending | { readonly kind: 'silent' };

export interface Socket {
  /** When dialling began. */
  readonly startMs: number;
  /** Every frame so far, in order. */
  readonly frames: readonly Frame[];
  /** The first frame from number `from` on that is wanted, the end of the socket, or silence. */
  hear(wanted: (frame: Frame) => boolean, withinMs: number, from?: number): Promise<Heard>;
  /** Waits for the end; silence when the socket stays open. */
  end(withinMs: number): Promise<Heard>;
  send(text: string): void;
  close(): void;
  /** Breaks the connection without a word, as a lost network does. */
  cut(): void;
}

export interface Dial {
  readonly headers?: Readonly<Record<string, string>>;
  readonly origin?: string | null;
}

const maxFrames = 20_000;
const maxPayload = 4 * 1024 * 1024;

/** Dials at once and keeps what comes; that the socket opened proves nothing, so nobody is told of it. */
export function dial(visit: Visit, url: string, { headers = {}, origin = null }: Dial = {}): Socket {
  const startMs = visit.now();
  if (!spendRequest(visit.environment)) return neverDialled(visit, startMs);
  const frames: Frame[] = [];
  const listeners = new Set<() => void>();
  let ending: Ending | null = null;
  const change = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const finish = (how: Ending): void => {
    ending ??= how;
    change();
  };
  const socket = connect(visit, url, headers, origin, finish);
  socket.on('message', (data: RawData, binary: boolean) => {
    if (frames.length >= maxFrames) return;
    frames.push({ data: bufferOf(data), binary, atMs: visit.now() });
    change();
  });
  const heard = async (look: () => Heard | null, withinMs: number): Promise<Heard> => {
    const found = await waitFor(listeners, look, withinMs, visit.signal);
    return found ?? { kind: 'silent' };
  };
  return {
    startMs,
    frames,
    hear: (wanted, withinMs, from = 0) =>
      heard(() => {
        const frame = frames.slice(from).find(wanted);
        return frame ? { kind: 'frame', frame } : ending;
      }, withinMs),
    end: (withinMs) => heard(() => ending, withinMs),
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => void hangUp(socket),
    cut: () => socket.terminate(),
  };
}

/** What was not sent says nothing about the deployment. */
function neverDialled(visit: Visit, startMs: number): Socket {
  const because = `the budget of ${visit.environment.budget.requests} requests is spent`;
  visit.ours?.('budget', because);
  const ending = async (): Promise<Heard> => ({ kind: 'failed', because });
  const nothing = (): undefined => undefined;
  return { startMs, frames: [], hear: ending, end: ending, send: nothing, close: nothing, cut: nothing };
}

function connect(
  visit: Visit,
  url: string,
  headers: Readonly<Record<string, string>>,
  origin: string | null,
  finish: (how: Ending) => void,
): WebSocket {
  const socket = new WebSocket(url, {
    headers: { 'user-agent': 'shakedown (release verification)', ...headers },
    ...(origin ? { origin } : {}),
    perMessageDeflate: false,
    maxPayload,
    ...webSocketOptions(visit.environment, url),
  });
  socket.on('unexpected-response', (request, response) => {
    finish({ kind: 'refused', status: response.statusCode ?? 0 });
    request.destroy();
  });
  socket.on('error', (error) =>
    finish({ kind: 'failed', because: whyNoSocket(error, url, visit.environment.timeoutMs) }),
  );
  socket.on('close', (code, reason) => finish({ kind: 'closed', code, reason: reason.toString('utf8') }));
  visit.signal.addEventListener('abort', () => socket.terminate(), { once: true });
  return socket;
}

function whyNoSocket(error: Error, url: string, timeoutMs: number): string {
  if (/handshake has timed out/.test(error.message)) return `no answer to the upgrade within ${timeoutMs / 1000} s`;
  if (/^Invalid (WebSocket frame|Sec-WebSocket|Upgrade header)/.test(error.message)) {
    return `answered something that is not a WebSocket (${error.message})`;
  }
  return whyNot(error, url);
}

/** What it was told of an end, in words that complete "… was answered by". */
export function endingInWords(heard: Heard): string {
  switch (heard.kind) {
    case 'closed':
      return `close ${heard.code}${heard.reason ? ` "${heard.reason.slice(0, 100)}"` : ''}`;
    case 'refused':
      return `HTTP ${heard.status}`;
    case 'failed':
      return heard.because;
    case 'silent':
      return 'silence';
    case 'frame':
      return `a frame: ${heard.frame.data.subarray(0, 120).toString('utf8')}`;
  }
}

function waitFor<T>(
  listeners: Set<() => void>,
  look: () => T | null,
  withinMs: number,
  signal: AbortSignal,
): Promise<T | null> {
  return new Promise((resolve) => {
    const done = (result: T | null): void => {
      clearTimeout(timer);
      listeners.delete(listen);
      signal.removeEventListener('abort', stopped);
      resolve(result);
    };
    const stopped = (): void => done(look());
    const timer = setTimeout(() => done(look()), withinMs);
    const listen = (): void => {
      const found = look();
      if (found !== null) done(found);
    };
    listeners.add(listen);
    signal.addEventListener('abort', stopped, { once: true });
    listen();
  });
}

/** A peer that does not close back is not waited for. */
function hangUp(socket: WebSocket): void {
  socket.close(1000);
  setTimeout(() => socket.terminate(), 500).unref();
}

const bufferOf = (data: RawData): Buffer =>
  Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
