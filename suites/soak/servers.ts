import { realtimeName } from '../../probes/watch/services.ts';
import type { SoakContext } from '../../runners/soak/types.ts';

/** A socket that is in, and the server that said so. */
interface Held {
  readonly service: string;
  readonly serverId: string;
  heardMs: number;
}

const tellEveryMs = 60_000;
/** Pings go oftener than this, however much the time is scaled. */
const leastFreshMs = 3_000;

/**
 * Which realtime servers the residents' sockets are held by: as built, the ack is all that names one. All that are there
 * are told at the same moment, so that several behind one address are seen to be there at once.
 */
export class Servers {
  readonly #soak: SoakContext;
  readonly #held = new Map<object, Held>();

  constructor(soak: SoakContext) {
    this.#soak = soak;
    if (soak.checks.has('soak.restarts')) soak.every('servers', tellEveryMs, async () => this.#tell());
  }

  letIn(socket: object, url: string, serverId: unknown): void {
    if (typeof serverId !== 'string' || serverId === '' || serverId.length > 100) return;
    const urls = this.#soak.environment.realtime?.urls ?? [];
    const service = realtimeName(urls, urls.indexOf(url));
    this.#held.set(socket, { service, serverId, heardMs: this.#soak.now() });
  }

  /** Whatever it says, it is there. */
  heard(socket: object): void {
    const held = this.#held.get(socket);
    if (held) held.heardMs = this.#soak.now();
  }

  ended(socket: object): void {
    this.#held.delete(socket);
  }

  #tell(): void {
    const atMs = this.#soak.now();
    const sinceMs = atMs - Math.max(leastFreshMs, tellEveryMs / this.#soak.timeScale);
    const there = new Set<string>();
    for (const { service, serverId, heardMs } of this.#held.values()) {
      const key = `${service} ${serverId}`;
      if (heardMs < sinceMs || there.has(key)) continue;
      there.add(key);
      const labels = { service, from: 'socket', instance: serverId, life: serverId };
      this.#soak.emit({
        kind: 'sample',
        series: 'process.up',
        unit: '1',
        labels,
        atMs: Math.round(atMs),
        value: 1,
      });
    }
  }
}
