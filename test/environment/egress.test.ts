import http from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import { Redis } from 'ioredis';
import pg from 'pg';
import { fetch as undiciFetch } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  allowed,
  allowedHosts,
  allowedUrl,
  type EgressRefused,
  guardedDispatcher,
  guardedLookup,
  k6Hosts,
} from '../../environment/egress.ts';
import {
  databaseSocket,
  guardedConnect,
  installGuard,
  redisConnector,
  webSocketOptions,
} from '../../environment/sockets.ts';
import { healthy, healthyTls, redirectAway, type TestServer } from '../servers/index.ts';
import { deployment } from './deployment.ts';

let offList: TestServer;
let onList: TestServer;
let refused: EgressRefused[];
const onRefused = (refusal: EgressRefused) => refused.push(refusal);
const cleanups: (() => unknown)[] = [];
const later = (cleanup: () => unknown) => cleanups.push(cleanup);

beforeEach(async () => {
  offList = await healthy();
  onList = await healthy();
  refused = [];
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await Promise.all([offList.close(), onList.close()]);
});

const environment = (more = '') => deployment(`api: { url: ${onList.url} }\n${more}`);

/** The error's own code, or its cause's. */
async function failure(attempt: Promise<unknown>): Promise<unknown> {
  const error = await attempt.then(
    () => null,
    (reason) => reason,
  );
  return error?.cause?.code ?? error?.code ?? error;
}

function outcome(socket: net.Socket): Promise<unknown> {
  later(() => socket.destroy());
  return new Promise((resolve) => {
    socket
      .once('connect', () => resolve('connected'))
      .once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
}

function nothingArrived() {
  expect(offList.connections()).toBe(0);
  expect(refused.map(({ port }) => port)).toContain(offList.port);
}

describe('a server off the list sees no connection', () => {
  test('of fetch', async () => {
    const dispatcher = guardedDispatcher(environment(), onRefused);
    later(() => dispatcher.close());
    expect(await failure(undiciFetch(offList.url, { dispatcher }))).toBe('EGRESS_REFUSED');
    expect((await undiciFetch(onList.url, { dispatcher })).status).toBe(404);
    nothingArrived();
  });

  test('of fetch that is redirected', async () => {
    const away = await redirectAway(offList.url);
    later(() => away.close());
    const dispatcher = guardedDispatcher(deployment(`api: { url: ${away.url} }`), onRefused);
    later(() => dispatcher.close());
    expect(await failure(undiciFetch(away.url, { dispatcher }))).toBe('EGRESS_REFUSED');
    expect(away.connections()).toBe(1);
    nothingArrived();
  });

  test('of ws', async () => {
    const url = offList.url.replace('http', 'ws');
    const socket = new WebSocket(url, webSocketOptions(environment(), url, onRefused));
    const code = await new Promise((resolve) =>
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
    );
    expect(code).toBe('EGRESS_REFUSED');
    nothingArrived();
  });

  test('of pg', async () => {
    const config = {
      connectionString: `postgres://a:b@127.0.0.1:${offList.port}/c`,
      stream: () => databaseSocket(environment(), onRefused),
    };
    expect(await failure(new pg.Client(config).connect())).toBe('EGRESS_REFUSED');
    nothingArrived();
  });

  test('of ioredis', async () => {
    const redis = new Redis(offList.url.replace('http', 'redis'), {
      Connector: redisConnector(environment(), onRefused),
      lazyConnect: true,
      retryStrategy: () => null,
    });
    const errors: unknown[] = [];
    redis.on('error', (error) => errors.push((error as NodeJS.ErrnoException).code));
    expect(
      await redis.connect().then(
        () => 'connected',
        () => 'refused',
      ),
    ).toBe('refused');
    expect(errors).toEqual(['EGRESS_REFUSED']);
    nothingArrived();
  });

  test('of a raw socket, plain and with TLS', async () => {
    for (const secure of [false, true]) {
      const socket = guardedConnect(environment(), { host: '127.0.0.1', port: offList.port, secure }, onRefused);
      expect(await outcome(socket)).toBe('EGRESS_REFUSED');
    }
    nothingArrived();
  });

  test.each<[string, (port: number) => Promise<unknown>]>([
    ['net.connect(port, host)', (port) => outcome(net.connect(port, '127.0.0.1'))],
    ['net.connect(port)', (port) => outcome(net.connect(port))],
    ['net.connect({ … })', (port) => outcome(net.connect({ port, host: '127.0.0.1' }))],
    ['new Socket().connect(port)', (port) => outcome(new net.Socket().connect(port, '127.0.0.1'))],
    ['tls.connect', (port) => outcome(tls.connect({ port, host: '127.0.0.1' }))],
    [
      'http.get',
      (port) =>
        failure(new Promise((resolve, reject) => http.get({ port, host: '127.0.0.1' }, resolve).on('error', reject))),
    ],
    ["Node's own fetch", (port) => failure(fetch(`http://127.0.0.1:${port}/`))],
    ["undici's fetch", (port) => failure(undiciFetch(`http://127.0.0.1:${port}/`))],
    [
      'fetch that forges its Host',
      (port) => failure(undiciFetch(`http://127.0.0.1:${port}/`, { headers: { host: 'api.example' } })),
    ],
    ['a lookup that lies', (port) => outcome(net.connect({ port, host: '127.0.0.1', lookup: lying('127.0.0.1') }))],
    [
      'a lookup that leads there',
      (port) => outcome(net.connect({ port, host: 'api.example', lookup: lying('127.0.0.1') })),
    ],
  ])('of %s under the process-wide guard', async (_, attempt) => {
    later(installGuard(environment('addresses: [api.example]'), { onRefused }));
    expect(await attempt(offList.port)).toBe('EGRESS_REFUSED');
    nothingArrived();
  });
});

function lying(address: string): net.LookupFunction {
  return (_, options, callback) =>
    options.all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4);
}

describe('what is on the list works as before', () => {
  test('under the process-wide guard, which can be taken out again', async () => {
    const uninstall = installGuard(environment(), { onRefused });
    expect((await fetch(`${onList.url}/health`)).status).toBe(200);
    expect((await undiciFetch(`${onList.url}/health`, { headers: { host: 'forged.example' } })).status).toBe(200);
    expect(await outcome(net.connect(onList.port, 'localhost'))).toBe('connected');
    uninstall();
    expect(await outcome(net.connect(offList.port, '127.0.0.1'))).toBe('connected');
    expect(refused).toEqual([]);
  });

  test("a port of the harness's own", async () => {
    later(installGuard(environment(), { onRefused, ownPorts: (port) => port === offList.port }));
    expect(await outcome(net.connect(offList.port, '127.0.0.1'))).toBe('connected');
  });

  test('a Unix socket, which leaves no machine', async () => {
    later(installGuard(environment(), { onRefused }));
    expect(await outcome(net.connect('/nonexistent/socket'))).toBe('ENOENT');
    expect(refused).toEqual([]);
  });

  test('TLS with an authority of its own, and not without', async () => {
    const server = await healthyTls();
    later(() => server.close());
    const plain = deployment(`api: { url: ${server.url} }`);
    const trusting = { ...plain, tls: { ...plain.tls, ca: server.ca! } };
    const status = async (which: typeof plain) => {
      const dispatcher = guardedDispatcher(which);
      later(() => dispatcher.close());
      return (await undiciFetch(`${server.url}/health`, { dispatcher })).status;
    };
    expect(await status(trusting)).toBe(200);
    expect(await failure(status(plain))).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    const socket = guardedConnect(trusting, { host: '127.0.0.1', port: server.port, secure: true });
    expect(
      await new Promise((resolve) => socket.once('secureConnect', () => resolve('secure')).once('error', resolve)),
    ).toBe('secure');
    socket.destroy();
  });
});

describe('a listed name may not lead elsewhere', () => {
  const resolve = (yaml: string, name: string, address: string, port = 443) =>
    new Promise<unknown>((done) =>
      guardedLookup(
        deployment(yaml),
        port,
        onRefused,
        lying(address),
      )(name, {}, (error) => done(error?.code ?? 'resolved')),
    );

  test.each([
    ['a public name to a public address', 'api.example', '93.184.215.14', 'resolved'],
    ['a public name to a private network', 'api.example', '10.1.2.3', 'resolved'],
    ['a public name to this machine', 'api.example', '127.0.0.1', 'EGRESS_REFUSED'],
    ['a public name to this machine over IPv6', 'api.example', '::1', 'EGRESS_REFUSED'],
    ['a public name to this machine, mapped', 'api.example', '::ffff:127.0.0.1', 'EGRESS_REFUSED'],
    ['a public name to the metadata server', 'api.example', '169.254.169.254', 'EGRESS_REFUSED'],
    ['a public name to nowhere', 'api.example', '0.0.0.0', 'EGRESS_REFUSED'],
    ['a local name to this machine', 'api.localhost', '127.0.0.1', 'resolved'],
    ['a local name to the metadata server', 'api.localhost', '169.254.169.254', 'EGRESS_REFUSED'],
  ])('%s', async (_, name, address, expected) => {
    expect(await resolve('api: { url: https://api.example }\naddresses: [api.localhost]', name, address)).toBe(
      expected,
    );
  });

  test('unless the address is listed by itself', async () => {
    expect(
      await resolve('api: { url: https://api.example }\naddresses: ["127.0.0.1:443"]', 'api.example', '127.0.0.1'),
    ).toBe('resolved');
  });
});

describe('the list', () => {
  const listed = deployment(`
api: { url: https://api.example/v1 }
realtime: { urls: [wss://rt.example:8443/ws] }
web: { plain: [http://www.example] }
database: { appUrl: postgres://a:b@db.example/x }
redis: { url: "redis://[::1]:6380" }
cloud: { project: p }
addresses: ["*.staging.example", 10.0.0.5, other.example:99]`);

  test.each([
    ['api.example', 443, true],
    ['API.Example.', 443, true],
    ['api.example', 80, false],
    ['evil-api.example', 443, false],
    ['api.example.evil', 443, false],
    ['rt.example', 8443, true],
    ['rt.example', 443, false],
    ['www.example', 80, true],
    ['db.example', 5432, true],
    ['::1', 6380, true],
    ['localhost', 6380, true],
    ['x.staging.example', 1, true],
    ['staging.example', 443, false],
    ['10.0.0.5', 22, true],
    ['other.example', 99, true],
    ['other.example', 98, false],
    ['monitoring.googleapis.com', 443, true],
    ['monitoring.googleapis.com', 80, false],
  ])('%s port %d: %s', (host, port, expected) => {
    expect(allowed(listed, host, port)).toBe(expected);
  });

  test.each([
    ['https://api.example/any', true],
    ['http://api.example/any', false],
    ['data:text/plain,x', true],
    ['file:///etc/passwd', false],
    ['https://user@evil.example:443/https://api.example', false],
    ['nonsense', false],
  ])('of the browser: %s %s', (url, expected) => {
    expect(allowedUrl(listed, url)).toBe(expected);
  });

  test('is readable by other tools', () => {
    expect(allowedHosts(listed)).toContain('rt.example:8443');
    expect(allowedHosts(listed)).toContain('*.staging.example');
    expect(k6Hosts(listed).blacklistIPs).not.toContain('127.0.0.0/8');
    expect(k6Hosts(deployment('api: { url: https://api.example }')).blacklistIPs).toContain('127.0.0.0/8');
  });
});
