import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
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
