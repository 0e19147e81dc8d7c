import { type IncomingMessage, request as open, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** The dashboard's own origin hands these on, so that cookies and calls of a page stay on one origin. */
export const isForwarded = (path: string): boolean => /^\/(api|trpc)\//.test(path);

const target = (request: IncomingMessage, port: number) => ({
  host: 'localhost',
  port,
  method: request.method,
  path: request.url,
  headers: { ...request.headers, host: `localhost:${port}`, 'x-forwarded-proto': 'https' },
});

export function forward(request: IncomingMessage, response: ServerResponse, port: number): void {
  const onward = open(target(request, port), (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}

interface Kept {
  readonly untilMs: number;
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}
const kept = new Map<string, Kept>();
const keptMs = 10_000;

/** A cache that forgets for whom an answer was: for some seconds a list is handed to whoever asks at the same address. */
export function forwardOnce(request: IncomingMessage, response: ServerResponse, port: number): void {
  const name = request.url ?? '';
  const known = kept.get(name);
  const isList = request.method === 'GET' && /^\/trpc\/\w+\.list\b/.test(name);
  if (!isList) forward(request, response, port);
  else if (known && known.untilMs > Date.now()) response.writeHead(known.status, known.headers).end(known.body);
  else fetchAndKeep(name, request, response, port);
}

function fetchAndKeep(name: string, request: IncomingMessage, response: ServerResponse, port: number): void {
  const onward = open(target(request, port), (answer) => {
    const parts: Buffer[] = [];
    answer.on('data', (part: Buffer) => parts.push(part));
    answer.on('end', () => {
      const { statusCode: status = 502, headers } = answer;
      const body = Buffer.concat(parts);
      if (status === 200) kept.set(name, { untilMs: Date.now() + keptMs, status, headers, body });
      response.writeHead(status, headers).end(body);
    });
  });
  onward.on('error', () => response.writeHead(502).end());
  onward.end();
}

/** The same for a socket: the handshake is handed on, then bytes both ways. */
export function forwardUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, port: number): void {
  const onward = open(target(request, port));
  onward.on('upgrade', (answer, other, rest) => {
    const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
    if (rest.length > 0) socket.write(rest);
    if (head.length > 0) other.write(head);
    for (const side of [socket, other]) side.on('error', () => side.destroy());
    socket.pipe(other).pipe(socket);
  });
  onward.on('response', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n'));
  onward.on('error', () => socket.destroy());
  onward.end();
}
