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
