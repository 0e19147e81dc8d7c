import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import * as servers from '../servers/index.ts';
import { apiOnly, fileIn, reportIn, shakedown, start, temporary } from './shakedown.ts';

// On a busy machine a timed check asks on until it can tell.
vi.setConfig({ testTimeout: 120_000 });

describe('bad input', () => {
  test('an environment file is told all its problems at once, with their lines', async () => {
    const file = fileIn(
      temporary(),
      'broken.yaml',
      'name: x\nkind: prod\napi:\n  url: ftp://nowhere\nrealtime: { urls: ["http://rt.example"] }\nbudgt: { requests: -1 }\n',
    );
    const { code, stderr } = await shakedown(['gate', '--env', file]);
    expect(code).toBe(64);
    expect(stderr).toMatch(/does not describe a deployment/);
    for (const part of [/kind \(line 2\)/, /api\.url \(line 4\)/, /realtime\.urls\[0\] \(line 5\)/, /budgt \(line 6\)/])
      expect(stderr).toMatch(part);
  });

  test.each([
    { name: 'no environment file', args: ['gate'], says: /--env/ },
    {
      name: 'an environment file that is not there',
      args: ['gate', '--env', '/nowhere/at/all.yaml'],
      says: /does not describe a deployment/,
    },
    { name: 'an unknown command', args: ['gaet'], says: /unknown command 'gaet'/ },
    { name: 'an unknown option', args: ['checks', '--jason'], says: /unknown option/ },
    { name: 'a check that is not there', args: ['explain', 'smoke.api.helth'], says: /expected the id of a check/ },
    {
      name: 'a fault that is not there, beside one that is',
      args: ['prove', '--list', '--fault', 'db-stopped,db-stoped', '--check', 'smoke.*', 'e2e.meetings.*'],
      says: /--fault: db-stoped names no fault.*\n.*--check: e2e\.meetings\.\* matches no check/,
    },
    { name: 'a run that is not there', args: ['judge', '/nowhere/run'], says: /expected the directory of a run/ },
  ])('$name is refused with 64', async ({ args, says }) => {
    const { code, stderr } = await shakedown(args);
    expect({ code, says: says.test(stderr) ? 'yes' : stderr }).toEqual({ code: 64, says: 'yes' });
  });

  test('an unknown profile and an --only that matches nothing are refused with 64', async () => {
    const file = fileIn(temporary(), 'e.yaml', apiOnly('http://127.0.0.1:9'));
    const profile = await shakedown(['smoke', '--env', file, '--profile', 'easy']);
    expect([profile.code, profile.stderr]).toEqual([64, expect.stringMatching(/expected one of readiness/)]);
    const only = await shakedown(['smoke', '--env', file, '--only', 'smoke.nothing.*']);
    expect([only.code, only.stderr]).toEqual([64, expect.stringMatching(/matches no check/)]);
    const typo = await shakedown(['smoke', '--env', file, '--only', 'smoke.api.*,smoke.wbe.*']);
    expect([typo.code, typo.stderr]).toEqual([64, expect.stringMatching(/--only: smoke\.wbe\.\* matches no check/)]);
  });

  test('an output directory that cannot be written is refused before anything is sent', async () => {
    const directory = temporary();
    const env = fileIn(directory, 'e.yaml', apiOnly('http://127.0.0.1:9'));
    // A file where a directory should be refuses root as well, whom permissions do not stop.
    const { code, stderr } = await shakedown([
      'smoke',
      '--env',
      env,
      '--out',
      join(fileIn(directory, 'file', ''), 'run'),
    ]);
    expect([code, stderr]).toEqual([64, expect.stringMatching(/expected a directory that can be written/)]);
    if (process.getuid?.() !== 0) {
      const closed = join(directory, 'closed');
      mkdirSync(closed);
      chmodSync(closed, 0o500);
      expect((await shakedown(['smoke', '--env', env, '--out', join(closed, 'run')])).code).toBe(64);
    }
  });

  test('a directory that holds a run already is not written over', async () => {
    const directory = temporary();
    const env = fileIn(directory, 'e.yaml', apiOnly('http://127.0.0.1:9'));
    const out = join(directory, 'run');
    expect((await shakedown(['smoke', '--env', env, '--out', out])).code).toBe(1);
    const before = readFileSync(join(out, 'run.ndjson'), 'utf8');
    const again = await shakedown(['smoke', '--env', env, '--out', out]);
    expect([again.code, again.stderr]).toEqual([64, expect.stringMatching(/expected a directory without a run in it/)]);
    expect(readFileSync(join(out, 'run.ndjson'), 'utf8')).toBe(before);
  });
});

describe('a record', () => {
  test('that was changed is refused, cut in mid-line it is judged without the torn line, and rendered twice it is the same', async () => {
    const directory = temporary();
    const env = fileIn(directory, 'e.yaml', apiOnly('http://127.0.0.1:9'));
    const out = join(directory, 'run');
    await shakedown(['smoke', '--env', env, '--out', out]);
    const record = join(out, 'run.ndjson');
    const whole = readFileSync(record);

    const before = ['report.json', 'report.html', 'report.md', 'junit.xml'].map((file) =>
      readFileSync(join(out, file), 'utf8'),
    );
    expect((await shakedown(['report', out])).code).toBe(1);
    expect(
      ['report.json', 'report.html', 'report.md', 'junit.xml'].map((file) => readFileSync(join(out, file), 'utf8')),
    ).toEqual(before);

    writeFileSync(record, whole.subarray(0, whole.length - 10));
    const torn = await shakedown(['judge', out]);
    expect([torn.code, torn.stdout]).toEqual([1, expect.stringMatching(/torn off/)]);

    const flipped = Buffer.from(whole);
    flipped[Math.floor(whole.length / 2)]! ^= 1;
    writeFileSync(record, flipped);
    const changed = await shakedown(['judge', out]);
    expect([changed.code, changed.stderr]).toEqual([
      64,
      expect.stringMatching(/line \d+: (the chain is broken|expected)/),
    ]);
  });

  test('can be judged again under another profile', async () => {
    const directory = temporary();
    const server = await servers.healthy();
    onTestFinished(() => server.close());
    const env = fileIn(directory, 'e.yaml', apiOnly(server.url));
    const out = join(directory, 'run');
    await shakedown(['smoke', '--env', env, '--out', out, '--only', 'smoke.api.health']);
    const again = await shakedown(['judge', out, '--profile', 'preparation', '--json']);
    const report = JSON.parse(again.stdout);
    expect(report.profile).toBe('preparation');
    const latency = report.checks[0].assertions.find((row: { name: string }) => row.name === 'latency');
    // T-health has a value in the readiness papers only: elsewhere it is measured and shown.
    expect(latency.status).toBe('shown');
  });
});

describe('a run that is interrupted', () => {
  test('ends cleanly with a judged partial record, and leaves no pass behind', async () => {
    const directory = temporary();
    const server = await servers.healthy();
    onTestFinished(() => server.close());
    const env = fileIn(directory, 'e.yaml', apiOnly(server.url));
    const out = join(directory, 'run');
    const running = start(['smoke', '--env', env, '--out', out]);
    await recording(out);
    running.signal('SIGINT');
    const { code } = await running.ended;
    const report = reportIn(out);
    expect(report.complete).toBe(false);
    expect(code).not.toBe(0);
    expect(report.ours.map((entry) => entry.what)).toContain('interrupted');
  });

  test('killed at once, its record can still be judged, and never passes', async () => {
    const directory = temporary();
    const server = await servers.healthy();
    onTestFinished(() => server.close());
    const env = fileIn(directory, 'e.yaml', apiOnly(server.url));
    const out = join(directory, 'run');
    const running = start(['smoke', '--env', env, '--out', out]);
    await recording(out);
    running.signal('SIGKILL');
    await running.ended;
    const judged = await shakedown(['judge', out]);
    expect([1, 2]).toContain(judged.code);
  });
});

/** The run has begun to measure: its record is past the plan. */
async function recording(out: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const record = join(out, 'run.ndjson');
    if (existsSync(record) && readFileSync(record, 'utf8').includes('"kind":"measurement"')) return;
  }
  throw new Error('the run never began to measure');
}
