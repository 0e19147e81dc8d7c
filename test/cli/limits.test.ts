import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readRecord } from '../../record/reader.ts';
import * as servers from '../servers/index.ts';
import { apiOnly, fileIn, reportIn, shakedown, temporary } from './shakedown.ts';

// On a busy machine a timed check asks on until it can tell.
vi.setConfig({ testTimeout: 120_000 });

test('a budget of requests that is spent stops the sending and makes the check invalid, not green', async () => {
  const server = await servers.healthy();
  onTestFinished(() => server.close());
  const directory = temporary();
  const file = fileIn(directory, 'environment.yaml', apiOnly(server.url, 'budget: { requests: 20 }\n'));
  const out = join(directory, 'run');
  const { code } = await shakedown(['smoke', '--env', file, '--only', 'smoke.api.health', '--out', out]);
  const report = reportIn(out);
  expect([code, report.verdict]).toEqual([3, 'invalid']);
  expect(report.checks[0]!.assertions.map((row) => row.why).join()).toMatch(/the budget of 20 requests is spent/);
});

test('a production deployment is not written to without its name', async () => {
  const directory = temporary();
  const file = fileIn(
    directory,
    'environment.yaml',
    'name: live\nkind: production\ntls: { allowPlain: true }\napi: { url: "http://127.0.0.1:9" }\nrealtime: { urls: ["ws://127.0.0.1:9/ws"] }\naccounts: { create: true, cleanup: none }\n',
  );
  const refused = await shakedown(['smoke', '--env', file, '--out', join(directory, 'run')]);
  expect([refused.code, refused.stderr]).toEqual([
    64,
    expect.stringMatching(/write to "live", which is production; say --yes-production live/),
  ]);
  const wrong = await shakedown(['smoke', '--env', file, '--yes-production', 'dead', '--out', join(directory, 'run')]);
  expect([wrong.code, wrong.stderr]).toEqual([64, expect.stringMatching(/expected "live", found "dead"/)]);
});

/** A file system of a few hundred kilobytes. */
function mountAt(path: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', path]).status === 0;
}

/** Mounting takes rights that not every machine gives; where it does not, the writer's own tests stand alone (test/record). */
function mayMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'shakedown-mount-'));
  const mounted = mountAt(path);
  if (mounted) spawnSync('umount', [path]);
  rmSync(path, { recursive: true, force: true });
  return mounted;
}

const whereMountingIsAllowed = mayMount() ? test : () => undefined;

whereMountingIsAllowed(
  'a disk that fills while a run goes on: the record says so, what was measured is judged, and it is invalid',
  async () => {
    const disk = join(temporary(), 'disk');
    mkdirSync(disk);
    mountAt(disk);
    onTestFinished(() => void spawnSync('umount', [disk]));
    const server = await servers.healthy();
    onTestFinished(() => server.close());
    writeFileSync(join(disk, 'fill'), Buffer.alloc(220_000));
    const env = fileIn(temporary(), 'environment.yaml', apiOnly(server.url));
    const out = join(disk, 'run');
    const { code, stdout } = await shakedown(['smoke', '--env', env, '--only', 'smoke.api.health', '--out', out]);
    const { entries, torn } = readRecord(join(out, 'run.ndjson'));
    expect(torn).toBeNull();
    expect(entries.at(-1)).toMatchObject({ kind: 'ours', what: 'disk-full', spoils: true });
    expect(entries.filter((entry) => entry.kind === 'measurement').length).toBeGreaterThan(20);
    expect([code, reportIn(out).verdict]).toEqual([3, 'invalid']);
    expect(stdout).toMatch(/the disk that holds the record is full/);
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('</html>');
  },
);
