import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { alertsWatcher, notification } from '../../probes/watch/alerts.ts';
import { cgroupWatcher } from '../../probes/watch/cgroup.ts';
import { criticalLine, logWatcher } from '../../probes/watch/logs.ts';
import { processWatcher } from '../../probes/watch/process.ts';
import { lifeIn, soon, valueIn, watching } from './watching.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nothing = 'redis: { url: redis://localhost:1 }';

describe('a process on this machine', () => {
  test('is followed through its id file to its restart and its end', async () => {
    const around = watching(nothing);
    const pidFile = join(folder, 'api.json');
    const watcher = processWatcher({ service: 'api', pid: null, pidFile, cgroup: null, memoryBytes: 2 ** 30 }, around);
    const start = () => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
      writeFileSync(pidFile, JSON.stringify({ pid: child.pid }));
      return child;
    };
    const first = start();
    const before = await vi.waitFor(async () => {
      const seen = await watcher.sample(soon);
      // A process that has just been forked owns no memory yet.
      expect(valueIn(seen, 'process.memory')).toBeGreaterThan(2 ** 20);
      return seen;
    }, 20_000);
    expect(valueIn(before, 'process.up')).toBe(1);
    expect(valueIn(before, 'process.fds')).toBeGreaterThan(2);
    around.at(1000);
    expect(valueIn(await watcher.sample(soon), 'process.cpu')).toBeGreaterThanOrEqual(0);
    first.kill('SIGKILL');
    await once(first, 'exit');
    expect(await watcher.sample(soon)).toEqual([
      { series: 'process.up', unit: '1', labels: { service: 'api', from: 'process' }, value: 0 },
    ]);
    const second = start();
    const after = await watcher.sample(soon);
    expect(lifeIn(after)).not.toBe(lifeIn(before));
    second.kill('SIGKILL');
    expect(around.emitted.filter(({ kind }) => kind === 'limit').length).toBeGreaterThan(0);
    expect(around.emitted).toContainEqual(
      expect.objectContaining({ series: 'process.memory', value: 2 ** 30, from: 'watch.processes[].memoryBytes' }),
    );
  });
});

test('a container is told by its control group, with its limits', async () => {
  const around = watching(nothing);
  const group = join(folder, 'group');
  mkdirSync(group);
  const files = {
    'memory.current': '104857600\n',
    'memory.max': '536870912\n',
    'memory.stat': 'anon 1\ninactive_file 4857600\n',
    'cpu.stat': 'usage_usec 1000000\n',
    'cpu.max': '200000 100000\n',
    'pids.current': '11\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(group, name), text);
  const watcher = cgroupWatcher('api', group, around);
  expect(valueIn(await watcher.sample(soon), 'process.memory')).toBe(100_000_000);
  writeFileSync(join(group, 'cpu.stat'), 'usage_usec 2500000\n');
  around.at(1000);
  expect(valueIn(await watcher.sample(soon), 'process.cpu')).toBeCloseTo(1.5, 5);
  expect(around.emitted).toMatchObject([
    { series: 'process.memory', value: 536_870_912, from: 'container limit' },
    { series: 'process.cpu', value: 2 },
  ]);
});

describe('log files', () => {
  test.each([
    ['{"level":60,"msg":"cannot go on"}', 'cannot go on'],
    ['{"level":30,"msg":"FATAL is a word a user wrote"}', null],
    ['{"severity":"CRITICAL","message":"disk gone"}', 'disk gone'],
    ['{"level":50,"msg":"an ordinary error"}', null],
    [
      '2026-01-02 03:04:05 UTC [7] FATAL:  out of shared memory',
      '2026-01-02 03:04:05 UTC [7] FATAL:  out of shared memory',
    ],
    ['panic: runtime error', 'panic: runtime error'],
    ['FATALITY report, page 3', null],
    ['all is well', null],
  ])('%s', (line, why) => {
    expect(criticalLine(line)).toBe(why);
  });

  test('only what is new is read, each kind is told once, and a rotated file is read from its beginning', async () => {
    const around = watching(nothing);
    const file = join(folder, 'api.log');
    writeFileSync(file, 'FATAL: from before the soak\n');
    const watcher = logWatcher('api', file, around);
    await watcher.sample(soon);
    appendFileSync(file, 'fine\nFATAL: request 17 failed\nFATAL: request 18 failed\nhalf a li');
    await watcher.sample(soon);
    renameSync(file, `${file}.1`);
    writeFileSync(file, 'CRITICAL: afterwards\n');
    const samples = await watcher.sample(soon);
    expect(around.emitted).toMatchObject([
      { what: 'critical', service: 'api', detail: 'FATAL: request 17 failed', count: 2 },
      { what: 'critical', detail: 'CRITICAL: afterwards', count: 1 },
    ]);
    expect(valueIn(samples, 'log.lines')).toBe(4);
  });

  test('a flood is not read whole, and that is said', async () => {
    const around = watching(nothing);
    const file = join(folder, 'flood.log');
    writeFileSync(file, '');
    const watcher = logWatcher('api', file, around);
    await watcher.sample(soon);
    appendFileSync(file, `${'x'.repeat(99)}\n`.repeat(30_000));
    await watcher.sample(soon);
    expect(around.emitted).toMatchObject([{ kind: 'note', what: 'log of api' }]);
  });

  test('a file that is not there is an error with a sentence', async () => {
    const watcher = logWatcher('api', join(folder, 'none.log'), watching(nothing));
    await expect(watcher.sample(soon)).rejects.toThrow('the log of api could not be read (ENOENT)');
  });
});

test('the deployment’s own alerts are read with the time they were told', async () => {
  expect(notification('{"rule":"redis.memory","state":"resolved"}')).toBeNull();
  expect(notification('not JSON')).toBeNull();
  const around = watching(nothing);
  const file = join(folder, 'alerts.ndjson');
  writeFileSync(file, '');
  const watcher = alertsWatcher(file, around);
  await watcher.sample(soon);
  around.at(60_000);
  appendFileSync(
    file,
    `${JSON.stringify({ at: new Date(Date.now() - 20_000).toISOString(), rule: 'redis.memory', text: 'Redis memory 90 %' })}\n`,
  );
  await watcher.sample(soon);
  expect(around.emitted).toMatchObject([{ what: 'notified', rule: 'redis.memory', detail: 'Redis memory 90 %' }]);
  const [told] = around.emitted;
  expect(told?.kind === 'event' && Math.abs(told.atMs - 40_000)).toBeLessThan(5_000);
});
