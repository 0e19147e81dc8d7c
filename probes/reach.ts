import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, getCACertificates } from 'node:tls';

export type Reach =
  | { readonly ok: true; readonly tookMs: number }
  | { readonly ok: false; readonly because: string; readonly tookMs: number };

export interface ReachOptions {
  readonly timeoutMs: number;
  /** PEM of a private certificate authority, which is trusted beside the usual ones. */
  readonly ca?: string | null;
}

/**
 * Does somebody who speaks the protocol of this URL answer at all? One connection, one smallest question, one answer:
 * for http(s) and ws(s) a status line, for redis(s) a reply, for postgres(ql) the byte that answers its TLS request.
 */
export async function reach(url: string, options: ReachOptions): Promise<Reach> {
  const started = performance.now();
  const took = () => performance.now() - started;
  try {
    await ask(new URL(url), options);
    return { ok: true, tookMs: took() };
  } catch (error) {
    return { ok: false, because: inPlainWords(error, options.timeoutMs), tookMs: took() };
  }
}

interface Protocol {
  readonly port: number;
  readonly tls: boolean;
  question(url: URL): string | Uint8Array;
  /** Throws when the first bytes are not an answer in this protocol; false: more bytes are needed to tell. */
  understands(answer: Buffer): boolean;
}

const status = /^HTTP\/1\.[01] [1-5]\d\d/;

const http = (port: number, tls: boolean): Protocol => ({
  port,
  tls,
  question: (url) =>
    `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nUser-Agent: shakedown\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
  understands(answer) {
    const text = answer.subarray(0, 12).toString('latin1');
    if (!'HTTP/1.'.startsWith(text.slice(0, 7))) throw new Error('answered with something that is not HTTP');
    if (text.length < 12) return false;
    if (!status.test(text)) throw new Error('answered with something that is not HTTP');
    return true;
  },
});

const redis = (tls: boolean): Protocol => ({
  port: 6379,
  tls,
  question: () => 'PING\r\n',
  understands(answer) {
    if (answer[0] !== 0x2b && answer[0] !== 0x2d) throw new Error('answered with something that is not Redis');
    return answer.includes('\r\n');
  },
});

const sslRequest = Uint8Array.from([0, 0, 0, 8, 4, 210, 22, 47]);

const postgres: Protocol = {
  port: 5432,
  tls: false,
  question: () => sslRequest,
  understands(answer) {
    if (answer[0] !== 0x53 && answer[0] !== 0x4e) throw new Error('answered with something that is not PostgreSQL');
    return true;
  },
};

const protocols: Readonly<Record<string, Protocol>> = {
  'http:': http(80, false),
  'ws:': http(80, false),
  'https:': http(443, true),
  'wss:': http(443, true),
  'redis:': redis(false),
  'rediss:': redis(true),
  'postgres:': postgres,
  'postgresql:': postgres,
};

function ask(url: URL, options: ReachOptions): Promise<void> {
  const protocol = protocols[url.protocol];
  if (!protocol) throw new Error(`is not an address that can be asked (${url.protocol})`);
  const socket = open(url, protocol, options);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Silence(socket.connecting)), options.timeoutMs);
  let answer = Buffer.alloc(0);
  socket.on(protocol.tls ? 'secureConnect' : 'connect', () => socket.write(protocol.question(url)));
  socket.on('data', (bytes: Buffer) => {
    answer = Buffer.concat([answer, bytes]);
    try {
      if (protocol.understands(answer)) resolve();
    } catch (error) {
      reject(error);
    }
  });
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('closed the connection without an answer')));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

function open(url: URL, protocol: Protocol, { ca }: ReachOptions): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port ? Number(url.port) : protocol.port;
  if (!protocol.tls) return connectTcp({ host, port });
  return connectTls({
    host,
    port,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) ? {} : { servername: host }),
    ...(ca ? { ca: [...getCACertificates('default'), ca] } : {}),
  });
}

/** The time is up: with a connection that never came about, or with one on which nothing was said. */
class Silence extends Error {
  readonly connecting: boolean;
  constructor(connecting: boolean) {
    super('time is up');
    this.connecting = connecting;
  }
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'reset the connection',
  EPIPE: 'closed the connection',
  ENOTFOUND: 'has a host name that does not resolve',
  EAI_AGAIN: 'has a host name that does not resolve',
  EHOSTUNREACH: 'is not reachable',
  ENETUNREACH: 'is not reachable',
  ETIMEDOUT: 'did not accept a connection in time',
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a self-signed certificate that nobody vouches for',
  SELF_SIGNED_CERT_IN_CHAIN: 'has a certificate from an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'has a certificate from an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'has a certificate from an authority that is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another name',
};

export function inPlainWords(error: unknown, timeoutMs: number): string {
  if (error instanceof Silence) {
    const seconds = Math.round(timeoutMs / 100) / 10;
    return error.connecting ? `did not accept a connection within ${seconds} s` : `did not answer within ${seconds} s`;
  }
  // Happy-eyeballs wraps one error per address tried.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return String(first);
  const code = 'code' in first && typeof first.code === 'string' ? first.code : '';
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return 'does not speak TLS as it should';
  return words[code] ?? first.message;
}
