import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEnvironment } from '../../environment/load.ts';
import { runClock } from '../../record/clock.ts';
import type { Entry, MeasurementEntry } from '../../record/entries.ts';
import { down, handle, type ReferenceHandle, up } from '../../reference/index.ts';
import { run } from '../../suites/load/users.ts';
import { k6ForTests, oursOf, sumOf } from './k6.ts';

/** A few users for a few seconds on a real deployment: what is counted, what is caught, what is left behind. */
const directory = mkdtempSync(join(tmpdir(), 'shakedown-load-'));
let deployment: ReferenceHandle;
let k6Path = '';

beforeAll(async () => {
  k6Path = k6ForTests();
  deployment = handle(await up({ endWithCaller: true, directory }));
}, 300_000);

afterAll(() => down(directory), 30_000);

async function load(options: { readonly signal?: AbortSignal; readonly seconds?: number } = {}) {
  const { environment } = loadEnvironment(deployment.environmentFile);
  const entries: Entry[] = [];
  const signal = options.signal ?? new AbortController().signal;
  const clock = runClock();
  const emit = (entry: Entry) => void entries.push(entry);
  await run({
    environment: environment!,
    clock,
    emit,
    scope: 'sd-test',
    k6Path,
    users: 10,
    seconds: options.seconds ?? 12,
    signal,
  });
  return entries;
}

const answers = (entries: readonly Entry[]) =>
  entries.filter((entry): entry is MeasurementEntry => entry.kind === 'measurement' && entry.assertion === 'answers');

const tenantsLeft = async () => {
  const [row] = await deployment.sql("select count(*)::int as count from tenants where name like 'sd-test%'");
  return row!.count;
};

describe('users of the reference deployment', () => {
  test('every stream is timed, every answer is its asker’s, and nothing is left behind', async () => {
    const entries = await load();
    for (const stream of ['T-api', 'T-chat', 'T-search', 'T-ws-connect', 'T-ws-msg'])
      expect(sumOf(entries, stream).answered, stream).toBeGreaterThan(20);
    expect(sumOf(entries, 'T-errors').good).toBeGreaterThan(300);
    expect(answers(entries)).toEqual([expect.objectContaining({ ok: true })]);
    expect(entries.filter(({ kind }) => kind === 'residue' || kind === 'unmet')).toEqual([]);
    expect(oursOf(entries).filter(({ what }) => what !== 'generator-starved')).toEqual([]);
    expect(await tenantsLeft()).toBe(0);
  }, 90_000);

  test('an answer to somebody else is caught', async () => {
    await deployment.switch('api', 'chat-wrong-share', 0.2);
    const entries = await load();
    await deployment.switch('api', 'chat-wrong-share', null);
    expect(answers(entries)).toContainEqual(
      expect.objectContaining({ ok: false, because: expect.stringContaining('foreign') }),
    );
    expect(sumOf(entries, 'T-chat').lost['foreign-answer']).toBeGreaterThan(0);
  }, 90_000);

  test('a stop ends the load within a second, and what was made is removed all the same', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 6_000);
    const entries = await load({ signal: stop.signal, seconds: 60 });
    expect(entries).toContainEqual(expect.objectContaining({ kind: 'ours', what: 'interrupted', spoils: false }));
    expect(sumOf(entries, 'T-errors').lost['script-error']).toBeUndefined();
    expect(await tenantsLeft()).toBe(0);
  }, 60_000);
});
