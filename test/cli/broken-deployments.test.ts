import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import * as servers from '../servers/index.ts';
import { apiOnly, fileIn, reportIn, shakedown, temporary } from './shakedown.ts';

// On a busy machine a timed check asks on until it can tell.
vi.setConfig({ testTimeout: 120_000 });

/** Deployments that are broken as a whole. Each must end with exit code 1 and a reason of its own. */
const broken: readonly { name: string; serve: () => Promise<servers.TestServer>; because: RegExp }[] = [
  { name: 'dead', serve: servers.dead, because: /refused the connection/ },
  { name: 'on the wrong port', serve: servers.wrongPort, because: /something that is not HTTP/ },
  { name: 'with a certificate nobody vouches for', serve: servers.wrongCertificate, because: /certificate/ },
  { name: 'with a certificate for another name', serve: servers.wrongName, because: /certificate/ },
  { name: 'with an expired certificate', serve: servers.expiredCertificate, because: /certificate/ },
  { name: 'blackholed', serve: servers.blackholed, because: /did not accept a connection within 2 s/ },
  { name: 'hanging', serve: servers.hanging, because: /did not answer within 2 s/ },
  { name: 'hanging behind TLS', serve: servers.hangingTls, because: /did not (answer|accept a connection) within 2 s/ },
  { name: 'answering rubbish', serve: servers.rubbish, because: /something that is not HTTP/ },
  { name: 'answering errors only', serve: servers.allErrors, because: /500/ },
];

describe('a deployment that is', () => {
  test.each(broken)('$name fails, and says why', async ({ serve, because }) => {
    const { directory, file } = await deployment(serve);
    const out = join(directory, 'run');
    const { code, stdout } = await shakedown(['gate', '--env', file, '--out', out]);
    const report = reportIn(out);
    expect({ code, verdict: report.verdict }).toEqual({ code: 1, verdict: 'fail' });
    const failed = report.checks.filter((check) => check.status === 'fail');
    expect(failed.map((check) => check.id)).toContain('smoke.api.health');
    expect(failed[0]!.assertions.map((row) => row.why).join('\n')).toMatch(because);
    expect(stdout).toMatch(because);
    expect(report.checks.filter((check) => check.status === 'pass')).toEqual([]);
  });

  test('dead is told within three seconds, before any test runner starts', async () => {
    const { directory, file } = await deployment(servers.dead);
    const { code } = await shakedown(['gate', '--env', file, '--out', join(directory, 'run')]);
    expect(code).toBe(1);
    // The run by itself; what starting a process costs on a busy machine is measured in bench.
    expect(reportIn(join(directory, 'run')).tookMs).toBeLessThan(3000);
  });

  test('healthy in all that can be looked at does not fail', async () => {
    const { directory, file } = await deployment(servers.healthy);
    const { code } = await shakedown([
      'smoke',
      '--env',
      file,
      '--only',
      'smoke.api.health',
      '--out',
      join(directory, 'run'),
    ]);
    const report = reportIn(join(directory, 'run'));
    expect(report.checks.map((check) => check.id)).toEqual(['smoke.api.health']);
    const [form, latency] = report.checks[0]!.assertions;
    expect(form!.status).toBe('pass');
    // On a busy machine fewer samples than asked for may be undecided or ours; a fail would be a false alarm.
    expect(['pass', 'undecided', 'invalid']).toContain(latency!.status);
    expect(code).toBe(report.exitCode);
    expect(report.headline).toMatch(/^partial: /);
  });
});

async function deployment(serve: () => Promise<servers.TestServer>): Promise<{ directory: string; file: string }> {
  const server = await serve();
  onTestFinished(() => server.close());
  const directory = temporary();
  return { directory, file: fileIn(directory, 'environment.yaml', apiOnly(server.url)) };
}
