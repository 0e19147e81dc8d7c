import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { down, handle, type ReferenceHandle, type ReferenceStatus, status, up } from '../../reference/index.ts';
import { connected, dataParts, freshDirectory, processesOf, sharedMemory, upInAnotherProcess } from './deployment.ts';
import { listeners } from './listeners.ts';

const log = (line: string) => process.stdout.write(`${line}\n`);

async function timed<T>(what: string, act: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await act();
  log(`${what} took ${Math.round(performance.now() - began)} ms`);
  return result;
}

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const until = Date.now() + 25_000;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error('it did not come to be within 25 s');
    await sleep(25);
  }
}

describe('a deployment that is up', () => {
  const directory = freshDirectory();
  let running: ReferenceStatus;
  let deployment: ReferenceHandle;

  beforeAll(async () => {
    running = await timed('up', () => up({ endWithCaller: true, directory, only: dataParts, log }));
    deployment = handle(running);
  }, 60_000);
  afterAll(async () => {
    await timed('down', () => down(directory));
    expect(existsSync(directory)).toBe(false);
    expect(processesOf(directory)).toEqual([]);
  });

  test('is described by status as up described it', async () => {
    expect(await timed('status', () => status(directory))).toEqual(running);
    expect(Object.keys(running.pids).sort()).toEqual(['livekit', 'postgres', 'redis']);
    expect(running.down).toEqual([]);
  });

  test('answers on every address it prints', async () => {
    for (const url of Object.values(running.postgres).filter((one) => one !== null))
      await connected(url, async (client) => client.query('SELECT 1'));
    expect(await deployment.redisCommand('PING')).toBe('PONG');
    expect((await fetch(running.livekit.url.replace('ws:', 'http:'))).status).toBe(200);
  });

  test('listens on loopback alone', () => {
    const found = listeners(processesOf(directory));
    expect(found.length).toBeGreaterThanOrEqual(5);
    expect(found.filter(({ loopback }) => !loopback)).toEqual([]);
  });

  test('shows its files to nobody else', () => {
    expect(statSync(directory).mode & 0o067).toBe(0);
    for (const file of readdirSync(directory).filter((name) => /\.(json|yaml)$/.test(name)))
      expect({ file, mode: statSync(join(directory, file)).mode & 0o777 }).toEqual({ file, mode: 0o600 });
  });

  test('refuses a second up, and names where the first one runs', async () => {
    await expect(up({ endWithCaller: true, directory, only: dataParts })).rejects.toThrow(
      `already running in ${directory}`,
    );
    expect(await status(directory)).toEqual(running);
  });

  test('stands beside another one', async () => {
    const other = freshDirectory();
    const { postgres } = await up({ endWithCaller: true, directory: other, only: ['postgres'] });
    await connected(postgres.adminUrl, async (client) => client.query('SELECT 1'));
    await down(other);
    expect(await status(directory)).toEqual(running);
  });

  test('Redis keeps both kinds of files and refuses to evict, and can be started otherwise and back', async () => {
    const setting = async (name: string) => ((await deployment.redisCommand('CONFIG', 'GET', name)) as string[])[1];
    const settings = async () =>
      Object.fromEntries(
        await Promise.all(
          ['appendonly', 'save', 'maxmemory', 'maxmemory-policy'].map(async (name) => [name, await setting(name)]),
        ),
      );
    const usual = {
      appendonly: 'yes',
      save: '3600 1 300 100 60 10000',
      maxmemory: String(256 * 2 ** 20),
      'maxmemory-policy': 'noeviction',
    };
    expect(await settings()).toEqual(usual);
    await deployment.stop('redis');
    expect((await status(directory))?.down).toEqual(['redis']);
    await deployment.start('redis', { appendonly: 'no', save: '', 'maxmemory-policy': 'allkeys-lru' });
    expect(await settings()).toEqual({ ...usual, appendonly: 'no', save: '', 'maxmemory-policy': 'allkeys-lru' });
    await deployment.stop('redis');
    await deployment.start('redis');
    expect(await settings()).toEqual(usual);
  });

  test('LiveKit shares its node through Redis, and not when it is started without', async () => {
    const nodes = async () => Object.keys((await deployment.redisCommand('HGETALL', 'nodes')) as object).length;
    await deployment.stop('livekit');
    await deployment.redisCommand('DEL', 'nodes');
    await deployment.start('livekit', { redis: 'off' });
    expect(await nodes()).toBe(0);
    await deployment.stop('livekit');
    await deployment.start('livekit');
    expect(await nodes()).toBeGreaterThan(0);
  });

  test('PostgreSQL comes back with its data', async () => {
    await deployment.stop('postgres');
    await expect(deployment.sql('SELECT 1')).rejects.toThrow();
    await deployment.start('postgres', { max_connections: '30' });
    expect(await deployment.sql('SHOW max_connections')).toEqual([{ max_connections: '30' }]);
    await deployment.stop('postgres');
    await deployment.start('postgres');
    expect(await deployment.sql('SELECT count(*)::int AS count FROM users')).toEqual([{ count: 3 }]);
  });
});

describe('nothing is left', () => {
  const directory = freshDirectory();
  const cache = `${directory}-cache`;
  afterEach(() => down(directory));

  test.each([
    { afterMs: 0, cold: false },
    { afterMs: 20, cold: false },
    { afterMs: 60, cold: false },
    { afterMs: 150, cold: false },
    { afterMs: 400, cold: false },
    { afterMs: 1_000, cold: false },
    { afterMs: 150, cold: true },
    { afterMs: 500, cold: true },
    { afterMs: 1_200, cold: true },
  ])(
    'when up is killed $afterMs ms after its first trace and down follows (cold: $cold)',
    async ({ afterMs, cold }) => {
      const booting = upInAnotherProcess(directory, dataParts, cold ? { XDG_CACHE_HOME: cache } : {});
      // On a quick machine it is up, and gone by itself, before it is killed.
      const gone = once(booting, 'exit');
      while (!existsSync(directory)) await sleep(1);
      await sleep(afterMs);
      booting.kill('SIGKILL');
      await gone;
      log(`killed with ${processesOf(directory).length} processes running`);
      await down(directory);
      expect(processesOf(directory)).toEqual([]);
      expect(existsSync(directory)).toBe(false);
      rmSync(cache, { recursive: true, force: true });
    },
  );

  test('when up is killed and another up and down follow', async () => {
    const booting = upInAnotherProcess(directory, dataParts);
    const gone = once(booting, 'exit');
    await sleep(700);
    booting.kill('SIGKILL');
    await gone;
    const { pids } = await up({ endWithCaller: true, directory, only: dataParts });
    expect(Object.keys(pids)).toHaveLength(3);
    await down(directory);
    expect(processesOf(directory)).toEqual([]);
  });

  test('when every process is killed and down follows', async () => {
    const before = sharedMemory();
    await up({ endWithCaller: true, directory, only: dataParts });
    for (const pid of processesOf(directory)) process.kill(pid, 'SIGKILL');
    await down(directory);
    expect(processesOf(directory)).toEqual([]);
    // Asked for a while, because other deployments of this machine may come and go meanwhile.
    await expect.poll(() => sharedMemory().filter((trace) => !before.includes(trace)), { timeout: 10_000 }).toEqual([]);
  });

  test('when the record of a process is lost', async () => {
    await up({ endWithCaller: true, directory, only: dataParts });
    rmSync(join(directory, 'processes'), { recursive: true });
    await down(directory);
    expect(processesOf(directory)).toEqual([]);
  });

  test('when a part does not come up, and the reason is told', async () => {
    process.env.SHAKEDOWN_REDIS_SERVER = '/bin/false';
    await expect(up({ endWithCaller: true, directory, only: ['redis', 'livekit'] })).rejects.toThrow(
      /redis ended before it was healthy/,
    );
    delete process.env.SHAKEDOWN_REDIS_SERVER;
    expect(processesOf(directory)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  test('in a folder that nobody else may enter', async () => {
    const closed = mkdtempSync(join(tmpdir(), 'shakedown-closed-'));
    chmodSync(closed, 0o700);
    const inside = join(closed, 'reference');
    const { postgres } = await up({ endWithCaller: true, directory: inside, only: ['postgres'] });
    await connected(postgres.adminUrl, async (client) => client.query('SELECT 1'));
    await down(inside);
    expect(readdirSync(closed)).toEqual([]);
    rmSync(closed, { recursive: true });
  });
});

describe('a deployment whose caller is killed', () => {
  for (const [when, afterMs] of [
    ['in the middle of booting', 150],
    ['when it is up', null],
  ] as const)
    test(`is taken down without anybody asking, ${when}`, async () => {
      const directory = freshDirectory();
      const caller = upInAnotherProcess(directory, ['redis'], {}, { endWithCaller: true });
      const over = once(caller, 'exit');
      if (afterMs === null) await eventually(async () => (await status(directory)) !== null);
      else await eventually(() => existsSync(join(directory, 'up.json'))).then(() => sleep(afterMs));
      caller.kill('SIGKILL');
      await over;
      // The keeper itself ends a moment after the directory.
      await eventually(() => !existsSync(directory) && processesOf(directory).length === 0);
    }, 60_000);
});

describe('down', () => {
  test('does nothing where there is nothing', async () => {
    const directory = freshDirectory();
    await down(directory);
    expect(await status(directory)).toBeNull();
  });

  test("never touches a folder that is not a deployment's, and up refuses it", async () => {
    const foreign = mkdtempSync(join(tmpdir(), 'shakedown-foreign-'));
    writeFileSync(join(foreign, 'thesis.txt'), 'years of work');
    await down(foreign);
    await expect(up({ endWithCaller: true, directory: foreign, only: ['redis'] })).rejects.toThrow(
      'found other files in it',
    );
    expect(readdirSync(foreign)).toEqual(['thesis.txt']);
    rmSync(foreign, { recursive: true });
  });

  test('spares a process that was given a remembered id later', async () => {
    const directory = freshDirectory();
    await up({ endWithCaller: true, directory, only: ['redis'] });
    writeFileSync(
      join(directory, 'processes', 'models.json'),
      JSON.stringify({ pid: process.pid, startedAtTicks: '1' }),
    );
    await down(directory);
    expect(processesOf(directory)).toEqual([]);
  });
});
