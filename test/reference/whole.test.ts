import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { get } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEnvironment } from '../../environment/load.ts';
import { down, handle, type ReferenceHandle, status, up } from '../../reference/index.ts';
import { freshDirectory, processesOf, upInAnotherProcess } from './deployment.ts';
import { listeners } from './listeners.ts';

const parts = [
  'agent',
  'api',
  'livekit',
  'models',
  'pgbouncer',
  'postgres',
  'realtime-1',
  'realtime-2',
  'redis',
  'stubs',
  'web',
];

describe('the whole deployment', () => {
  const directory = freshDirectory();
  let deployment: ReferenceHandle;

  beforeAll(async () => {
    const began = performance.now();
    deployment = handle(await up({ endWithCaller: true, directory }));
    process.stdout.write(`all of it was up after ${Math.round(performance.now() - began)} ms\n`);
  }, 180_000);
  afterAll(async () => {
    const began = performance.now();
    await down(directory);
    process.stdout.write(`all of it was down after ${Math.round(performance.now() - began)} ms\n`);
    expect(processesOf(directory)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  }, 60_000);

  test('runs every part, and says so', async () => {
    expect(Object.keys(deployment.pids).sort()).toEqual(parts);
    expect((await status(directory))?.down).toEqual([]);
  });

  test('listens on loopback alone, every part of it', () => {
    expect(listeners(processesOf(directory)).filter(({ loopback }) => !loopback)).toEqual([]);
  });

  test('describes itself in an environment file without a problem, as disposable, with everything allowed and granted', () => {
    const { environment, problems } = loadEnvironment(deployment.environmentFile, {});
    expect(problems).toBeUndefined();
    expect(environment).toMatchObject({
      kind: 'disposable',
      allow: ['e2e', 'load', 'soak', 'security', 'stress', 'drills'],
    });
    expect(Object.entries(environment!.parts).filter(([, there]) => !there)).toEqual([]);
    expect(environment!.waivers).toHaveLength(8);
    expect(environment!.expect.relaxed).toEqual(['redis: 7.4.2 → 7.0.15']);
  });

  test('serves its pages under a certificate of its own authority, by each of its names', async () => {
    const ca = readFileSync(`${directory}/tls/ca.pem`, 'utf8');
    for (const url of Object.values(deployment.web)) expect(await statusOf(url, ca)).toBe(200);
    const { port } = new URL(deployment.web.landing);
    expect(await statusOf(`https://127.0.0.1:${port}/`, ca)).toBe(200);
    await expect(statusOf(deployment.web.landing, undefined)).rejects.toThrow();
  });

  test('takes a switch, refuses an unknown one, and forgets it when it is lifted', async () => {
    const health = async () =>
      ((await (await fetch(`${deployment.api}/health`)).json()) as { revision: string }).revision;
    const revision = await health();
    await deployment.switch('api', 'revision', 'another');
    expect(await health()).toBe('another');
    await deployment.switch('api', 'revision', null);
    expect(await health()).toBe(revision);
    await expect(deployment.switch('api', 'no-such-switch', true)).rejects.toThrow('no-such-switch');
  });

  test('one of its services can be stopped and started again', async () => {
    await deployment.stop('realtime-2');
    expect((await status(directory))?.down).toEqual(['realtime-2']);
    await deployment.start('realtime-2');
    expect((await status(directory))?.down).toEqual([]);
  });
});

test.each([600, 2_000])(
  'nothing is left of the whole when up is killed after %i ms and down follows',
  async (afterMs) => {
    const directory = freshDirectory();
    const booting = upInAnotherProcess(directory, parts);
    // On a quick machine it is up, and gone by itself, before it is killed.
    const gone = once(booting, 'exit');
    while (!existsSync(directory)) await sleep(1);
    await sleep(afterMs);
    booting.kill('SIGKILL');
    await gone;
    await down(directory);
    expect(processesOf(directory)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  },
);

function statusOf(url: string, ca: string | undefined): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { ca }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}
