import net, { type LookupFunction, type NetConnectOpts, type TcpNetConnectOpts } from 'node:net';
import tls, { type ConnectionOptions } from 'node:tls';
import { AbstractConnector } from 'ioredis';
import { authorities, type EgressRefused, guardedLookup, type OnRefused, refusal, report } from './egress.ts';
import type { Environment } from './types.ts';

/** Raw sockets under the egress guard, in the form that ws, pg and ioredis each ask for. */

export type GuardedOptions = TcpNetConnectOpts & { readonly secure?: boolean } & Omit<
    ConnectionOptions,
    keyof TcpNetConnectOpts
  >;

/** `net.connect` or, with `secure`, `tls.connect`. A refused target fails like any other connection: by an `error` event. */
export function guardedConnect(
  environment: Environment,
  { secure, ...options }: GuardedOptions,
  onRefused?: OnRefused,
): net.Socket {
  const { host = 'localhost' } = options;
  const port = Number(options.port);
  const refused = refusal(environment, host, port);
  if (refused) return net.connect({ port, ...leadingNowhere(report(refused, onRefused)) });
  const lookup = guardedLookup(environment, port, onRefused, options.lookup);
  if (!secure) return net.connect({ ...options, lookup });
  const ca = options.ca ?? authorities(environment);
  const servername = options.servername ?? (net.isIP(host) === 0 ? host : '');
  return tls.connect({ ...options, ...(ca && { ca }), host, servername, lookup });
}

/** Options for `new WebSocket(url, options)` of ws. */
export function webSocketOptions(environment: Environment, url: string, onRefused?: OnRefused) {
  const secure = new URL(url).protocol === 'wss:';
  const createConnection = ({ path: _, ...options }: net.NetConnectOpts & { path?: string }) =>
    guardedConnect(environment, { ...(options as TcpNetConnectOpts), secure }, onRefused);
  // ws never meets a redirect by itself; with followRedirects it would keep this function and its scheme.
  return {
    createConnection: createConnection as unknown as typeof net.createConnection,
    followRedirects: false,
    handshakeTimeout: environment.timeoutMs,
  };
}

/** For the `stream` option of pg: `new Client({ connectionString, stream: () => databaseSocket(environment) })`. */
export function databaseSocket(environment: Environment, onRefused?: OnRefused): net.Socket {
  return new GuardedSocket(environment, onRefused);
}

class GuardedSocket extends net.Socket {
  private readonly environment: Environment;
  private readonly onRefused: OnRefused | undefined;

  constructor(environment: Environment, onRefused?: OnRefused) {
    super();
    this.environment = environment;
    this.onRefused = onRefused;
  }

  override connect(...args: unknown[]): this {
    guardConnect(args, this.environment, this.onRefused, (guarded) => super.connect(...(guarded as [NetConnectOpts])));
    return this;
  }
}

/** For the `Connector` option of ioredis. */
export function redisConnector(environment: Environment, onRefused?: OnRefused) {
  return class extends AbstractConnector {
    private readonly options: RedisTarget;

    constructor(options: unknown) {
      super((options as RedisTarget).disconnectTimeout ?? 2000);
      this.options = options as RedisTarget;
    }

    connect(): Promise<net.Socket> {
      const { host = 'localhost', port = 6379, tls: secure } = this.options;
      this.connecting = true;
      // ioredis wires the socket up once this promise is kept; a refusal's error event comes after that.
      this.stream = guardedConnect(environment, { host, port, secure: Boolean(secure), ...secure }, onRefused);
      return Promise.resolve(this.stream);
    }
  };
}

interface RedisTarget {
  readonly host?: string;
  readonly port?: number;
  readonly tls?: ConnectionOptions;
  readonly disconnectTimeout?: number;
}

export interface GuardOptions {
  readonly onRefused?: OnRefused;
  /** Ports of this machine that are ours: a browser's control port, a proxy of the harness. */
  readonly ownPorts?: (port: number) => boolean;
}

/**
 * The last line of defence: from now on no TCP socket of this process, whoever opens it, connects to a host off the list.
 * Each worker thread installs its own. Returns the function that takes it out again.
 */
export function installGuard(environment: Environment, { onRefused, ownPorts }: GuardOptions = {}): () => void {
  const original = net.Socket.prototype.connect;
  function connect(this: net.Socket, ...args: unknown[]): net.Socket {
    const pass = (guarded: unknown[]) => original.apply(this, guarded as never);
    const target = targetOf(args);
    if (target && ownPorts?.(target.port) && isThisMachine(target.host)) return pass(args);
    guardConnect(args, environment, onRefused, pass);
    return this;
  }
  net.Socket.prototype.connect = connect as typeof original;
  return () => {
    if (net.Socket.prototype.connect === connect) net.Socket.prototype.connect = original;
  };
}

function isThisMachine(host: string): boolean {
  return ['localhost', '127.0.0.1', '::1'].includes(host);
}

interface Target {
  readonly options: TcpNetConnectOpts & { lookup?: LookupFunction };
  readonly host: string;
  readonly port: number;
}

type Pass = (args: unknown[]) => unknown;

function guardConnect(args: unknown[], environment: Environment, onRefused: OnRefused | undefined, pass: Pass): void {
  const target = targetOf(args);
  // No host and port: a Unix socket or pipe, which does not leave this machine.
  if (!target) {
    pass(args);
    return;
  }
  const { options, host, port } = target;
  // undici may name the Host header here and give the real address by a lookup of its own; then that lookup decides.
  // It is never asked about a numeric address.
  const decidedLater = options.lookup !== undefined && net.isIP(host) === 0;
  const refused = decidedLater ? null : refusal(environment, host, port);
  if (refused) pass(withOptions(args, { ...options, ...leadingNowhere(report(refused, onRefused)) }));
  else pass(withOptions(args, { ...options, lookup: guardedLookup(environment, port, onRefused, options.lookup) }));
}

function targetOf(args: unknown[]): Target | null {
  // net.connect and tls.connect hand over an array [options, callback], marked by a private symbol.
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  const host = typeof args[1] === 'string' ? args[1] : undefined;
  const options = typeof first === 'object' && first !== null ? first : { port: first, host };
  const port = Number(options.port);
  if (options.path || !Number.isInteger(port) || port < 1) return null;
  return { options, host: options.host || 'localhost', port };
}

function withOptions(args: unknown[], options: object): unknown[] {
  if (Array.isArray(args[0])) {
    args[0][0] = options;
    return args;
  }
  return [options, ...args.filter((argument) => typeof argument === 'function')];
}

/**
 * A refused socket goes the way of every failing one: it is connecting, takes writes, and then its lookup fails with our error.
 * Destroyed at once, a write of its owner's would cover the reason up.
 */
function leadingNowhere(refused: EgressRefused): { host: string; lookup: LookupFunction } {
  return { host: 'refused.invalid', lookup: (_, __, callback) => callback(refused, '', 4) };
}
