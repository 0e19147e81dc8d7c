import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { down, type ReferenceStatus, up } from '../../reference/index.ts';
import { startQueries } from '../../suites/soak/queries.ts';
import { judge } from '../../verdict/judge.ts';
import { environmentWith } from '../smoke-data/environment.ts';
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
