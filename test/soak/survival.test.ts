import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { takeLock } from '../../cli/soak/lock.ts';
import type { Entry } from '../../record/entries.ts';
import { surviving } from '../../record/survive.ts';
import type { Report } from '../../verdict/types.ts';
import { shakedown } from '../cli/shakedown.ts';
import { healthyAnswers } from '../servers/healthy.ts';
import { entriesIn, slotsIn, startSoaking, until } from './processes.ts';
import { rowOf } from './records.ts';

let isAway = false;
const server = createServer((request, response) => {
  if (!isAway) return healthyAnswers(request, response);
  response.statusCode = 503;
  response.end();
});
let env = '';
let home = '';
let directory = '';

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'shakedown-survival-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  env = join(home, 'env.yaml');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(
    env,
    `name: test\nkind: disposable\nallow: [soak]\nbudget: { requests: 1000000 }\nparts: { realtime: false, meeting: false, agent: false, landing: false, dashboard: false, widget: false, database: false, redis: false }\napi: { url: "${url}" }\n`,
  );
});
afterAll(() => {
  server.close();
  rmSync(home, { recursive: true, force: true });
});
let number = 0;
beforeEach(() => {
  number += 1;
  directory = join(home, `run-${number}`);
});

/** A starved machine takes its time to start a process. */
const patienceMs = 60_000;
const common = { forMs: 4_800_000, timeScale: 400, partBytes: 2_500 };
const kinds = (entries: readonly Entry[]) => entries.flatMap((entry) => (entry.kind === 'ours' ? [entry.what] : []));

describe('a soak that is killed', () => {
  test('goes on, shows the gap, and ends with what another process folds from the same bytes', async () => {
    const lostMs: number[] = [];
    for (const round of [0, 1]) {
      const before = slotsIn(directory);
      const process = startSoaking({ ...common, env, ...(round === 0 ? { out: directory } : { resume: directory }) });
      await until(() => slotsIn(directory) >= before + 8, patienceMs, 'slots of a soak');
      expect(() => takeLock(directory)).toThrow(/works on this run/);
      process.kill('SIGKILL');
      const killedAtMs = Date.now();
      await process.ended;
      const entries = entriesIn(directory);
      const startedAt = Date.parse(entries[0]!.kind === 'run' ? entries[0]!.startedAt : '');
      lostMs.push(killedAtMs - startedAt - lastOf(entries));
    }
    const last = startSoaking({ ...common, env, resume: directory });
    const { code, said } = await last.ended;
    expect(said).toBe('');
    const report = JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8'));
    expect(code).toBe(report.exitCode);
    const entries = entriesIn(directory);
    expect(entries.at(-1)).toMatchObject({ kind: 'end' });
    expect(kinds(entries).filter((what) => what === 'killed')).toHaveLength(2);
    expect(kinds(entries).filter((what) => what === 'resumed')).toHaveLength(2);
    expect(kinds(entries)).toContain('gap');
    // Nobody answered in a gap and nobody asked: that is no outage.
    expect(report.checks[0].status).not.toBe('fail');
    expect(Math.max(...lostMs)).toBeLessThan(10_000);
    expect(readdirSync(directory).filter((name) => /^run\.ndjson\.\d+\.gz$/.test(name)).length).toBeGreaterThan(0);
    const again = await shakedown(['judge', directory, '--json']);
    expect(JSON.parse(again.stdout)).toEqual(report);
    expect(surviving(join(directory, 'run.ndjson'))).toMatchObject({ ended: true, planned: ['soak.uptime'] });
  }, 180_000);

  test('in segments is one run, each ends in good order', async () => {
    const first = await startSoaking({ ...common, env, out: directory, segmentMs: 2_000 }).ended;
    expect(first).toEqual({ code: 2, said: '' });
    expect(kinds(entriesIn(directory))).toEqual(['interrupted']);
    const second = await startSoaking({ ...common, env, resume: directory, segmentMs: 2_000 }).ended;
    expect(second.code).toBe(2);
    const entries = entriesIn(directory);
    expect(kinds(entries)).toEqual(['interrupted', 'gap', 'resumed', 'interrupted']);
    expect(entries.filter(({ kind }) => kind === 'run')).toHaveLength(1);
    expect(entries.some(({ kind }) => kind === 'end')).toBe(false);
  }, 300_000);
});

test('a soak that stood still makes up for it at its end', async () => {
  const process = startSoaking({ ...common, env, out: directory });
  await until(() => slotsIn(directory) >= 8, patienceMs, 'slots of a soak');
  process.kill('SIGSTOP');
  await sleep(6_500);
  process.kill('SIGCONT');
  const { said } = await process.ended;
  expect(said).toBe('');
  const entries = entriesIn(directory);
  expect(entries.at(-1)).toMatchObject({ kind: 'end' });
  expect(kinds(entries)).toContain('gap');
  const { soak } = JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8')) as Report;
  expect(soak!.coveredHours).toBeGreaterThan((0.999 * common.forMs) / 3_600_000);
}, 180_000);

test('a process that was the same before and after a resume has not restarted', async () => {
  const restarts = { ...common, env, only: ['soak.uptime', 'soak.restarts'], earlyStop: true, forMs: 4_800_000 };
  await startSoaking({ ...restarts, out: directory, segmentMs: 6_000 }).ended;
  const { said } = await startSoaking({ ...restarts, resume: directory }).ended;
  expect(said).toBe('');
  const entries = entriesIn(directory);
  expect(kinds(entries)).toContain('resumed');
  expect(entries.at(-1)).toMatchObject({ kind: 'end' });
  // Its start, as it was worked out before and after, is a few milliseconds different or by chance the same; both have to be there.
  const lives = (part: readonly Entry[]) =>
    part.flatMap((entry) => (entry.kind === 'sample' && entry.labels?.life ? [entry.labels.life] : []));
  const resumedAt = entries.findIndex((entry) => kinds([entry]).includes('resumed'));
  expect(lives(entries.slice(0, resumedAt)).length).toBeGreaterThan(0);
  expect(lives(entries.slice(resumedAt)).length).toBeGreaterThan(0);
  const report = JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8')) as Report;
  expect(rowOf(report, 'soak.restarts', 'api').status).not.toBe('fail');
}, 180_000);

function lastOf(entries: readonly Entry[]): number {
  return Math.max(...entries.map((entry) => (entry.kind === 'measurement' ? entry.startMs : 0)));
}

describe('a soak whose outcome is settled', () => {
  test('is called while it goes on, ends early, and fails', async () => {
    isAway = true;
    const process = startSoaking({ ...common, env, forMs: 48 * 3_600_000, out: directory, earlyStop: true });
    const { code } = await process.ended;
    isAway = false;
    expect(code).toBe(1);
    const entries = entriesIn(directory);
    expect(entries.filter((entry) => entry.kind === 'note' && entry.what === 'called')).toHaveLength(1);
    expect(kinds(entries)).toContain('interrupted');
    expect(entries.some(({ kind }) => kind === 'end')).toBe(false);
  }, 300_000);
});

describe('the lock of a run', () => {
  const lockFile = () => join(home, 'lock');
  const mine = { pid: process.pid, host: hostname(), since: 'then' };
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const held = (holder: object) => writeFileSync(lockFile(), JSON.stringify(holder));
  beforeEach(() => rmSync(lockFile(), { force: true }));

  test('is held by one process at a time, and gone afterwards', () => {
    const lock = takeLock(home);
    expect(lock.stale).toBeNull();
    expect(() => takeLock(home)).toThrow(/works on this run/);
    lock.release();
    takeLock(home).release();
  });

  test.each([
    { name: 'of a process that is gone', holder: { ...mine, pid: 2 ** 22 + 1, boot }, says: 'no such process' },
    {
      name: 'of a number that another process has now',
      holder: { ...mine, boot, processStart: '1' },
      says: 'another process',
    },
    { name: 'from before a reboot', holder: { ...mine, boot: 'earlier' }, says: 'started again' },
  ])('$name is taken over, and said', ({ holder, says }) => {
    held(holder);
    const lock = takeLock(home);
    expect(lock.stale).toContain(says);
    lock.release();
  });

  test('of another machine counts while it is heard of', () => {
    held({ ...mine, host: 'elsewhere', boot: 'other' });
    expect(() => takeLock(home)).toThrow(/on elsewhere works on this run/);
    const longAgo = new Date(Date.now() - 120_000);
    utimesSync(lockFile(), longAgo, longAgo);
    const lock = takeLock(home);
    expect(lock.stale).toContain('not been heard of');
    lock.release();
  });
});
