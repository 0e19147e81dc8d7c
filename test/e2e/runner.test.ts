import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { select } from '../../cli/run/select.ts';
import { searchCanaries } from '../../environment/canary.ts';
import { unzip, zip } from '../../environment/zip.ts';
import type { Entry } from '../../record/entries.ts';
import { mergeRecords } from '../../record/merge.ts';
import { htmlPage } from '../../reporters/html/index.ts';
import { JourneyBroke, Steps } from '../../runners/journey.ts';
import { keepEvidence } from '../../runners/playwright/evidence.ts';
import type { FromRunner, JourneyOrder } from '../../runners/playwright/messages.ts';
import { callRun, openWire } from '../../runners/playwright/wire.ts';
import { judge } from '../../verdict/judge.ts';
import { deployment } from '../environment/deployment.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'shakedown-e2e-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('a step that fails says so in the words of the user', () => {
  const steps = (over: string | null = null) =>
    new Steps(
      50,
      (_, run) => run(),
      () => over,
    );
  const never = () => Promise.reject(new Error('\u001b[31mexpect(locator) failed\u001b[0m\nCall log: many lines'));

  test('something that did not appear, after what was done last', async () => {
    const story = steps();
    await story.does('opening the page', () => Promise.resolve());
    await story.does('sending the message', () => Promise.resolve());
    await expect(story.sees('no answer appeared', never, { withinMs: 2_000 })).rejects.toMatchObject({
      name: 'JourneyBroke',
      message: 'after sending the message no answer appeared within 2 s',
    });
  });

  test('something that could not be done, with the first line of why', async () => {
    await expect(steps().does('signing in', never)).rejects.toMatchObject({
      name: 'JourneyBroke',
      message: 'signing in was not possible: expect(locator) failed',
    });
  });

  test('a look that does not end is ended', async () => {
    await expect(steps().sees('nothing came', () => new Promise(() => undefined))).rejects.toThrow(
      'nothing came within 0.1 s',
    );
  });

  test('how long was waited is told, for whoever asks whether the browser had a processor meanwhile', async () => {
    const failed = steps().sees('nothing came', () => new Promise(() => undefined), { withinMs: 100 });
    await expect(failed).rejects.toMatchObject({ tookMs: expect.toSatisfy((ms: number) => ms >= 1_000) });
  });

  test('what comes of a browser that crashed is not said of the deployment', async () => {
    const failed = steps('the browser crashed').sees('no answer appeared', never);
    await expect(failed).rejects.toThrow('the browser crashed');
    await expect(failed).rejects.not.toBeInstanceOf(JourneyBroke);
  });
});

describe('the evidence of a failed journey', () => {
  const secret = 'Correct-Horse-7-Battery';

  test('is kept without secrets, inside archives too, and the report links it', async () => {
    const trace = join(directory, 'given.zip');
    const picture = join(directory, 'picture.png');
    const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]);
    writeFileSync(
      trace,
      zip([
        { name: 'trace.network', content: Buffer.from(`{"password":"${secret}"}`) },
        { name: 'a.jpeg', content: bytes },
      ]),
    );
    writeFileSync(picture, bytes);
    writeFileSync(join(directory, 'log.txt'), `signed in with ${encodeURIComponent(secret)}`);
    const out = join(directory, 'run');
    const files = [
      { what: 'trace', path: trace },
      { what: 'screenshot', path: picture },
      { what: 'screenshot', path: picture },
      { what: 'console', path: join(directory, 'log.txt') },
    ] as const;
    const notes = keepEvidence({ check: 'e2e.auth.login', attempt: 1, files, directory: out, secrets: [secret] });
    const kept = notes.map((note) => (note.kind === 'note' ? note.file : undefined));
    expect(kept).toEqual(
      ['trace.zip', 'screenshot.png', 'screenshot-2.png', 'console.txt'].map(
        (name) => `evidence/e2e.auth.login/${name}`,
      ),
    );
    expect((await searchCanaries(out, [secret])).leaks).toEqual([]);
    const inside = [...unzip(readFileSync(join(out, kept[0]!)))];
    expect(inside.map(({ name }) => name)).toEqual(['trace.network', 'a.jpeg']);
    expect(inside[0]!.content.toString()).toBe('{"password":"[redacted]"}');
    expect(inside[1]!.content.equals(bytes)).toBe(true);
    const report = judge([run({}), broken, ...notes, { kind: 'end' }]);
    expect(report.notes.map(({ file }) => file)).toEqual(kept);
    expect(htmlPage.render(report)[0]!.text).toContain('<a href="evidence/e2e.auth.login/trace.zip">trace</a>');
  });

  test('of a second attempt stands beside that of the first', () => {
    const path = join(directory, 'log.txt');
    writeFileSync(path, 'x');
    for (const attempt of [1, 2])
      keepEvidence({ check: 'e2e.lists', attempt, files: [{ what: 'console', path }], directory, secrets: [] });
    expect(existsSync(join(directory, 'evidence/e2e.lists/console.txt'))).toBe(true);
    expect(existsSync(join(directory, 'evidence/e2e.lists-attempt-2/console.txt'))).toBe(true);
  });

  test('an archive comes out as it went in, empty files and odd names too', () => {
    const entries = [
      { name: 'resources/ä b.txt', content: Buffer.from('é'.repeat(10_000)) },
      { name: 'empty', content: Buffer.alloc(0) },
    ];
    expect([...unzip(zip(entries))]).toEqual(entries);
    expect([...unzip(zip([]))]).toEqual([]);
  });
});

describe('the wire between a run and its browser runner', () => {
  const order: JourneyOrder = {
    origin: '0',
    scope: 'sd-1',
    environment: deployment('api: { url: http://127.0.0.1:3001 }'),
    checks: [],
    chromium: null,
    trustedKeys: [],
  };

  test('hands the order over, hears everything before it answers, and notices who is gone with a check begun', async () => {
    const heard: FromRunner[] = [];
    const gone = Promise.withResolvers<readonly string[]>();
    const wire = await openWire({
      order: () => order,
      onMessage: (message) => heard.push(message),
      onGone: ({ open }) => gone.resolve([...open]),
    });
    const line = await callRun(wire.address, 'worker');
    expect(line.order).toEqual(order);
    line.say({ type: 'started', check: 'e2e.lists', attempt: 1 });
    for (let i = 0; i < 500; i++) line.say({ type: 'secret', value: `line ${i}\nü` });
    await line.heardOut();
    expect(heard.filter(({ type }) => type === 'secret')).toHaveLength(500);
    wire.tell({ type: 'stop' });
    await new Promise((resolve) => line.stop.addEventListener('abort', resolve, { once: true }));
    wire.close();
    expect(await gone.promise).toEqual(['e2e.lists']);
    expect(existsSync(wire.address)).toBe(false);
    await expect(callRun(wire.address, 'worker')).rejects.toThrow();
  });
});

describe('shards', () => {
  const part = (index: number, of: number) =>
    select(['e2e'], { gate: false, only: [], waived: new Set(), shard: { index, of } });

  test('share the checks out, each to one', () => {
    const whole = select(['e2e'], { gate: false, only: [], waived: new Set() }).checks.map(({ id }) => id);
    const parts = [1, 2, 3].map((index) => part(index, 3).checks.map(({ id }) => id));
    expect(parts.flat().sort()).toEqual(whole.toSorted());
    expect(
      Math.max(...parts.map(({ length }) => length)) - Math.min(...parts.map(({ length }) => length)),
    ).toBeLessThan(2);
  });

  test('are partial alone, whole together, and partial where one is missing', () => {
    const records = [1, 2].map((index) => ({
      entries: [run({ shard: { index, of: 2 } }), { ...held, check: `e2e.${index}` }, { kind: 'end' } as const],
      lastHash: 'h',
      wholeBytes: 0,
      torn: null,
    }));
    const merged = (some: typeof records) => mergeRecords(some).map((line) => JSON.parse(line) as Entry);
    expect(judge(records[0]!.entries).partial).toBe(true);
    expect(judge(merged(records))).toMatchObject({ partial: false, verdict: 'pass' });
    expect(judge(merged(records.slice(1)))).toMatchObject({ partial: true });
  });
});

test('a flow that needed a second look does not pass', () => {
  const report = judge([
    run({}),
    broken,
    { ...held, startMs: 9 },
    { kind: 'note', check: held.check, what: 'flaky', detail: 'd' },
    { kind: 'end' },
  ]);
  expect(report.checks[0]!.status).toBe('fail');
});

const run = (over: object): Entry => ({
  kind: 'run',
  schema: '1.0',
  id: 'r-1',
  environment: 'test',
  profile: 'readiness',
  suites: ['e2e'],
  partial: false,
  harness: '1.0.0',
  startedAt: '2026-01-02T03:04:05.678Z',
  ...over,
});
const held = { kind: 'measurement', check: 'e2e.auth.login', assertion: 'signs-in', startMs: 1, ok: true } as const;
const broken: Entry = { ...held, ok: false, because: 'after signing in the dashboard did not appear within 10 s' };
