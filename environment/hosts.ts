import { isIP } from 'node:net';

/** A pattern of the address list: `host`, `host:port`, `*.domain`, `*.domain:port`, `1.2.3.4`, `[::1]:443`. */
export interface HostPattern {
  /** Lower case, without brackets; for `*.domain` the part after the asterisk, with its dot. */
  readonly host: string;
  readonly wildcard: boolean;
  readonly port: number | null;
}

const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/;

export function hostPattern(text: string): HostPattern | null {
  const match = /^(\*\.)?(\[[0-9a-f:.]+\]|[^\s:/[\]*]+)(?::(\d{1,5}))?$/.exec(text.toLowerCase());
  if (!match) return isIP(text) === 6 ? { host: canonicalHost(text), wildcard: false, port: null } : null;
  const [, star, rawHost, rawPort] = match;
  const host = canonicalHost(rawHost!);
  const port = rawPort === undefined ? null : Number(rawPort);
  if (port !== null && (port < 1 || port > 65_535)) return null;
  if (isIP(host) === 0 && !hostName.test(host)) return null;
  if (star && (isIP(host) !== 0 || !host.includes('.'))) return null;
  return { host: star ? `.${host}` : host, wildcard: Boolean(star), port };
}

export function matches(pattern: HostPattern, host: string, port: number): boolean {
  if (pattern.port !== null && pattern.port !== port) return false;
  const name = canonicalHost(host);
  return pattern.wildcard ? name.endsWith(pattern.host) : name === pattern.host;
}

/** One spelling for each host; the usual names of this machine are one and the same host. */
export function canonicalHost(host: string): string {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  if (name === 'localhost' || name === '127.0.0.1') return 'localhost';
  return isIP(name) === 6 ? canonicalIPv6(name) : name;
}

function canonicalIPv6(address: string): string {
  const compact = URL.canParse(`http://[${address}]`) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compact);
  if (!mapped) return compact === '::1' ? 'localhost' : compact;
  const bytes = mapped.slice(1).flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
  return canonicalHost(bytes.join('.'));
}

export function isLoopbackHost(host: string): boolean {
  const name = canonicalHost(host);
  return name === 'localhost' || name.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(name);
}

/**
 * Addresses that a public name has no business resolving to: this machine, link-local (the cloud's metadata server lives
 * there), unspecified and multicast. Private ranges are not among them, since many a staging deployment lives in one.
 */
export function isUnroutable(address: string): boolean {
  const name = canonicalHost(address);
  if (isLoopbackHost(name)) return true;
  if (isIP(name) === 6) return name === '::' || /^(fe[89ab]|ff)/.test(name) || name === 'fd00:ec2::254';
  return /^(0\.|169\.254\.|22[4-9]\.|2[3-5]\d\.)/.test(name);
}

const defaultPorts: Readonly<Record<string, number>> = {
  'http:': 80,
  'ws:': 80,
  'https:': 443,
  'wss:': 443,
  'postgres:': 5432,
  'postgresql:': 5432,
  'redis:': 6379,
  'rediss:': 6379,
};

export function hostPortOf(url: string): { readonly host: string; readonly port: number } | null {
  if (!URL.canParse(url)) return null;
  const { hostname, port, protocol } = new URL(url);
  const number = port === '' ? defaultPorts[protocol] : Number(port);
  return hostname === '' || number === undefined ? null : { host: canonicalHost(hostname), port: number };
}
