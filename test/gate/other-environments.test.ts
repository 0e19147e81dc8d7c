import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { down, type ReferenceStatus, up } from '../../reference/index.ts';
import type { Report } from '../../verdict/types.ts';
import { fileIn, reportIn, shakedown, temporary } from '../cli/shakedown.ts';

/** The same deployment, described by other environment files: no code changes, every check ends in a verdict. */
let directory: string;
let deployment: ReferenceStatus;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'shakedown-gate-'));
  deployment = await up({ endWithCaller: true, directory });
}, 60_000);

afterAll(async () => {
  await down(directory);
  rmSync(directory, { recursive: true, force: true });
}, 30_000);

async function smoke(text: string): Promise<{ report: Report; code: number | null; record: string }> {
  const work = temporary();
  const out = join(work, 'run');
  const { code, stderr } = await shakedown(['smoke', '--env', fileIn(work, 'environment.yaml', text), '--out', out]);
  if (code === 64 || code === 70) throw new Error(stderr);
  return { report: reportIn(out), code, record: readFileSync(join(out, 'run.ndjson'), 'utf8') };
}

const statusOf = (report: Report, id: string) => report.checks.find((check) => check.id === id)?.status;

describe('another environment file', () => {
  test('with nothing but an API and renamed cookies has a verdict on each check', async () => {
    const { report, code } = await smoke(
      `
name: bare
kind: staging
tls: { allowPlain: true }
parts: { realtime: false, meeting: false, agent: false, landing: false, dashboard: false, widget: false, redis: false }
api: { url: "${deployment.api}", sessionCookies: [platform.sid, authjs.session-token] }
`,
    );
    expect(statusOf(report, 'smoke.api.trpc')).toBe('pass');
    expect(statusOf(report, 'smoke.ws.connect')).toBe('excluded');
    expect(statusOf(report, 'smoke.redis.ping')).toBe('excluded');
    expect(statusOf(report, 'smoke.livekit.http')).toBe('excluded');
    expect(statusOf(report, 'smoke.db.forced')).toBe('not-verified');
    expect(code).toBe(2);
    expect(report.checks.every((check) => check.assertions.every((row) => row.why.length > 0))).toBe(true);
  }, 90_000);

  test('with the other cookie name at the realtime server and one instance only runs the same checks', async () => {
    const { report } = await smoke(`
name: renamed
kind: disposable
tls: { ca: "${join(directory, readCa())}" }
parts: { meeting: false, agent: false, landing: false, widget: false }
api: { url: "${deployment.api}" }
realtime: { urls: ["${deployment.realtime[0]}"], cookie: next-auth.session-token }
web: { dashboard: "${deployment.web.dashboard}" }
accounts: { create: true, cleanup: database }
database: { appUrl: "${deployment.postgres.appUrl}", serviceUrl: "${deployment.postgres.serviceUrl}" }
`);
    expect(statusOf(report, 'smoke.ws.connect')).toBe('pass');
    expect(statusOf(report, 'smoke.web.dashboard')).toBe('pass');
    expect(statusOf(report, 'smoke.web.landing')).toBe('excluded');
    expect(statusOf(report, 'smoke.redis.groups')).toBe('not-verified');
    expect(report.residue).toEqual([]);
  }, 90_000);

  test('with an account that cannot sign in says so and names no password', async () => {
    const { report, record } = await smoke(`
name: given
kind: disposable
parts: { meeting: false, agent: false, landing: false, dashboard: false, widget: false, redis: false }
api: { url: "${deployment.api}" }
realtime: { urls: ["${deployment.realtime[0]}"] }
accounts: { given: [{ tenant: Acme, role: owner, email: nobody@example.com, password: Correct-Horse-7-Battery }] }
`);
    expect(statusOf(report, 'smoke.ws.connect')).toBe('fail');
    expect(record).not.toContain('Correct-Horse-7-Battery');
  }, 90_000);
});

function readCa(): string {
  const line = /ca: *"?([^"\s}]+)"?/.exec(readFileSync(deployment.environmentFile, 'utf8'))?.[1] ?? '';
  return line.startsWith('/') ? line.slice(directory.length + 1) : line.replace(/^\.\//, '');
}
