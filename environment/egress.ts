import dns from 'node:dns';
import net, { type LookupFunction } from 'node:net';
import tls from 'node:tls';
import { Agent, buildConnector } from 'undici';
import {
  canonicalHost,
  type HostPattern,
  hostPattern,
  hostPortOf,
  isLoopbackHost,
  isUnroutable,
  matches,
} from './hosts.ts';
import type { Environment } from './types.ts';

/**
 * The one egress guard: every connection of ours asks here where it may go, at the moment it is made and with the target it is
 * really made to. So a redirect, a form that posts elsewhere or a name that resolves to another machine is covered too.
 */
export class EgressRefused extends Error {
  readonly code = 'EGRESS_REFUSED';
  readonly host: string;
  readonly port: number;

  constructor(host: string, port: number, why: string) {
    super(`${host}:${port} is not contacted: ${why}`);
    this.name = 'EgressRefused';
    this.host = host;
    this.port = port;
  }
}

export type OnRefused = (refusal: EgressRefused) => void;

/** May this host be contacted on this port? */
export function allowed(environment: Environment, host: string, port: number): boolean {
  return patternsOf(environment).some((pattern) => matches(pattern, host, port));
}

/** The same for a whole address, for the browser's routes; an address that never leaves the browser is allowed. */
export function allowedUrl(environment: Environment, url: string): boolean {
  if (/^(data|blob|about):/i.test(url)) return true;
  const target = hostPortOf(url);
  return target !== null && allowed(environment, target.host, target.port);
}

/** Every host of the file, as patterns that `addresses` could hold; for the report and for tools with lists of their own. */
export function allowedHosts(environment: Environment): string[] {
  const texts = patternsOf(environment).map(
    (pattern) => nameOf(pattern) + (pattern.port === null ? '' : `:${pattern.port}`),
  );
  return [...new Set(texts)];
}

function nameOf({ host, wildcard }: HostPattern): string {
  if (wildcard) return `*${host}`;
  return net.isIPv6(host) ? `[${host}]` : host;
}

/** Why this connection must not be made, or null. */
export function refusal(environment: Environment, host: string, port: number): EgressRefused | null {
  if (allowed(environment, host, port)) return null;
  return new EgressRefused(host, port, 'it is in no address of the environment file and not listed in addresses');
}

/**
 * Resolves a name that may be contacted and looks at what came out: a name that points at this machine or at the cloud's
 * metadata server is refused, unless that address is listed by itself.
 */
export function guardedLookup(
  environment: Environment,
  port: number,
  onRefused?: OnRefused,
  next: LookupFunction = dns.lookup,
): LookupFunction {
  return (name, options, callback) =>
    next(name, options, (error, result, family) => {
      if (error) return callback(error, result, family);
      const addresses = typeof result === 'string' ? [result] : result.map(({ address }) => address);
      const bad = addresses.find((address) => !mayResolveTo(environment, name, address, port));
      if (bad === undefined) return callback(null, result, family);
      const why = `it resolves to ${bad}, which is not listed in addresses`;
      callback(report(new EgressRefused(name, port, why), onRefused), result, family);
    });
}

function mayResolveTo(environment: Environment, name: string, address: string, port: number): boolean {
  if (allowed(environment, address, port)) return true;
  if (!allowed(environment, name, port)) return false;
  return !isUnroutable(address) || (isLoopbackHost(name) && isLoopbackHost(address));
}

export function report(refused: EgressRefused, onRefused?: OnRefused): EgressRefused {
  onRefused?.(refused);
  return refused;
}

/** The deployment's own authority beside the usual ones, not instead of them. */
export function authorities(environment: Environment): string[] | undefined {
  return environment.tls.ca === null ? undefined : [...tls.getCACertificates('default'), environment.tls.ca];
}

/** Told of each connection: how long it took until something could be sent on it, ms, with its name looked up and its handshakes. */
export type OnConnected = (tookMs: number) => void;

/** For `fetch` and `request` of undici; each connection of a redirect comes through here as well. */
export function guardedDispatcher(
  environment: Environment,
  onRefused?: OnRefused,
  options: Agent.Options & { readonly onConnected?: OnConnected } = {},
): Agent {
  const { onConnected, ...others } = options;
  const ca = authorities(environment);
  const connectors = new Map<number, buildConnector.connector>();
  const connectorFor = (port: number): buildConnector.connector => {
    const lookup = guardedLookup(environment, port, onRefused);
    // Connections that are timed are alike: none goes on with the session of another.
    const alike = onConnected ? { maxCachedSessions: 0 } : {};
    const made =
      connectors.get(port) ?? buildConnector({ timeout: environment.timeoutMs, ...(ca && { ca }), ...alike, lookup });
    connectors.set(port, made);
    return made;
  };
  return new Agent({
    ...others,
    connect(target, callback) {
      const startMs = performance.now();
      const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
      const refused = refusal(environment, target.hostname, port);
      if (refused) return void callback(report(refused, onRefused), null);
      connectorFor(port)(target, (...told) => {
        if (told[0] === null) onConnected?.(performance.now() - startMs);
        callback(...told);
      });
    },
  });
}

const compiled = new WeakMap<Environment, readonly HostPattern[]>();

function patternsOf(environment: Environment): readonly HostPattern[] {
  const known = compiled.get(environment);
  if (known) return known;
  const patterns = [...environment.addresses.flatMap((text) => hostPattern(text) ?? []), ...hostsOfUrls(environment)];
  compiled.set(environment, patterns);
  return patterns;
}

function hostsOfUrls(environment: Environment): HostPattern[] {
  const { api, realtime, meetings, web, database, redis, outbox, identity, clock, agent, cloud, watch } = environment;
  const urls = [
    api?.url,
    ...(realtime?.urls ?? []),
    ...(meetings ? [meetings.url, ...meetings.urls, meetings.redis?.url] : []),
    ...[web.landing, web.dashboard, web.meeting, web.widget, ...web.plain],
    ...[database.appUrl, database.serviceUrl, database.adminUrl, database.poolerUrl, redis?.url],
    ...[outbox?.url, identity?.url, clock?.url, agent?.url],
    ...watch.metrics.map(({ url }) => url),
  ];
  const targets = urls.flatMap((url) => (url ? (hostPortOf(url) ?? []) : []));
  return [...targets.map(({ host, port }) => ({ host, wildcard: false, port })), ...cloudHosts(cloud)];
}

/** The cloud's interfaces live under many names, all in one domain. */
function cloudHosts(cloud: Environment['cloud']): HostPattern[] {
  if (!cloud) return [];
  if (cloud.apiEndpoint === null) return [{ host: '.googleapis.com', wildcard: true, port: 443 }];
  const target = hostPortOf(cloud.apiEndpoint);
  const given = target ? { ...target, wildcard: false } : hostPattern(cloud.apiEndpoint);
  return given ? [given] : [];
}

/**
 * Start arguments for Chromium: it resolves no other host. Routes decide by port and scheme as well, but never see what the
 * browser fetches by itself, nor the sockets of workers.
 */
export function chromiumArguments(environment: Environment): string[] {
  const hosts = patternsOf(environment).map(nameOf);
  const spelt = hosts.flatMap((host) => (host === 'localhost' ? ['localhost', '127.0.0.1', '[::1]'] : [host]));
  return [
    `--host-resolver-rules=${['MAP * ~NOTFOUND', ...[...new Set(spelt)].map((host) => `EXCLUDE ${host}`)].join(', ')}`,
  ];
}

export interface K6Hosts {
  /** `host:port` and patterns; the script refuses every other address before it sends. */
  readonly allow: readonly string[];
  /** k6's own option: ranges that no name may resolve to. */
  readonly blacklistIPs: readonly string[];
}

/** k6 has no list of what is allowed, only of what is blocked, so its script checks names itself and k6 blocks the ranges. */
export function k6Hosts(environment: Environment): K6Hosts {
  const allow = allowedHosts(environment);
  const hosts = patternsOf(environment).map(({ host }) => host);
  const local = hosts.some((host) => isLoopbackHost(canonicalHost(host)));
  const metadata = ['169.254.0.0/16', 'fe80::/10', '0.0.0.0/8', '224.0.0.0/4'];
  return { allow, blacklistIPs: local ? metadata : [...metadata, '127.0.0.0/8', '::1/128'] };
}
