import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Config } from '../common/config.ts';
import type { Database } from '../common/database.ts';
import type { Switches } from '../common/switches.ts';

/** Whether a threshold of the readiness papers is crossed now; those that can be seen from here. */
type Look = () => Promise<boolean>;

const everyMs = 500;

/**
 * In place of the cloud's alerting: looks twice a second and writes to a file when a threshold is crossed and when it is
 * over. One line a change, `{at, rule, state}`.
 */
export class Alerting {
  readonly #file: string;
  readonly #switches: Switches;
  readonly #looks: Readonly<Record<string, Look>>;
  readonly #open = new Set<string>();

  constructor(config: Config, redis: Redis, database: Database, switches: Switches) {
    this.#file = join(config.directory, 'alerts.ndjson');
    this.#switches = switches;
    this.#looks = looksAt(config, redis, database);
    appendFileSync(this.#file, '', { mode: 0o600 });
  }

  watch(): void {
    let looking = false;
    setInterval(async () => {
      if (looking) return;
      looking = true;
      await Promise.all(Object.entries(this.#looks).map(([rule, look]) => this.#one(rule, look)));
      looking = false;
    }, everyMs).unref();
  }

  async #one(rule: string, look: Look): Promise<void> {
    // What cannot be looked at is neither crossed nor over.
    const crossed = await look().catch(() => this.#open.has(rule));
    if (crossed === this.#open.has(rule)) return;
    if (crossed) this.#open.add(rule);
    else this.#open.delete(rule);
    if (this.#switches.on('alerts-swallowed')) return;
    const state = crossed ? 'firing' : 'resolved';
    appendFileSync(this.#file, `${JSON.stringify({ at: new Date().toISOString(), rule, state })}\n`);
  }
}

function looksAt(config: Config, redis: Redis, database: Database): Record<string, Look> {
  const memory = async () => shareOf(await redis.info('memory'));
  return {
    'redis.memory': async () => (await memory()) > 0.75,
    'redis.exhausted': async () => (await memory()) > 0.98,
    'database.connections': async () => (await connectionShare(database)) > 0.98,
    'livekit.down': async () => !(await answers(config.livekit.url.replace(/^ws/, 'http'))),
    // An API that does not answer at all fails every request; what it answers wrongly cannot be seen from here.
    'api.errors': async () => !(await answers(`http://127.0.0.1:${config.ports.api}/health`)),
  };
}

function shareOf(info: string): number {
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  const most = field('maxmemory');
  return most === 0 ? 0 : field('used_memory') / most;
}

async function connectionShare(database: Database): Promise<number> {
  const row = await database.service.first<{ share: number }>(
    'alerting.connections',
    `select sum(numbackends)::float8 / (select setting::float8 from pg_settings where name = 'max_connections') as share
     from pg_stat_database`,
  );
  return Number(row?.share ?? 0);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
