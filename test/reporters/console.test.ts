import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import {
  advance,
  consoleSummary,
  noProgress,
  type ProgressEvent,
  progressFrame,
  progressLine,
  redrawn,
} from '../../reporters/index.ts';
import { all, broken, check, report as reportOf } from './fixtures.ts';

const plainAt80 = { colour: false, width: 80, reportFile: 'runs/r-20260102-0304-ab12/report.html' };

describe.each(Object.entries(all))('%s', (name, report) => {
  test('is, byte for byte, the one that was looked at', async () => {
    await expect(consoleSummary(report, plainAt80)).toMatchFileSnapshot(`./pages/${name}/console.txt`);
  });
  test('colour adds nothing but colour', () => {
    expect(stripVTControlCharacters(consoleSummary(report, { ...plainAt80, colour: true }))).toBe(
      consoleSummary(report, plainAt80),
    );
  });
  test.each([40, 80, 120])('fits %d columns', (width) => {
    const lines = consoleSummary(report, { ...plainAt80, width, reportFile: undefined }).split('\n');
    expect(lines.filter((line) => stringWidth(line) > width)).toEqual([]);
  });
  test('in ASCII holds nothing else', () => {
    expect(consoleSummary(report, { ...plainAt80, ascii: true })).toMatch(/^[ -~\n]*$/);
  });
  test('holds no control character of its own or of others', () => {
    expect(consoleSummary(report, plainAt80)).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
  });
});

test('of many that block the first are told whole and the others named', () => {
  const dead = reportOf(
    Array.from({ length: 40 }, (_, index) => check(`smoke.a.c${index}`, 'fail')),
    { verdict: 'fail', exitCode: 1 },
  );
  const text = consoleSummary(dead, plainAt80);
  expect(text.match(/^✗ fail {2}/gm)).toHaveLength(15);
  expect(text).toContain('smoke.a.c39');
  expect(text.trimEnd()).toMatch(/\n✗ FAIL, exit code 1$/);
});

test('colour is used where it is asked for', () => {
  expect(consoleSummary(broken, { colour: true, width: 80 })).toContain('\u001b[31m');
});

const events: readonly ProgressEvent[] = [
  { type: 'suite-started', suite: 'smoke', checks: 5, atMs: 0 },
  { type: 'check-started', check: 'smoke.api.health', atMs: 100 },
  { type: 'check-started', check: 'smoke.web.tls', atMs: 120 },
  { type: 'check-finished', check: 'smoke.api.health', atMs: 1100, tookMs: 1000, outcome: 'ok' },
  {
    type: 'check-finished',
    check: 'smoke.web.tls',
    atMs: 1600,
    tookMs: 1480,
    outcome: 'broke',
    why: 'certificate \u001b[2Jexpired\non 2026-01-01',
  },
  { type: 'check-finished', check: 'smoke.redis.ping', atMs: 3000, tookMs: 2, outcome: 'unmet', why: 'redis.url' },
  { type: 'check-started', check: 'smoke.db.tables', atMs: 3100 },
  { type: 'message', text: 'stopping early: the outcome is settled', atMs: 4000 },
];
const tick = (elapsedMs: number, previousElapsedMs: number): ProgressEvent => ({
  ...{
    type: 'load-tick',
    check: 'load.users',
    atMs: 60_000 + elapsedMs,
    elapsedMs,
    previousElapsedMs,
    plannedMs: 150_000,
  },
  ...{ sent: 8012, lost: 3, perSecond: 104.4, users: 100 },
});
const stateAfter = (some: readonly ProgressEvent[]) => some.reduce(advance, noProgress);

describe('progress in a log', () => {
  test('one plain line a finished check', () => {
    expect(events.map(progressLine)).toEqual([
      '[0:00] suite smoke, 5 checks',
      null,
      null,
      '[0:01] ok    smoke.api.health (1 s)',
      '[0:01] broke smoke.web.tls (1.5 s): certificate \\u{1b}[2Jexpired on 2026-01-01',
      '[0:03] unmet smoke.redis.ping (2 ms): redis.url',
      null,
      '[0:04] note  stopping early: the outcome is settled',
    ]);
  });
  test.each([
    [9_900, 8_900, null],
    [10_050, 9_900, '[1:10] load  load.users 0:10 of 2:30, 100 users, 8012 sent, 104 a second, 3 lost'],
    [11_000, 10_050, null],
    [31_000, 18_000, '[1:31] load  load.users 0:31 of 2:30, 100 users, 8012 sent, 104 a second, 3 lost'],
  ])('a load at %d ms, seen last at %d ms', (now, before, line) => expect(progressLine(tick(now, before))).toBe(line));
});

describe('progress on a terminal', () => {
  test('suite, done of all, what broke, time gone and left, the check that is running', () => {
    expect(
      progressFrame(stateAfter([...events, { type: 'clock', atMs: 6000 }]), { colour: false, width: 80 }),
    ).toMatchInlineSnapshot(`
      "smoke ███████████░░░░░░░░ 3 of 5, 1 unmet, 1 broke, 0:06 gone, about 0:04 left
        now: smoke.db.tables, 2.9 s
        stopping early: the outcome is settled
        ✗ broke smoke.web.tls  certificate \\u{1b}[2Jexpired on 2026-01-01"
    `);
  });
  test('under load: the time that is left by the plan', () => {
    const state = stateAfter([
      { type: 'suite-started', suite: 'load', checks: 1, atMs: 60_000 },
      { type: 'check-started', check: 'load.users', atMs: 60_000 },
      tick(30_000, 29_000),
    ]);
    expect(progressFrame(state, { colour: false, width: 80, ascii: true })).toMatchInlineSnapshot(`
      "load [....................] 0 of 1, none broke, 0:30 gone, 2:00 left
        now: load.users, 30 s
        0:30 of 2:30, 100 users, 8012 sent, 104 a second, 3 lost"
    `);
  });
  test.each([24, 40, 80, 200])('no line reaches the edge of %d columns', (width) => {
    const lines = progressFrame(stateAfter(events), { colour: false, width }).split('\n');
    expect(lines.filter((line) => stringWidth(line) >= width)).toEqual([]);
  });
  test('a frame takes the place of the one before', () => {
    expect(redrawn('', 'a\nb')).toBe('a\nb\n');
    expect(redrawn('a\nb', 'c')).toBe('\u001b[2A\u001b[0Jc\n');
    expect(redrawn('c', '')).toBe('\u001b[1A\u001b[0J');
  });
});
