import { setTimeout as sleep } from 'node:timers/promises';
import { fillRedis } from '../../reference/faults/redis.ts';
import type { ReferenceHandle } from '../../reference/index.ts';
import { scaleTimersOf } from '../../reference/timers.ts';

/** A fault with its hour in the day that is rehearsed. */
export interface Staged {
  readonly atHour: number;
  readonly name: string;
  plant(reference: ReferenceHandle, scale: number, over: AbortSignal): Promise<void>;
  readonly endsAtHour?: number;
  lift?(reference: ReferenceHandle, scale: number): Promise<void>;
}

const hourMs = 3_600_000;

/** Stops a service and starts it again so many minutes of the soak later, or as soon as it can. */
async function away(reference: ReferenceHandle, service: string, scale: number, minutes: number): Promise<void> {
  await reference.stop(service);
  // Starting takes the service two to three seconds of the real clock, which belong to its absence.
  await sleep(Math.max(0, (minutes * 60_000) / scale - 2_500));
  await reference.start(service);
  await scaleTimersOf(reference, service, scale);
}

/** Goes on with something at even steps until the soak is over. */
async function ongoing(everyMs: number, over: AbortSignal, step: (turn: number) => Promise<unknown>): Promise<void> {
  for (let turn = 0; !over.aborted; turn++) {
    // A step that fails, as while the service is away, is one step less.
    await step(turn).catch(() => undefined);
    await sleep(everyMs, undefined, { signal: over }).catch(() => undefined);
  }
}

const stream = 'session:staged:untrimmed';
let refill: (() => Promise<void>) | null = null;

/** What goes wrong in the hour with faults. Rates are by hour of the soak, so that they are the same at any scale. */
export const staged: readonly Staged[] = [
  {
    atHour: 2,
    name: 'the API is away for five minutes',
    plant: (reference, scale) => away(reference, 'api', scale, 5),
  },
  {
    atHour: 3,
    name: 'realtime-2 restarts',
    plant: (reference, scale) => away(reference, 'realtime-2', scale, 0),
  },
  {
    atHour: 4,
    name: 'the API leaks 24 MB of memory an hour',
    plant: (reference, scale) =>
      reference.switch('api', 'leak-memory-bytes-per-second', Math.round((24e6 * scale) / 3_600)),
  },
  {
    atHour: 4.2,
    name: 'the queries of the API become 3 ms slower every hour',
    plant: (reference, scale, over) =>
      ongoing(hourMs / scale / 2, over, (turn) =>
        reference.switch('api', 'api-latency-ms', Math.max(1, Math.round(1.5 * turn))),
      ),
  },
  {
    atHour: 5,
    name: 'the API leaks five connections to the database and thirty to Redis an hour',
    plant: (reference, scale) => reference.switch('api', 'leak-connections-every-ms', Math.round(hourMs / scale / 5)),
  },
  {
    atHour: 6,
    name: 'a stream grows by 600 entries an hour and is never trimmed',
    plant: (reference, scale, over) =>
      ongoing(hourMs / scale / 60, over, () => reference.redisCommand('EVAL', tenEntries, 1, stream)),
  },
  {
    atHour: 12,
    name: 'the memory of Redis is over its threshold for a quarter of an hour, and its alert is swallowed',
    async plant(reference) {
      await reference.switch('stubs', 'alerts-swallowed', true);
      refill = await fillRedis(reference, 0.8);
    },
    endsAtHour: 12.25,
    async lift(reference) {
      await refill?.();
      await reference.switch('stubs', 'alerts-swallowed', null);
    },
  },
];

const tenEntries = `for i = 1, 10 do redis.call('XADD', KEYS[1], '*', 'text', string.rep('x', 40)) end`;
