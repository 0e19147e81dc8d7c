import type { ReferenceHandle } from './handle.ts';

/**
 * What the platform does after an hour it must do after an hour of scaled time, or all that it forgets in time would look
 * like a leak: streams of rooms, counted calls, sessions in Redis, and the minute between two looks of autovacuum.
 */
export async function scaleTimers(reference: ReferenceHandle, scale: number): Promise<void> {
  for (const service of withTimers) await scaleTimersOf(reference, service, scale);
  await reference.sql(`alter system set autovacuum_naptime = '${Math.max(1, Math.round(60 / scale))}s'`);
  await reference.sql('select pg_reload_conf()');
}

const withTimers = ['api', 'realtime-1', 'realtime-2'];

/** Whoever talks in a room is silent for less than a quarter of a minute, and must find its stream again. */
const fastest = 240;

/** Of a service that was started again, and forgot. */
export const scaleTimersOf = (reference: ReferenceHandle, service: string, scale: number): Promise<void> =>
  reference.switch(service, 'timers-faster', Math.min(fastest, scale));
