import { Redis } from 'ioredis';
import pg from 'pg';
import type { Config } from '../common/config.ts';
import type { Switches } from '../common/switches.ts';

/** What creeps: memory, connections and processor time of which there is a little more every moment. */
export function plantLeaks(switches: Switches, config: Config): void {
  const kept: Buffer[] = [];
  const connections: { close(): void }[] = [];
  whileOn(switches, 'leak-memory-bytes-per-second', 50, (perSecond) => {
    // Filled, because memory that was never written to is not the process's yet.
    kept.push(Buffer.alloc(Math.round(Number(perSecond) / 20), 1));
  });
  whileOn(switches, 'leak-connections-every-ms', null, () => connections.push(...opened(config)));
  plantBurning(switches);
  switches.onChange((name, value) => {
    if (name === 'leak-memory-bytes-per-second' && value === undefined) kept.length = 0;
    if (name === 'leak-connections-every-ms' && value === undefined)
      for (const each of connections.splice(0)) each.close();
  });
}

/** Does its work again and again while the switch is set; without a pace of its own the value is the pace. */
function whileOn(switches: Switches, switched: string, everyMs: number | null, work: (value: unknown) => void): void {
  let timer: NodeJS.Timeout | undefined;
  switches.onChange((name, value) => {
    if (name !== switched) return;
    clearInterval(timer);
    timer = value === undefined ? undefined : setInterval(() => work(value), everyMs ?? Number(value));
  });
}

/** Redis allows many times more than the database, so as many more are left open there. */
const toRedis = 6;

/** Opened and never closed. */
function opened(config: Config): { close(): void }[] {
  const client = new pg.Client({ connectionString: config.postgres.appUrl, application_name: 'api' });
  client.on('error', () => undefined);
  client.connect().catch(() => undefined);
  const others = Array.from({ length: toRedis }, () => {
    const redis = new Redis(config.redis.url, { retryStrategy: () => null });
    redis.on('error', () => undefined);
    return { close: () => redis.disconnect() };
  });
  return [{ close: () => void client.end().catch(() => undefined) }, ...others];
}

const sliceMs = 40;
/** Where the processor is not to be had, the process still comes round to hear that the fault is lifted. */
const mostSlices = 4;

/** Uses the processor for a share of the time that grows by the given share every second, up to three fifths. */
function plantBurning(switches: Switches): void {
  let share = 0;
  whileOn(switches, 'burn-more-each-second', sliceMs, (more) => {
    share = Math.min(0.6, share + (Number(more) * sliceMs) / 1000);
    const latest = performance.now() + mostSlices * sliceMs;
    const usedMs = () => {
      // Asking takes up time of the system's, which is the processor's as well.
      const { user, system } = process.threadCpuUsage();
      return (user + system) / 1000;
    };
    const until = usedMs() + share * sliceMs;
    while (usedMs() < until && performance.now() < latest) Math.sqrt(until);
  });
  switches.onChange((name, value) => {
    if (name === 'burn-more-each-second' && value === undefined) share = 0;
  });
}
