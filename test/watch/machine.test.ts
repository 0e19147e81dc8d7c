import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { alertsWatcher, notification } from '../../probes/watch/alerts.ts';
import { cgroupWatcher } from '../../probes/watch/cgroup.ts';
import { criticalLine } from '../../probes/watch/critical.ts';
import { logWatcher } from '../../probes/watch/logs.ts';
import { processWatcher } from '../../probes/watch/process.ts';
import { lifeIn, soon, valueIn, watching } from './watching.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One of them is how the folder itself is read, and gone by then. */
const openFiles = () =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`, 'utf8')];
    } catch {
      return [];
    }
  });

const nothing = 'redis: { url: redis://localhost:1 }';

describe('a process on this machine', () => {
  test('is followed through its id file to its restart and its end', async () => {
    const around = watching(nothing);
    const pidFile = join(folder, 'api.json');
    const limits = { memoryBytes: 2 ** 30, cpuCores: 1.5 };
    const watcher = processWatcher({ service: 'api', pid: null, pidFile, cgroup: null, ...limits }, around);
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
    expect(around.emitted).toContainEqual(
      expect.objectContaining({ series: 'process.cpu', value: 1.5, from: 'watch.processes[].cpuCores' }),
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

const badTls = 'SSL_do_handshake() failed (SSL: error:0A00006C:SSL routines::bad key share)';
/** Critical, and told as it stands. */
const same = (line: string): [string, string][] => [[line, line]];

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
    ['no critical alerts', null],
    ['emergency contact saved', null],
    ['10:00 user asked "what does FATALITY mean, or a fatal mistake: any?"', null],
    ['{"level":30,"msg":"user asked: what is an unhandled rejection?"}', null],
    ['{"level":30,"msg":"[worker] unhandledRejection: at Promise"}', '[worker] unhandledRejection: at Promise'],
    ['{"levelname":"CRITICAL","message":"no model left"}', 'no model left'],
    ['{"log.level":"fatal","message":"ECS"}', 'ECS'],
    ['{"log":{"level":"emergency"},"message":"ECS, nested"}', 'ECS, nested'],
    ['{"severityText":"FATAL","body":"OTel"}', 'OTel'],
    ['{"SeverityText":"FATAL","Body":{"stringValue":"OTel, exported"}}', 'OTel, exported'],
    ['{"version":"1.1","level":1,"short_message":"GELF"}', 'GELF'],
    ['{"version":"1.1","level":6,"short_message":"GELF"}', null],
    ['{"log":"panic: runtime error\\n","stream":"stderr","time":"x"}', 'panic: runtime error'],
    ['{"log":"all is well\\n","stream":"stdout","time":"x"}', null],
    ['2026-01-02T03:04:05.678Z stdout F {"level":"fatal","msg":"behind a prefix"}', 'behind a prefix'],
    ['2026-01-02T03:04:05.678Z stdout F {"level":"info","msg":"CRITICAL, said a user"}', null],
    ['time=x level=crit msg="no room"', 'time=x level=crit msg="no room"'],
    ['lvl=emerg msg=x', 'lvl=emerg msg=x'],
    ['2026/01/02 03:04:05 [alert] 12#0: worker exited', '2026/01/02 03:04:05 [alert] 12#0: worker exited'],
    ['time=x level=info msg="critical path rendered"', null],
    ["      throw er; // Unhandled 'error' event", "throw er; // Unhandled 'error' event"],
    ['Traceback (most recent call last):', 'Traceback (most recent call last):'],
    ['Uncaught exceptions: worker ends', 'Uncaught exceptions: worker ends'],
    ['fatal error: concurrent map writes', 'fatal error: concurrent map writes'],
    // One session of PostgreSQL ended; nothing of the server did.
    ['2026-01-02 03:04:05.678 UTC [41] FATAL:  role "root" does not exist', null],
    ['2026-01-02 03:04:05.678 UTC [41] app@app FATAL:  password authentication failed for user "app"', null],
    ['2026-01-02 03:04:05.678 UTC [41] FATAL:  terminating connection due to idle-session timeout', null],
    ['{"pid":41,"error_severity":"FATAL","message":"role \\"root\\" does not exist"}', null],
    // The server itself.
    ...same('2026-01-02 03:04:05.678 UTC [41] FATAL:  sorry, too many clients already'),
    ...same('2026-01-02 03:04:05.678 UTC [41] FATAL:  the database system is in recovery mode'),
    ...same(
      '2026-01-02 03:04:05.678 UTC [41] FATAL:  could not write to file "pg_wal/xlogtemp.41": No space left on device',
    ),
    ...same('2026-01-02 03:04:05.678 UTC [41] PANIC:  could not locate a valid checkpoint record'),
    ...same('2026-01-02 03:04:05.678 UTC [1] LOG:  server process (PID 99) was terminated by signal 9: Killed'),
    ...same('2026-01-02 03:04:05.678 UTC [1] LOG:  all server processes terminated; reinitializing'),
    ['{"pid":41,"error_severity":"FATAL","message":"out of memory"}', 'out of memory'],
    [
      '{"pid":1,"error_severity":"LOG","message":"server process (PID 99) was terminated by signal 9: Killed"}',
      'server process (PID 99) was terminated by signal 9: Killed',
    ],
    // A service's own FATAL stays one.
    ...same('2026-01-02 03:04:05 [41] FATAL: the queue of answers cannot be drained'),
    // A stranger who speaks another TLS, and an upstream that does.
    [
      `2026/01/02 03:04:05 [crit] 12#12: *5 ${badTls} while SSL handshaking, client: 192.0.2.7, server: 0.0.0.0:443`,
      null,
    ],
    ...same(
      `2026/01/02 03:04:05 [crit] 12#12: *5 ${badTls} while SSL handshaking to upstream, client: 192.0.2.7, server: x`,
    ),
    ...same('2026/01/02 03:04:05 [crit] 12#12: *5 open() "/data/a" failed (5: Input/output error), client: 192.0.2.7'),
    ...same('Memory limit of 512 MiB exceeded with 520 MiB used.'),
    // The end of a worker, in the words of who begins it again.
    ...same('2026-01-02T03:04:05: PM2 log: App [api:0] exited with code [1] via signal [SIGINT]'),
    ...same('PM2      | App [api:0] exited with code [0] via signal [SIGSEGV]'),
    ['PM2      | App [api:0] exited with code [0] via signal [SIGINT]', null],
    ['PM2      | App [api:0] exited with code [130] via signal [SIGINT]', null],
    ...same('[2026-01-02 03:04:05 +0000] [7] [ERROR] Worker (pid:12) exited with code 1'),
    ['[2026-01-02 03:04:05 +0000] [12] [INFO] Worker exiting (pid: 12)', null],
    ...same('systemd[1]: api.service: Main process exited, code=killed, status=9/KILL'),
    ...same('systemd[1]: api.service: Main process exited, code=exited, status=1/FAILURE'),
    ['systemd[1]: api.service: Main process exited, code=exited, status=143/n/a', null],
    ['systemd[1]: api.service: Main process exited, code=killed, status=15/TERM', null],
    ...same('Warning  BackOff  kubelet  Back-off restarting failed container api in pod api-7d'),
    ['{"severity":"WARNING","textPayload":"Container called exit(1)."}', 'Container called exit(1).'],
    ['{"severity":"WARNING","textPayload":"Container called exit(0)."}', null],
    ['{"severity":"ERROR","textPayload":"Uncaught signal: 6, pid=1"}', 'Uncaught signal: 6, pid=1'],
    [
      '{"severity":"ERROR","textPayload":"Memory limit of 512 MiB exceeded with 520 MiB used."}',
      'Memory limit of 512 MiB exceeded with 520 MiB used.',
    ],
    ['{"severity":"CRITICAL","jsonPayload":{"message":"no room left"}}', 'no room left'],
    ['{"level":30,"msg":"user asked: App [api:0] exited with code [1], why?"}', null],
    ...same('Node.js v22.11.0'),
    ['2026-01-02T03:04:05.678Z stderr F Node.js v22.11.0', '2026-01-02T03:04:05.678Z stderr F Node.js v22.11.0'],
    ['listening on port 3000 with Node.js v22.11.0', null],
  ])('%s', (line, why) => {
    expect(criticalLine(line)).toBe(why);
  });

  test.each([
    [`{"level":60,"msg":"too long","body":"${'x'.repeat(20_000)}"}`, 'too long'],
    [`{"level":30,"msg":"fine","body":"${'x'.repeat(20_000)} FATAL: said a user"}`, null],
    [`{"level":30,"msg":"FATAL: said a user ${'x'.repeat(90_000)}`, null],
    [`{"level":60,"time":1,"msg":"${'x'.repeat(90_000)}`, 'xxx'],
  ])('a long line is read for what it says of itself: %.24s', (line, why) => {
    if (why === null) expect(criticalLine(line)).toBeNull();
    else expect(criticalLine(line)).toContain(why);
  });

  test('a file with the next number in its name is read from its beginning, once the one before is left', async () => {
    const around = watching(nothing);
    const write = (name: string, text: string, second: number) => {
      appendFileSync(join(folder, name), text);
      utimesSync(join(folder, name), second, second);
    };
    write('roll.1.log', 'FATAL: before the soak\n', 0);
    write('roll.7.log', 'FATAL: of another process\n', 500);
    const watcher = logWatcher('api', join(folder, 'roll.1.log'), around);
    await watcher.sample(soon);
    write('roll.1.log', 'FATAL: one\n', 100);
    write('roll.2.log', 'FATAL: two\n', 130);
    await watcher.sample(soon);
    expect(around.emitted).toHaveLength(1);
    write('roll.3.log', 'FATAL: three\n', 300);
    write('rolled.4.log', 'FATAL: of another name\n', 300);
    await watcher.sample(soon);
    write('roll.3.log', 'FATAL: four\n', 400);
    await watcher.sample(soon);
    expect(around.emitted.map((entry) => entry.kind === 'event' && entry.detail)).toEqual(
      ['one', 'two', 'three', 'four'].map((word) => `FATAL: ${word}`),
    );
  });

  test('a quiet file is looked into after another began, which may be of another process', async () => {
    const write = (name: string, text: string, second: number) => {
      appendFileSync(join(folder, name), text);
      utimesSync(join(folder, name), second, second);
    };
    const around = watching(nothing);
    write('ws-1.log', '', 0);
    const watcher = logWatcher('ws-1', join(folder, 'ws-1.log'), around);
    write('ws-2.log', 'FATAL: of the second\n', 500);
    await watcher.sample(soon);
    write('ws-1.log', 'fine\nFATAL: of the fir', 600);
    await watcher.sample(soon);
    write('ws-1.log', 'st\nFATAL: without an end', 600);
    await watcher.sample(soon);
    const samples = await watcher.sample(soon);
    expect(around.emitted.map((entry) => entry.kind === 'event' && entry.detail)).toEqual([
      'FATAL: of the second',
      'FATAL: of the first',
      'FATAL: without an end',
    ]);
    expect(valueIn(samples, 'log.lines')).toBe(4);
    await watcher.close?.();
  });

  test('a file that is watched for itself follows none', async () => {
    const of = (name: string) => join(folder, name);
    const around = watching(`${nothing}
logs: [{ service: rt-1, file: ${of('rt-1.log')} }, { service: rt-2, file: ${of('rt-2.log')} }]`);
    writeFileSync(of('rt-1.log'), '');
    utimesSync(of('rt-1.log'), 0, 0);
    const watcher = logWatcher('rt-1', of('rt-1.log'), around);
    writeFileSync(of('rt-2.log'), 'FATAL: of the second\n');
    await watcher.sample(soon);
    expect(around.emitted).toEqual([]);
    await watcher.close?.();
  });

  test('a file that is followed and deleted is read once more, and no longer kept on the disk', async () => {
    const of = (name: string) => join(folder, name);
    const around = watching(nothing);
    writeFileSync(of('gone.log'), '');
    const watcher = logWatcher('gone', of('gone.log'), around);
    const descriptor = openSync(of('gone.log'), 'a');
    rmSync(of('gone.log'));
    writeFileSync(of('gone.log'), 'fine\n');
    await watcher.sample(soon);
    appendFileSync(descriptor, 'FATAL: after it was deleted\n');
    closeSync(descriptor);
    await watcher.sample(soon);
    expect(around.emitted).toMatchObject([{ detail: 'FATAL: after it was deleted' }]);
    expect(openFiles().filter((path) => path.includes('gone.log (deleted)'))).toEqual([]);
    await watcher.close?.();
  });

  test('a file with another day in its name is read from its beginning, and the one before to its end', async () => {
    const around = watching(nothing);
    const of = (name: string) => join(folder, name);
    writeFileSync(of('app-2026-11-22.log'), 'FATAL: the day before\n');
    writeFileSync(of('app-2026-11-23.log'), 'FATAL: before the soak\n');
    writeFileSync(of('app2-2026-11-24.log'), 'FATAL: of another\n');
    const watcher = logWatcher('api', of('app-2026-11-22.log'), around);
    await watcher.sample(soon);
    appendFileSync(of('app-2026-11-23.log'), 'FATAL: late in the evening\n');
    writeFileSync(of('app-2026-11-24.log'), 'fine\nFATAL: after midnight\n');
    writeFileSync(of('app-2026-11-24.log.gz'), 'FATAL: packed\n');
    await watcher.sample(soon);
    rmSync(of('app-2026-11-23.log'));
    appendFileSync(of('app-2026-11-24.log'), 'FATAL: at one\n');
    const samples = await watcher.sample(soon);
    expect(around.emitted.map((entry) => entry.kind === 'event' && entry.detail)).toEqual([
      'FATAL: late in the evening',
      'FATAL: after midnight',
      'FATAL: at one',
    ]);
    expect(valueIn(samples, 'log.lines')).toBe(4);
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

  test('a flood is not read whole, and that is said and told', async () => {
    const around = watching(nothing);
    const file = join(folder, 'flood.log');
    writeFileSync(file, '');
    const watcher = logWatcher('api', file, around, 2 ** 20);
    await watcher.sample(soon);
    appendFileSync(file, `${'x'.repeat(99)}\n`.repeat(30_000));
    const samples = await watcher.sample(soon);
    expect(around.emitted).toMatchObject([
      { kind: 'note', what: 'log of api', detail: '1951424 bytes at once were too many to read' },
    ]);
    expect(valueIn(samples, 'log.lost')).toBe(1);
  });

  test('what is much is read whole, in pieces, and the lines between them as well', async () => {
    const around = watching(nothing);
    const file = join(folder, 'much.log');
    writeFileSync(file, '');
    const watcher = logWatcher('api', file, around);
    appendFileSync(file, `FATAL: the first\n${`${'ä'.repeat(50)}\n`.repeat(30_000)}FATAL: the last\n`);
    const samples = await watcher.sample(soon);
    expect(around.emitted.map((entry) => entry.kind === 'event' && entry.detail)).toEqual([
      'FATAL: the first',
      'FATAL: the last',
    ]);
    expect(valueIn(samples, 'log.lines')).toBe(30_002);
  });

  test('what is written between the start and the first look is read, also to a file that was not there', async () => {
    const around = watching(nothing);
    const [there, absent] = [join(folder, 'there.log'), join(folder, 'absent.log')];
    writeFileSync(there, 'FATAL: from before the soak\n');
    const watchers = [logWatcher('api', there, around), logWatcher('web', absent, around)];
    appendFileSync(there, 'FATAL: at once\n');
    writeFileSync(absent, 'FATAL: from nothing\n');
    for (const watcher of watchers) await watcher.sample(soon);
    expect(around.emitted).toMatchObject([{ detail: 'FATAL: at once' }, { detail: 'FATAL: from nothing' }]);
  });

  test('a renamed file is read to its end: that is where a crash stands', async () => {
    const around = watching(nothing);
    const file = join(folder, 'renamed.log');
    writeFileSync(file, '');
    const watcher = logWatcher('api', file, around);
    await watcher.sample(soon);
    appendFileSync(file, 'FATAL: before it was renamed\n');
    renameSync(file, `${file}.1`);
    writeFileSync(file, 'fine\n');
    await watcher.sample(soon);
    appendFileSync(`${file}.1`, 'FATAL: its writer did not know yet');
    await watcher.sample(soon);
    await watcher.sample(soon);
    expect(around.emitted).toMatchObject([
      { detail: 'FATAL: before it was renamed' },
      { detail: 'FATAL: its writer did not know yet' },
    ]);
    await watcher.close?.();
  });

  test('a file that is copied and cut short is read to its end in the copy; without one that is told', async () => {
    const around = watching(nothing);
    const file = join(folder, 'cut.log');
    writeFileSync(file, 'fine\n');
    const watcher = logWatcher('api', file, around);
    appendFileSync(file, 'fine as well\n');
    await watcher.sample(soon);
    appendFileSync(file, 'FATAL: before it was cut\n');
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
    appendFileSync(file, 'CRITICAL: x\n');
    expect(valueIn(await watcher.sample(soon), 'log.lost')).toBeUndefined();
    expect(around.emitted).toMatchObject([{ detail: 'FATAL: before it was cut' }, { detail: 'CRITICAL: x' }]);
    truncateSync(file);
    expect(valueIn(await watcher.sample(soon), 'log.lost')).toBe(1);
  });

  test('a file that is not there is an error with a sentence', async () => {
    const watcher = logWatcher('api', join(folder, 'none.log'), watching(nothing));
    await expect(watcher.sample(soon)).rejects.toThrow('the log of api could not be read (ENOENT)');
  });
});

test('the deployment’s own alerts are read with the time they were told', async () => {
  expect(notification('{"rule":"redis.memory","state":"resolved"}')).toMatchObject({ state: 'over' });
  expect(notification('{"rule":"redis.memory","state":"firing"}')).toMatchObject({ state: 'lasts' });
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

test('an alert that fires since before the soak is told, and when it is over', async () => {
  const around = watching(nothing);
  const file = join(folder, 'firing.ndjson');
  const line = (rule: string, state: string) => `${JSON.stringify({ at: '2026-01-02T03:04:05Z', rule, state })}\n`;
  writeFileSync(
    file,
    `${line('api.errors', 'firing')}${line('redis.memory', 'firing')}${line('api.errors', 'resolved')}`,
  );
  const watcher = alertsWatcher(file, around);
  appendFileSync(file, line('redis.memory', 'resolved'));
  await watcher.sample(soon);
  expect(around.emitted).toMatchObject([
    { what: 'notified', rule: 'redis.memory', lasts: true, atMs: 0 },
    { what: 'resolved', rule: 'redis.memory' },
  ]);
});
