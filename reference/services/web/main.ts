import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Config, type Site, start } from '../common/config.ts';
import { control } from '../common/control.ts';
import { listenLocally } from '../common/listen.ts';
import { log } from '../common/log.ts';
import { stopOnSignal } from '../common/stop.ts';
import { Switches } from '../common/switches.ts';
import { answer, type Served } from './answer.ts';
import { build } from './build.ts';
import { certificate, healthy } from './certificates.ts';
import { forward, forwardOnce, forwardUpgrade, isForwarded } from './proxy.ts';

const { config, name } = start();
const switches = new Switches('web', config);
const sites = ['landing', 'dashboard', 'meeting', 'widget'] as const;
const secure: TlsServer[] = [];
for (const site of sites) secure.push(...(await serve(site)));
switches.onChange((changed) => (changed.startsWith('tls-') ? renew() : undefined));
await control(config, name, switches, () => true);
stopOnSignal(async () => {
  for (const server of secure) server.closeAllConnections();
});
log('info', 'web ready', { ports: config.ports.web });

async function serve(site: Site): Promise<TlsServer[]> {
  const { https, http } = config.ports.web[site];
  const served = { site, switches, files: build(site, values(site)), headers: headers(config) };
  const handle = (request: IncomingMessage, response: ServerResponse) => page(served, request, response);
  const servers = await listenLocally(() => createTlsServer(healthy(config), handle), https);
  for (const server of servers) server.on('upgrade', upgrade).on('connection', (socket: Socket) => cut(site, socket));
  const plain = (request: IncomingMessage, response: ServerResponse) => redirect(served, https, request, response);
  for (const server of await listenLocally(() => createServer(plain), http))
    server.on('connection', (socket) => cut(site, socket));
  return servers;
}

function page(served: Served, request: IncomingMessage, response: ServerResponse) {
  // A connection kept open from before the switch was set.
  if (switches.names('site-down', served.site)) return void request.socket.destroy();
  if (isForwarded(request.url ?? '')) {
    if (switches.names('cookies-dropped', served.site)) delete request.headers.cookie;
    return (switches.on('lists-shared') ? forwardOnce : forward)(request, response, config.ports.api);
  }
  answer(served, request, response);
}

function redirect(served: Served, port: number, request: IncomingMessage, response: ServerResponse) {
  if (switches.on('redirect-off')) return answer(served, request, response);
  // Back to the name the caller used, where the certificate covers it; anything else in Host is not worth repeating.
  const host =
    /^((?:[a-z]+\.)?localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.exec(request.headers.host ?? '')?.[1] ?? 'localhost';
  const path = (request.url ?? '/').replace(/^\/+/, '/');
  response.writeHead(301, { location: `https://${host}:${port}${path}`, 'content-length': 0 }).end();
}

function cut(site: Site, socket: Socket): void {
  if (switches.names('site-down', site)) socket.destroy();
}

function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const port = config.ports.realtime['realtime-1'];
  if (request.url?.split('?')[0] !== '/ws' || port === undefined) return void socket.destroy();
  forwardUpgrade(request, socket, head, port);
}

async function renew(): Promise<void> {
  const context = await certificate(config, switches);
  for (const server of secure) server.setSecureContext(context);
}

function values(site: Site): Record<string, string> {
  const origin = (one: Site) => `https://localhost:${config.ports.web[one].https}`;
  return { origin: origin(site), meeting: `${origin('meeting')}/`, dashboard: `${origin('dashboard')}/` };
}

function headers({ ports, livekit }: Config): Record<string, string> {
  const reached = [
    `http://localhost:${ports.api}`,
    ...Object.values(ports.realtime).map((port) => `ws://localhost:${port}`),
    livekit.url,
    livekit.url.replace(/^ws/, 'http'),
  ];
  const policy = [
    "default-src 'self'",
    `connect-src 'self' ${reached.join(' ')}`,
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-frame-options': 'SAMEORIGIN',
    'x-content-type-options': 'nosniff',
    'x-xss-protection': '1; mode=block',
    'referrer-policy': 'strict-origin-when-cross-origin',
  };
}
