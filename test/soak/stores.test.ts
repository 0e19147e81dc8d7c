import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRedis } from '../../probes/redis.ts';
import { redisStreamsWatcher, redisWatcher } from '../../probes/watch/redis.ts';
import { down, type ReferenceStatus, up } from '../../reference/index.ts';
import { startQueries } from '../../suites/soak/queries.ts';
import { judge } from '../../verdict/judge.ts';
import { environmentWith } from '../smoke-data/environment.ts';
import { soon, watching } from '../watch/watching.ts';
import { rowOf } from './records.ts';
import { soakShortly } from './shortly.ts';

/** The stores themselves, as the reference deployment has them. */
const directory = mkdtempSync(join(tmpdir(), 'sd-stores-'));
let reference: ReferenceStatus;

beforeAll(async () => {
  reference = await up({ endWithCaller: true, directory, only: ['postgres', 'redis'] });
}, 300_000);
afterAll(async () => {
  await down(directory);
  rmSync(directory, { recursive: true, force: true });
}, 120_000);

test('queries of the database are timed as the application’s own role', async () => {
  const entries = await soakShortly({
    environment: environmentWith({ appUrl: reference.postgres.appUrl, timeoutMs: 20_000 }),
    plan: { plannedMs: 60_000, timeScale: 12, slotMs: 5_000 },
    bodies: { 'soak.latency': startQueries },
    enough: (seen) => seen.filter((entry) => entry.kind === 'window').length >= 3,
  });
  const row = rowOf(judge(entries), 'soak.latency', 'T-db');
  expect(row.samples).toBeGreaterThan(3);
  expect(entries.some((entry) => entry.kind === 'window' && entry.lost !== undefined)).toBe(false);
}, 120_000);

test('streams and keys that expire are told apart, with how long they live', async () => {
  const around = watching(`redis: { url: "${reference.redis.url}" }\ntimeoutMs: 20000`);
  const redis = await openRedis(reference.redis.url, around);
  for (const stream of ['stays', 'goes']) await redis.ask('XADD', stream, '*', 'a', 'b');
  await redis.ask('PEXPIRE', 'goes', 3_600_000);
  const watcher = redisStreamsWatcher(reference.redis.url, around);
  const streams = await watcher.sample(soon);
  await watcher.close?.();
  const counts = streams.filter(({ series }) => series === 'redis.streams');
  expect(counts.map(({ labels, value }) => [labels?.expiry ?? 'stays', value])).toEqual([
    ['stays', 1],
    ['with an expiry', 1],
  ]);
  const ttlOf = (samples: typeof streams) => samples.find(({ series }) => series === 'redis.ttl')?.value;
  expect(ttlOf(streams)).toBeGreaterThan(3_500_000);
  expect(streams.some(({ series }) => series === 'redis.streams.unread')).toBe(false);
  const server = redisWatcher(reference.redis.url, around);
  const samples = await server.sample(soon);
  await server.close?.();
  expect(ttlOf(samples)).toBeGreaterThan(3_500_000);
  expect(samples).toContainEqual(expect.objectContaining({ series: 'redis.keys.expiring', value: 1 }));
  await redis.ask('DEL', 'stays', 'goes');
  redis.close();
}, 120_000);
