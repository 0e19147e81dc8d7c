import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { faultNamed } from '../../reference/faults/index.ts';
import { down, handle, type ReferenceStatus, up } from '../../reference/index.ts';
import type { Report } from '../../verdict/types.ts';
import { fileIn, reportIn, shakedown, start, temporary } from '../cli/shakedown.ts';

/** Journeys on a deployment that lacks parts, is broken, or is left alone in the middle: a verdict each time, and nothing left behind. */
let directory: string;
let deployment: ReferenceStatus;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'shakedown-e2e-'));
  deployment = await up({ directory });
}, 120_000);

afterAll(async () => {
  await down(directory);
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

type Described = Record<string, unknown> & {
  readonly api: object;
  readonly realtime: object;
  readonly web: object;
  readonly meetings: object;
};

/** The reference deployment as another file would describe it. */
function described(work: string, change: (file: Described) => object): string {
  const file = parse(readFileSync(deployment.environmentFile, 'utf8')) as Described;
  return fileIn(work, 'environment.yaml', stringify({ ...file, waivers: [], timeoutMs: 15_000, ...change(file) }));
}

const statuses = (report: Report) => Object.fromEntries(report.checks.map(({ id, status }) => [id, status]));
const whyOf = (report: Report, id: string, row: string) =>
  report.checks.find((check) => check.id === id)?.assertions.find(({ name }) => name === row)?.why;

describe('a deployment with parts missing', () => {
  test('ends in a verdict with its reason for each check: no dashboard, another cookie at the realtime server, no tokens', async () => {
    const work = temporary();
    const env = described(work, ({ realtime, web, meetings }) => ({
      realtime: { ...realtime, cookie: 'platform.sid' },
      web: { ...web, dashboard: undefined },
      meetings: { ...meetings, tokens: undefined },
      outbox: undefined,
      clock: undefined,
      identity: undefined,
    }));
    const only = ['auth.login', 'chat.realtime', 'chat.instances', 'meeting.join', 'survey.fallback', 'lists'];
    const out = join(work, 'run');
    const { code } = await shakedown([
      'e2e',
      '--env',
      env,
      '--only',
      only.map((id) => `e2e.${id}`).join(','),
      '--out',
      out,
    ]);
    const report = reportIn(out);
    const found = statuses(report);
    expect(code).toBe(1);
    expect(report.complete).toBe(true);
    expect(report.checks.every((check) => check.assertions.every((row) => row.why.length > 0))).toBe(true);
    expect(found).toMatchObject({
      'e2e.auth.login': 'not-verified',
      'e2e.chat.realtime': 'fail',
      'e2e.chat.instances': 'fail',
      'e2e.meeting.join': 'not-verified',
      'e2e.survey.fallback': 'not-verified',
      'e2e.lists': 'pass',
    });
    expect(Object.values(found)).not.toContain('invalid');
    expect(whyOf(report, 'e2e.chat.realtime', 'delivered')).toMatch(
      /could not enter the room .* turned away by close 1008/,
    );
    expect(report.residue).toEqual([]);
  }, 900_000);
});

describe('a deployment with a token procedure nobody knows and a realtime cookie of another name', () => {
  /** Every row that stands on one of the two and on no page. */
  const turnedAway = ['chat.realtime', 'chat.order', 'chat.reconnect', 'chat.instances', 'chat.durable'];
  const rooms = ['escalation.handoff', 'cross.chat', 'tenants.sessions'];
  const meetings = ['meeting.join', 'meeting.agent'];

  test('is judged row by row, with the reason of each', async () => {
    const work = temporary();
    const env = described(work, ({ realtime, web, meetings }) => ({
      realtime: { ...realtime, cookie: 'platform.sid' },
      web: { ...web, dashboard: undefined },
      meetings: { ...meetings, tokens: { procedure: 'livekit.getNothing' } },
    }));
    const only = [...turnedAway, ...rooms, ...meetings].map((id) => `e2e.${id}`).join(',');
    const out = join(work, 'run');
    const { code } = await shakedown(['e2e', '--env', env, '--only', only, '--out', out]);
    expect(code).toBe(1);
    const report = reportIn(out);
    expect(report.complete).toBe(true);
    expect(report.checks.every((check) => check.assertions.every((row) => row.why.length > 0))).toBe(true);
    const found = statuses(report);
    for (const id of [...turnedAway, ...rooms, ...meetings]) expect(found[`e2e.${id}`], id).toBe('fail');
    expect(whyOf(report, 'e2e.chat.order', 'none-lost')).toMatch(/turned away by close 1008/);
    expect(whyOf(report, 'e2e.tenants.sessions', 'rooms')).toMatch(/could not enter its room/);
    for (const [id, row] of [
      ['meeting.join', 'joined'],
      ['meeting.agent', 'joins'],
    ] as const)
      expect(whyOf(report, `e2e.${id}`, row)).toMatch(/livekit\.getNothing: .*NOT_FOUND/);
    expect(report.residue).toEqual([]);
  }, 900_000);
});

describe('a deployment without an agent', () => {
  test('fails where one is promised and none comes, and is left out, which is no pass, where the file says that there is none', async () => {
    const fault = faultNamed('agent-stopped')!;
    const look = async (change: object): Promise<Report> => {
      const work = temporary();
      const out = join(work, 'run');
      await shakedown(['e2e', '--env', described(work, () => change), '--only', 'e2e.meeting.agent', '--out', out]);
      return reportIn(out);
    };
    await fault.plant(handle(deployment));
    const promised = await look({});
    const none = await look({ parts: { agent: false } });
    await fault.lift(handle(deployment));
    expect(promised.verdict).toBe('fail');
    expect(whyOf(promised, 'e2e.meeting.agent', 'joins')).toMatch(/no agent joined within 30 s/);
    expect(none.verdict).toBe('undecided');
    expect(statuses(none)).toEqual({ 'e2e.meeting.agent': 'excluded' });
    expect(none.checks.flatMap(({ assertions }) => assertions.map(({ why }) => why))).toEqual([
      expect.stringContaining('agent'),
    ]);
    expect([...promised.residue, ...none.residue]).toEqual([]);
  }, 300_000);
});

describe('a realtime server that reads the session by another name than the API gives it', () => {
  test('is entered all the same: the token is sent by every name where the file does not say one', async () => {
    const work = temporary();
    const env = described(work, ({ api, realtime }) => ({
      api: { ...api, sessionCookies: undefined },
      realtime: { ...realtime, cookie: undefined },
    }));
    const out = join(work, 'run');
    for (const one of ['realtime-1', 'realtime-2']) await handle(deployment).switch(one, 'old-cookies-only', true);
    await shakedown(['e2e', '--env', env, '--only', 'e2e.chat.instances', '--out', out]);
    for (const one of ['realtime-1', 'realtime-2']) await handle(deployment).switch(one, 'old-cookies-only', null);
    expect(statuses(reportIn(out))).toEqual({ 'e2e.chat.instances': 'pass' });
  }, 300_000);
});

describe('a deployment without keys for embeddings', () => {
  test('keeps its tenants apart all the same: documents are stored without them, and what takes them is left out', async () => {
    const work = temporary();
    const env = described(work, ({ web }) => ({ parts: { knowledge: false }, web: { ...web, dashboard: undefined } }));
    const out = join(work, 'run');
    await handle(deployment).switch('api', 'embeddings-off', true);
    await shakedown(['e2e', '--env', env, '--only', 'e2e.tenants.*', '--out', out]);
    await handle(deployment).switch('api', 'embeddings-off', null);
    const report = reportIn(out);
    const rows = Object.fromEntries(
      report.checks.map(({ id, assertions }) => [id, assertions.map(({ name, status }) => `${name} ${status}`)]),
    );
    const unseen = 'in-browsers not-verified';
    expect(rows).toEqual({
      'e2e.tenants.data': ['documents pass', 'people pass', 'changes pass', 'other-data pass', unseen],
      'e2e.tenants.files': ['files pass'],
      'e2e.tenants.sessions': ['listed pass', 'opened pass', 'changed pass', 'rooms pass', unseen],
    });
  }, 300_000);
});

describe('a deployment whose agent only writes', () => {
  test('passes as far as it answers in writing, and its voice is not verified', async () => {
    const work = temporary();
    const out = join(work, 'run');
    const { switch: turn } = handle(deployment);
    await turn('agent', 'text-only', true);
    const env = described(work, () => ({ agent: undefined }));
    await shakedown(['e2e', '--env', env, '--only', 'e2e.meeting.agent', '--out', out]);
    await turn('agent', 'text-only', null);
    const [check] = reportIn(out).checks;
    expect(check!.assertions.map(({ name, status }) => [name, status])).toEqual([
      ['joins', 'pass'],
      ['text', 'pass'],
      ['voice', 'not-verified'],
    ]);
    expect(whyOf(reportIn(out), 'e2e.meeting.agent', 'voice')).toContain('an agent that speaks');
  }, 300_000);
});

describe('a deployment whose token procedure names a room for each user', () => {
  test('lets nobody meet, whoever else comes by himself', async () => {
    const fault = faultNamed('meeting-rooms-apart')!;
    const work = temporary();
    const out = join(work, 'run');
    await fault.plant(handle(deployment));
    const env = described(work, ({ meetings }) => ({
      meetings: { ...meetings, tokens: { procedure: 'livekit.getToken' } },
    }));
    await shakedown(['e2e', '--env', env, '--only', 'e2e.meeting.join', '--out', out]);
    await fault.lift(handle(deployment));
    expect(statuses(reportIn(out))).toEqual({ 'e2e.meeting.join': 'fail' });
    expect(whyOf(reportIn(out), 'e2e.meeting.join', 'joined')).toMatch(/tokens for two rooms/);
  }, 300_000);
});

describe('a journey that fails', () => {
  test('names the step in the words of the user; its trace, picture and console are linked and hold no secret', async () => {
    const fault = faultNamed('auth-login-silent')!;
    const work = temporary();
    const out = join(work, 'run');
    await fault.plant(handle(deployment));
    const { code, stderr } = await shakedown([
      'e2e',
      '--env',
      described(work, () => ({})),
      '--only',
      'e2e.auth.login',
      '--out',
      out,
    ]);
    await fault.lift(handle(deployment));
    expect(stderr).not.toContain('could not be searched');
    expect(code).toBe(1);
    const report = reportIn(out);
    expect(whyOf(report, 'e2e.auth.login', 'refusal-shown')).toMatch(
      /after signing in with .* the page did not say that it was refused within 30 s/,
    );
    const files = report.notes.flatMap(({ file }) => file ?? []);
    expect(files).toContain('evidence/e2e.auth.login/trace.zip');
    expect(files.some((file) => file.endsWith('.png'))).toBe(true);
    for (const file of files) {
      expect(existsSync(join(out, file))).toBe(true);
      expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain(`href="${file}"`);
    }
  }, 900_000);
});

describe('a run that is interrupted in a journey', () => {
  test('is judged as far as it came, leaves no process and nothing at the deployment', async () => {
    const work = temporary();
    const out = join(work, 'run');
    const run = start([
      'e2e',
      '--env',
      described(work, () => ({})),
      '--only',
      'e2e.chat.reconnect,e2e.chat.order',
      '--out',
      out,
    ]);
    await until(
      () =>
        existsSync(join(out, 'run.ndjson')) &&
        readFileSync(join(out, 'run.ndjson'), 'utf8').includes('"check":"e2e.chat.order","assertion"'),
    );
    const children = descendants(run.pid);
    expect(children.length).toBeGreaterThan(0);
    run.signal('SIGINT');
    const { code } = await run.ended;
    expect(code).toBe(2);
    const report = reportIn(out);
    expect(report.complete).toBe(false);
    expect(statuses(report)).toEqual({ 'e2e.chat.order': 'pass', 'e2e.chat.reconnect': 'undecided' });
    await until(() => children.every((pid) => !existsSync(`/proc/${pid}`)));
    expect(report.residue).toEqual([]);
  }, 900_000);
});

async function until(holds: () => boolean, withinMs = 200_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Every process below this one, as /proc has it. */
function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]!.split(' ');
        return [{ pid: Number(name), parent: Number(fields[1]) }];
      } catch {
        return [];
      }
    });
  const below = (one: number): number[] =>
    parents.filter(({ parent }) => parent === one).flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(pid);
}
