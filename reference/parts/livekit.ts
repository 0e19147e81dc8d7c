import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Plan } from '../plan.ts';
import { isAlive, launch, type StopStep } from './processes.ts';
import { tools } from './tools.ts';
import { until } from './until.ts';

/** The first SIGTERM waits for people to leave, and one within 50 ms of the start is lost; the second ends it at once. */
export const livekitStop: readonly StopStep[] = [
  { signal: 'SIGTERM', waitMs: 300 },
  { signal: 'SIGTERM', waitMs: 700 },
];

/**
 * `options`: `{ redis: 'off' }` runs it alone, `{ key, secret }` with other keys, `{ rooms: 'asked' }` makes no room that nobody asked
 * for, `{ turn: 'off' }` has no relay, and `{ publicHost }` tells people to send their media to another address, where a relay stands.
 */
export async function startLivekit(plan: Plan, options: Readonly<Record<string, string>> = {}): Promise<void> {
  const base = join(plan.directory, 'livekit');
  mkdirSync(base, { recursive: true, mode: 0o700 });
  const file = join(base, 'livekit.yaml');
  writeFileSync(file, stringify(settings(plan, options)), { mode: 0o600 });
  const { livekitServer: command } = tools();
  const server = launch({ directory: plan.directory, name: 'livekit', command, args: ['--config', file], cwd: base });
  await until('livekit', () => answers(plan.ports.livekit!), { giveUp: () => !isAlive(server) });
}

/** Loopback only takes all of it: bind address, interface list, loopback candidates, and no TCP media port, which binds everywhere. */
function settings({ ports, passwords, livekit }: Plan, options: Readonly<Record<string, string>>) {
  return {
    port: ports.livekit,
    bind_addresses: ['127.0.0.1'],
    rtc: {
      udp_port: ports.livekitMedia,
      tcp_port: 0,
      node_ip: options.publicHost ?? '127.0.0.1',
      // Only who waits to be asked is never seen to speak from behind the relay.
      use_ice_lite: options.publicHost !== undefined,
      use_external_ip: false,
      enable_loopback_candidate: true,
      interfaces: { includes: ['lo'] },
    },
    keys: { [options.key ?? livekit.apiKey]: options.secret ?? livekit.apiSecret },
    // The agent hears of every room here, and joins those that people have come into.
    webhook: { api_key: options.key ?? livekit.apiKey, urls: [`http://127.0.0.1:${ports.agent}/livekit`] },
    room: { auto_create: options.rooms !== 'asked', empty_timeout: 300, max_participants: 100 },
    ...(options.turn === 'off' ? {} : { turn: turn(ports) }),
    logging: { level: 'info', json: true },
    prometheus: { port: ports.livekitMetrics },
    ...(options.redis === 'off' ? {} : { redis: { address: `127.0.0.1:${ports.redis}`, password: passwords.redis } }),
  };
}

/** The relay for people behind strict firewalls; it relays to loopback because all of this deployment is there. */
const turn = (ports: Plan['ports']) => ({
  enabled: true,
  domain: '127.0.0.1',
  udp_port: ports.livekitTurn,
  bind_addresses: ['127.0.0.1'],
  allow_restricted_peer_cidrs: ['127.0.0.0/8'],
  relay_range_start: 1_024,
  relay_range_end: 9_999,
});

async function answers(port: number): Promise<boolean | string> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1_000) });
  await response.arrayBuffer();
  return response.ok || `HTTP ${response.status}`;
}
