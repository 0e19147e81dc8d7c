import { randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { certificate, type Wanted } from './certificates.ts';
import { healthyAnswers } from './healthy.ts';
import { listen, type TestServer } from './listen.ts';

export { blackholed } from './blackholed.ts';
export { type Certificate, certificate } from './certificates.ts';
export type { TestServer } from './listen.ts';

/** Answers as the contract says. */
export const healthy = (): Promise<TestServer> => listen(http.createServer(healthyAnswers), 'http');

/** The same over TLS, with a certificate of `ca`. */
export const healthyTls = (): Promise<TestServer> => withCertificate({ names: ['127.0.0.1', 'localhost'] });

/** A port that was free a moment ago and refuses connections, which is checked. */
export async function dead(): Promise<TestServer> {
  const server = await listen(net.createServer(), 'http');
  await server.close();
  await new Promise<void>((resolve, reject) => {
    const socket = net.connect(server.port, '127.0.0.1');
    socket.on('connect', () => reject(new Error(`somebody else listens on port ${server.port} now`)));
    socket.on('error', () => resolve());
  });
  return { ...server, close: async () => {} };
}

/** Accepts connections and requests, and never answers. */
export const hanging = (): Promise<TestServer> =>
  listen(
    net.createServer((socket) => socket.resume()),
    'http',
  );

/** Accepts connections and never answers the TLS handshake. */
export const hangingTls = (): Promise<TestServer> =>
  listen(
    net.createServer((socket) => socket.resume()),
    'https',
  );

/** Self-signed, and for another name. */
export const wrongCertificate = (): Promise<TestServer> =>
  withCertificate({ names: ['elsewhere.example'], selfSigned: true });

/** Of an authority one may trust, and for another name. */
export const wrongName = (): Promise<TestServer> => withCertificate({ names: ['elsewhere.example'] });

/** Of an authority one may trust, for the right name, and a day too old. */
export function expiredCertificate(): Promise<TestServer> {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  return withCertificate({ names: ['127.0.0.1', 'localhost'], from: daysAgo(90), until: daysAgo(1) });
}

/** Answers every request with bytes that are not HTTP. */
export const rubbish = (): Promise<TestServer> =>
  listen(
    net.createServer((socket) =>
      socket.once('data', () => socket.end(Buffer.concat([Buffer.from([0]), randomBytes(4096)]))),
    ),
    'http',
  );

/** Answers every request with status 500. */
export const allErrors = (): Promise<TestServer> =>
  listen(
    http.createServer((_, response) =>
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"broken"}'),
    ),
    'http',
  );

/** Another protocol listens here: it greets and answers as Redis would. */
export function wrongPort(): Promise<TestServer> {
  const server = net.createServer((socket) => {
    socket.on('data', () =>
      socket.write("-ERR unknown command 'GET', with args beginning with: '/health' 'HTTP/1.1'\r\n"),
    );
  });
  return listen(server, 'http');
}

/** Sends the head of its answer at once and then one byte of the body a second, without end. */
export function slowBody(everyMs = 1000): Promise<TestServer> {
  const server = http.createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    const drip = setInterval(() => response.write(' '), everyMs);
    response.on('close', () => clearInterval(drip));
  });
  return listen(server, 'http');
}

/** Sends every request elsewhere. */
export const redirectAway = (location: string): Promise<TestServer> =>
  listen(
    http.createServer((_, response) => response.writeHead(302, { location }).end()),
    'http',
  );

async function withCertificate(wanted: Wanted): Promise<TestServer> {
  const { key, cert, ca } = await certificate(wanted);
  return listen(https.createServer({ key, cert }, healthyAnswers), 'https', wanted.selfSigned ? {} : { ca });
}
