import { describe, expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import { exitCodeFor, judge, RecordError, worst } from '../../verdict/judge.ts';
import type { AssertionVerdict, Status } from '../../verdict/types.ts';
import { bad, end, good, plan, record, run, spoilt, timed, windows } from './records.ts';

const id = 'smoke.a';
const load = 'load.users';
const fast = (n: number): number[] => Array.from({ length: n }, (_, i) => 10 + ((i * 7919) % 1000) / 100);
const health = plan(id, ['latency'], { targets: { latency: 'T-health' } });
const api = plan(load, ['T-api'], { targets: { 'T-api': 'T-api' } });
const form = plan(id, ['form']);
const eight = [10, 11, 12, 13, 14, 15, 16, 17];

const first = (entries: readonly Entry[], profile?: string): AssertionVerdict =>
  judge(entries, profile ? { profile } : {}).checks[0]!.assertions[0]!;

describe('functional assertions', () => {
  test.each<{ name: string; entries: Entry[]; status: Status; why: RegExp }>([
    { name: 'one good look passes', entries: record(form, good(id, 'form')), status: 'pass', why: /all of 1 look/ },
    {
      name: 'one bad look among good ones fails, and says which, where and how many',
      entries: record(form, good(id, 'form'), good(id, 'form'), bad(id, 'form', 'body is empty', { cell: 'GET /x' })),
      status: 'fail',
      why: /1 of 3 .*body is empty, first at GET \/x/,
    },
    { name: 'no look at all is undecided', entries: record(form), status: 'undecided', why: /nothing was measured/ },
    {
      name: 'fewer good looks than promised are undecided',
      entries: record(plan(id, ['form'], { atLeast: { form: 3 } }), good(id, 'form'), good(id, 'form')),
      status: 'undecided',
      why: /1 more good one would decide/,
    },
    {
      name: 'a cell nobody looked at is undecided and named',
      entries: record(plan(id, ['form'], { cells: { form: ['a', 'b'] } }), good(id, 'form', { cell: 'a' })),
      status: 'undecided',
      why: /never looked at: b/,
    },
    {
      name: 'all cells good pass',
      entries: record(
        plan(id, ['form'], { cells: { form: ['a', 'b'] } }),
        good(id, 'form', { cell: 'a' }),
        good(id, 'form', { cell: 'b' }),
      ),
      status: 'pass',
      why: /all of 2 looks/,
    },
    {
      name: 'what nobody planned is judged, and says so',
      entries: record(bad(id, 'form', 'x')),
      status: 'fail',
      why: /nobody planned/,
    },
  ])('$name', ({ entries, status, why }) => {
    const row = first(entries);
    expect(row.status).toBe(status);
    expect(row.why).toMatch(why);
  });
});

describe('percentiles of paced serial probes', () => {
  test.each<{ name: string; took: readonly (number | 'lost')[]; status: Status; why: RegExp }>([
    {
      name: 'no sample more than 20 good ones is too few',
      took: fast(20),
      status: 'undecided',
      why: /more samples would decide/,
    },
    {
      name: '400 fast ones pass',
      took: fast(400),
      status: 'pass',
      why: /^at most .* took 50 ms or longer \(5 % allowed\)$/,
    },
    { name: 'all slow ones fail', took: Array(200).fill(60), status: 'fail', why: /^at least / },
    { name: 'exactly the limit is late', took: Array(200).fill(50), status: 'fail', why: /took 50 ms or longer/ },
    {
      name: 'every attempt lost is a refusal and needs no statistics',
      took: ['lost', 'lost', 'lost'],
      status: 'fail',
      why: /none of 3 attempts succeeded: timeout/,
    },
    {
      name: 'two lost attempts are too few to be a refusal',
      took: ['lost', 'lost'],
      status: 'undecided',
      why: /more sample/,
    },
    {
      name: 'lost ones are slower than everything',
      took: fast(400).map((ms, i) => (i % 4 === 0 ? 'lost' : ms)),
      status: 'fail',
      why: /100 of them never answered rightly/,
    },
  ])('$name', ({ took, status, why }) => {
    const row = first(record(health, timed(id, 'latency', took)));
    expect(row.status).toBe(status);
    expect(row.why).toMatch(why);
    expect(row.samples).toBe(took.length);
  });

  test('a quantile that falls among the lost is said to be at least what came', () => {
    const row = first(record(health, timed(id, 'latency', [...fast(90), ...Array<'lost'>(10).fill('lost')])));
    expect(row.distribution!.quantiles).toMatchObject({ p95: null, p99: null, max: null });
    expect(row.distribution!.quantiles.p50).toBeGreaterThan(10);
    expect(row.observed).toMatch(/^P95 at least .*10 .*never answered rightly$/);
  });

  test('the distribution holds every sample, in rising buckets that do not overlap', () => {
    const { distribution } = first(record(health, timed(id, 'latency', fast(400))));
    expect(distribution!.buckets.reduce((n, { count }) => n + count, 0)).toBe(400);
    expect(distribution!.buckets.length).toBeLessThanOrEqual(60);
    distribution!.buckets.reduce((a, b) => {
      expect(b.from).toBeGreaterThanOrEqual(a.to - 1e-9);
      return b;
    });
    expect(distribution!.limit).toBe(50);
    expect(distribution!.interval![0]).toBeLessThan(distribution!.interval![1]!);
  });

  test('waiting for a slow answer is the deployment’s time, not ours: one late after the other fails', () => {
    const queue = Array.from({ length: 200 }, (_, i) =>
      good(id, 'latency', { dueMs: i * 10, startMs: i * 40, tookMs: 40 }),
    );
    expect(first(record(health, queue)).status).toBe('fail');
  });

  test('late by our own doing, and fast from when we sent: invalid', () => {
    const late = Array.from({ length: 400 }, (_, i) =>
      good(id, 'latency', { dueMs: i * 200, startMs: i * 200 + 100, tookMs: 5 }),
    );
    expect(first(record(health, late))).toMatchObject({
      status: 'invalid',
      why: expect.stringMatching(/we were late/),
    });
  });

  test('a pass counted from due stays a pass however late we were', () => {
    const late = Array.from({ length: 400 }, (_, i) =>
      good(id, 'latency', { dueMs: i * 200, startMs: i * 200 + 20, tookMs: 5 + (i % 3) }),
    );
    expect(first(record(health, late)).status).toBe('pass');
  });

  test('a profile without the value shows it, with what was seen', () => {
    const row = first(record(health, timed(id, 'latency', Array(200).fill(60))), 'staging');
    expect(row).toMatchObject({ status: 'shown', expected: 'no value in the profile staging', observed: 'P95 60 ms' });
  });

  test('a deployment that never answers fails under a profile without the value too', () => {
    expect(first(record(health, timed(id, 'latency', ['lost', 'lost', 'lost'])), 'staging').status).toBe('fail');
  });
});

describe('windows under load', () => {
  const calm = (seconds: number) => windows(load, 'T-api', seconds, () => ({ ms: eight }));

  test.each([
    { seconds: 59, each: 100, status: 'undecided', name: '5 900 good samples in 59 s' },
    { seconds: 60, each: 17, status: 'pass', name: '1 020 good samples in 60 s' },
    { seconds: 62, each: 16, status: 'undecided', name: '992 good samples in 62 s' },
    { seconds: 150, each: 8, status: 'pass', name: '1 200 good samples in 150 s' },
  ])('$name: $status', ({ seconds, each, status }) => {
    const ms = Array.from({ length: each }, (_, i) => 10 + i / 10);
    expect(
      first(
        record(
          api,
          windows(load, 'T-api', seconds, () => ({ ms })),
        ),
      ).status,
    ).toBe(status);
  });

  test('half of it late fails early, before 60 s, but not before 200 samples', () => {
    const half = (seconds: number) =>
      windows(load, 'T-api', seconds, () => ({ ms: [...Array(50).fill(10), ...Array(50).fill(900)] }));
    expect(first(record(api, half(1))).status).toBe('undecided');
    expect(first(record(api, half(20))).status).toBe('fail');
  });

  test('users waiting for the deployment are lost, so it fails', () => {
    const waiting = windows(load, 'T-api', 70, () => ({ ms: eight, lost: { waiting: 12 } }));
    expect(first(record(api, waiting))).toMatchObject({
      status: 'fail',
      why: expect.stringMatching(/never answered rightly/),
    });
  });

  test('a load of which every window lost everything fails at once', () => {
    expect(
      first(
        record(
          api,
          windows(load, 'T-api', 3, () => ({ lost: { refused: 8 } })),
        ),
      ).status,
    ).toBe('fail');
  });

  test('a bucket that straddles the limit counts against a pass and against a fail', () => {
    const at = (ms: number) =>
      first(
        record(
          api,
          windows(load, 'T-api', 100, () => ({ ms: Array(20).fill(ms) })),
        ),
      ).status;
    expect(at(199.9)).toBe('pass');
    expect(at(200)).toBe('undecided');
    expect(at(200.1)).toBe('fail');
  });

  test('bursts are worth few independent samples', () => {
    const bursty = windows(load, 'T-api', 160, (i) => ({ ms: i % 40 === 39 ? Array(8).fill(900) : eight }));
    const row = first(record(api, bursty));
    expect(row.status).toBe('undecided');
    expect(row.why).toMatch(/worth \d+ independent ones/);
  });

  // Ten neighbours share a step, as tones share one of a listener's buffer.
  const steps = (lowMs: number, highMs: number) =>
    Array.from({ length: 310 }, (_, i) => (Math.floor(i / 10) % 4 < 3 ? lowMs : highMs) + (i % 10) / 10);

  test.each([0, 15, 50, 100])(
    'a way that takes every answer %d ms longer, far from the target, changes nothing',
    (ms) => {
      const sound = plan('e2e.meeting.media', ['audio'], { targets: { audio: 'T-lk-audio' } });
      expect(first(record(sound, timed('e2e.meeting.media', 'audio', steps(55 + ms, 85 + ms)))).status).toBe('pass');
    },
  );

  test('steps that come near the target are worth few', () => {
    const sound = plan('e2e.meeting.media', ['audio'], { targets: { audio: 'T-lk-audio' } });
    const row = first(record(sound, timed('e2e.meeting.media', 'audio', steps(100, 290))));
    expect(row).toMatchObject({ status: 'undecided', why: expect.stringMatching(/worth \d+ independent ones/) });
  });

  test.each([
    {
      name: 'exactly 1 % not sent, evenly, is ours to bear',
      unsent: (i: number) => (i % 10 === 0 ? 1 : 0),
      status: 'pass',
    },
    { name: 'over 1 % not sent is invalid', unsent: (i: number) => (i % 5 === 0 ? 1 : 0), status: 'invalid' },
    {
      name: 'over 5 % not sent in ten seconds is invalid',
      unsent: (i: number) => (i === 70 ? 6 : 0),
      status: 'invalid',
    },
    { name: '5 % not sent in ten seconds is not', unsent: (i: number) => (i === 70 ? 5 : 0), status: 'pass' },
  ])('$name', ({ unsent, status }) => {
    const sent = (i: number) => Array.from({ length: 10 - unsent(i) }, (_, j) => 10 + j);
    expect(
      first(
        record(
          api,
          windows(load, 'T-api', 150, (i) => ({ ms: sent(i), unsent: unsent(i) })),
        ),
      ).status,
    ).toBe(status);
  });

  test('late from due and fast from sent is invalid; late from both fails', () => {
    const slow = Array(20).fill(400);
    const ours = windows(load, 'T-api', 80, () => ({
      ms: slow,
      sentHistogram: windows(load, 'x', 1, () => ({ ms: [...eight, ...eight, 10, 10, 10, 10] }))[0]!.histogram!,
    }));
    expect(first(record(api, ours)).status).toBe('invalid');
    const theirs = windows(load, 'T-api', 80, () => ({
      ms: slow,
      sentHistogram: windows(load, 'x', 1, () => ({ ms: Array(20).fill(390) }))[0]!.histogram!,
    }));
    expect(first(record(api, theirs)).status).toBe('fail');
  });

  test.each([
    { bad: 0, seconds: 80, status: 'undecided' },
    { bad: 0, seconds: 81, status: 'pass' },
    { bad: 30, seconds: 150, status: 'fail' },
  ])('$bad errors in every window of 100, $seconds s: $status', ({ bad: lost, seconds, status }) => {
    const errors = plan(load, ['T-errors'], { targets: { 'T-errors': 'T-errors' } });
    expect(
      first(
        record(
          errors,
          windows(load, 'T-errors', seconds, () => ({ good: 100 - lost, lost: { '5xx': lost } })),
        ),
      ).status,
    ).toBe(status);
  });

  test('evidence about us in its time makes it invalid, elsewhere it does not', () => {
    expect(first(record(api, calm(150), spoilt({ fromMs: 5000, toMs: 6000 }))).status).toBe('invalid');
    expect(first(record(api, calm(150), spoilt({ fromMs: 200_000, toMs: 201_000 }))).status).toBe('pass');
    expect(first(record(api, calm(150), spoilt({ spoils: false }))).status).toBe('pass');
  });
});

describe('medians, censuses and exact values', () => {
  const row = (target: string) => plan(id, ['x'], { targets: { x: target } });
  const values = (unit: string, ...all: number[]) => all.map((value) => good(id, 'x', { value, unit }));
  const tooks = (n: number, tookMs: number) => Array.from({ length: n }, () => good(id, 'x', { tookMs }));

  test.each<{ name: string; entries: Entry[]; status: Status }>([
    { name: 'ten of ten page loads under the value pass', entries: [row('T-fcp'), ...tooks(10, 900)], status: 'pass' },
    { name: 'nine of nine do not', entries: [row('T-fcp'), ...tooks(9, 900)], status: 'undecided' },
    { name: 'ten of ten at the value fail', entries: [row('T-fcp'), ...tooks(10, 1000)], status: 'fail' },
    { name: 'a score has to be above', entries: [row('T-lh'), ...values('1', ...Array(10).fill(91))], status: 'pass' },
    {
      name: 'a score at the value is not above',
      entries: [row('T-lh'), ...values('1', ...Array(10).fill(90))],
      status: 'fail',
    },
    { name: 'twenty cuts under the value pass', entries: [row('T-ws-reconnect'), ...tooks(20, 2999)], status: 'pass' },
    { name: 'nineteen are too few', entries: [row('T-ws-reconnect'), ...tooks(19, 2999)], status: 'undecided' },
    {
      name: 'one slow cut fails',
      entries: [row('T-ws-reconnect'), ...tooks(20, 1), ...tooks(1, 3000)],
      status: 'fail',
    },
    {
      name: 'one lost message fails',
      entries: [row('T-ws-reconnect'), ...tooks(20, 1), bad(id, 'x', 'lost')],
      status: 'fail',
    },
    { name: 'no critical vulnerability passes', entries: [row('T-vulns'), ...values('1', 0)], status: 'pass' },
    { name: 'one critical vulnerability fails', entries: [row('T-vulns'), ...values('1', 1)], status: 'fail' },
    { name: 'a hundred users on average pass', entries: [row('T-users'), ...values('1', 100)], status: 'pass' },
    { name: 'ninety-nine do not', entries: [row('T-users'), ...values('1', 99.9)], status: 'fail' },
    {
      name: 'a value in a foreign unit is no evidence',
      entries: [row('T-users'), ...values('ms', 100)],
      status: 'undecided',
    },
    { name: 'an unknown target is undecided', entries: [row('T-unheard'), ...values('1', 1)], status: 'undecided' },
  ])('$name', ({ entries, status }) => {
    expect(first(record(entries)).status).toBe(status);
  });

  test('a rate a second is held against a target a minute', () => {
    const entries = (value: number) => record(row('T-rate'), good(id, 'x', { value, unit: '1/s' }));
    expect(first(entries(1000), 'production').status).toBe('pass');
    expect(first(entries(999), 'production').status).toBe('fail');
    expect(first(entries(17), 'preparation').status).toBe('pass');
  });

  test('each page has a median of its own, and the worst one counts', () => {
    const pages = ['/', '/slow'].flatMap((cell) =>
      Array.from({ length: 10 }, () => good(id, 'x', { cell, tookMs: cell === '/' ? 500 : 1500 })),
    );
    expect(first(record(row('T-fcp'), pages))).toMatchObject({ status: 'fail', observed: 'median 1500 ms at /slow' });
  });

  test('tenant isolation is a census: all planned cells, and one leak fails on any profile', () => {
    const cells = plan(id, ['x'], { targets: { x: 'T-isolation' }, cells: { x: ['a', 'b'] } });
    const both = [good(id, 'x', { cell: 'a' }), good(id, 'x', { cell: 'b' })];
    expect(first(record(cells, both), 'preparation').status).toBe('pass');
    expect(first(record(cells, both.slice(0, 1)), 'preparation').status).toBe('undecided');
    expect(first(record(cells, both, bad(id, 'x', 'saw a foreign row', { cell: 'b' })), 'readiness').status).toBe(
      'fail',
    );
    expect(first(record(cells, both), 'readiness').status).toBe('shown');
  });
});

describe('what surrounds the rows', () => {
  const unmet: Entry = { kind: 'unmet', check: id, needs: 'database.appUrl' };
  const waiver = (until: string): Entry => ({ kind: 'waiver', check: id, reason: 'known', owner: 'ops', until });
  const finding = (severity: 'high' | 'medium' | 'low'): Entry => ({
    kind: 'finding',
    check: id,
    severity,
    where: 'GET /',
    what: 'a hole',
  });
  const status = (entries: readonly Entry[], profile?: string) =>
    judge(entries, profile ? { profile } : {}).checks[0]!.status;

  test.each<{ name: string; entries: Entry[]; status: Status; profile?: string }>([
    { name: 'no access: not verified', entries: record(form, unmet), status: 'not-verified' },
    { name: 'no access and no plan: not verified', entries: record(unmet), status: 'not-verified' },
    { name: 'no access, and already broken: fail', entries: record(form, bad(id, 'form', 'x'), unmet), status: 'fail' },
    {
      name: 'no access to one assertion only',
      entries: record(plan(id, ['form', 'b']), good(id, 'form'), {
        kind: 'unmet',
        check: id,
        assertion: 'b',
        needs: 'redis.url',
      }),
      status: 'not-verified',
    },
    {
      name: 'a part that is not there',
      entries: record({ kind: 'excluded', check: id, why: 'parts.widget: false' }),
      status: 'excluded',
    },
    { name: 'waived', entries: record(form, bad(id, 'form', 'x'), waiver('2026-03-01')), status: 'waived' },
    { name: 'waived, listed and never planned', entries: record(waiver('2026-03-01')), status: 'waived' },
    {
      name: 'a waived check that passes is a pass',
      entries: record(form, good(id, 'form'), waiver('2026-03-01')),
      status: 'pass',
    },
    {
      name: 'a waiver is valid through the end of its day',
      entries: record(form, bad(id, 'form', 'x'), waiver('2026-01-02')),
      status: 'waived',
    },
    {
      name: 'a waiver of yesterday counts for nothing',
      entries: record(form, bad(id, 'form', 'x'), waiver('2026-01-01')),
      status: 'fail',
    },
    {
      name: 'a waiver up to this very moment counts for nothing',
      entries: record(form, bad(id, 'form', 'x'), waiver(run.startedAt)),
      status: 'fail',
    },
    {
      name: 'a waiver with no readable end counts for nothing',
      entries: record(form, bad(id, 'form', 'x'), waiver('one day')),
      status: 'fail',
    },
    {
      name: 'our own fault comes before a failure',
      entries: record(form, bad(id, 'form', 'x'), spoilt({ check: id, fromMs: 0, toMs: 0 })),
      status: 'invalid',
    },
    {
      name: 'another check’s misfortune is not ours',
      entries: record(form, bad(id, 'form', 'x'), spoilt({ check: 'smoke.b' })),
      status: 'fail',
    },
    {
      name: 'our fault in the time it was measured',
      entries: record(form, good(id, 'form'), spoilt({ fromMs: 50, toMs: 150 })),
      status: 'invalid',
    },
    {
      name: 'our fault at another time',
      entries: record(form, good(id, 'form'), spoilt({ fromMs: 150, toMs: 250 })),
      status: 'pass',
    },
    {
      name: 'a crashed check that measured nothing is invalid',
      entries: record(form, spoilt({ what: 'check-crashed', check: id })),
      status: 'invalid',
    },
    { name: 'a high finding fails', entries: record(form, good(id, 'form'), finding('high')), status: 'fail' },
    { name: 'a medium finding is shown', entries: record(form, good(id, 'form'), finding('medium')), status: 'pass' },
    {
      name: 'a medium finding fails in production',
      entries: record(form, good(id, 'form'), finding('medium')),
      status: 'fail',
      profile: 'production',
    },
    {
      name: 'a low finding is shown anywhere',
      entries: record(form, good(id, 'form'), finding('low')),
      status: 'pass',
      profile: 'strictest',
    },
    {
      name: 'a skipped suite is undecided',
      entries: record(form, { kind: 'skipped', suite: 'smoke', why: 'the outcome was settled' }),
      status: 'undecided',
    },
  ])('$name: $status', ({ entries, status: wanted, profile }) => {
    expect(status(entries, profile)).toBe(wanted);
  });

  test('a waiver says what it hides', () => {
    const [check] = judge(record(form, bad(id, 'form', 'x'), waiver('2026-03-01'))).checks;
    expect(check).toMatchObject({ without: 'fail', waiver: { reason: 'known', owner: 'ops', expired: false } });
  });

  test('the generator starved on one stream spoils the others of the same load', () => {
    const both = plan(load, ['T-api', 'T-search'], { targets: { 'T-api': 'T-api', 'T-search': 'T-search' } });
    const starving = windows(load, 'T-search', 150, () => ({ ms: eight, unsent: 2 }));
    const slow = windows(load, 'T-api', 150, () => ({ ms: Array(8).fill(900) }));
    expect(judge(record(both, starving, slow)).checks[0]!.assertions.map((row) => row.status)).toEqual([
      'invalid',
      'invalid',
    ]);
  });
});

describe('the report', () => {
  const passes = [plan('smoke.p', ['form']), good('smoke.p', 'form')];

  test('a whole run that holds: exit 0, and the headline counts', () => {
    const report = judge([
      { ...run, notBuilt: ['e2e', 'security'] },
      ...passes,
      { kind: 'waiver', check: 'smoke.w', reason: 'later', owner: 'ops', until: '2026-03-01' },
      end,
    ]);
    expect(report).toMatchObject({ verdict: 'pass', exitCode: 0, complete: true, counts: { pass: 1, waived: 1 } });
    expect(report.headline).toMatch(/^pass: 1 of 2 checks hold, 1 waived; e2e and security .*not built/);
  });

  test('a partial run says so first', () => {
    const report = judge([{ ...run, partial: true, of: 161 }, ...passes, end]);
    expect(report.headline).toBe('partial: pass, 1 of 161 checks, 1 hold');
  });

  test('a run without an end is undecided at best, and a failure in it stays one', () => {
    expect(judge([run, ...passes])).toMatchObject({
      verdict: 'undecided',
      exitCode: 2,
      headline: expect.stringMatching(/the run did not end/),
    });
    expect(judge([run, ...passes])!.checks[0]!.status).toBe('pass');
    expect(judge([run, ...passes, form, bad(id, 'form', 'x')]).exitCode).toBe(1);
  });

  test.each<{ name: string; entries: Entry[]; exitCode: number }>([
    { name: 'nothing judged', entries: record(), exitCode: 2 },
    {
      name: 'everything waived',
      entries: record({ kind: 'waiver', check: id, reason: 'r', owner: 'o', until: '2026-03-01' }),
      exitCode: 2,
    },
    {
      name: 'a suite skipped that left no plan',
      entries: record(passes, { kind: 'skipped', suite: 'load', why: 'why' }),
      exitCode: 2,
    },
    {
      name: 'a disk that filled',
      entries: record(passes, spoilt({ what: 'disk-full', fromMs: 9e5, toMs: 9e5 })),
      exitCode: 3,
    },
    {
      name: 'a failure outweighs our own fault',
      entries: record(passes, form, bad(id, 'form', 'x'), spoilt({ check: 'smoke.p' })),
      exitCode: 1,
    },
  ])('$name: exit $exitCode', ({ entries, exitCode }) => {
    expect(judge(entries).exitCode).toBe(exitCode);
  });

  test('the same record judged twice, as a list and as a stream, gives the same bytes; another profile judges it anew', () => {
    const entries = record(
      health,
      timed(id, 'latency', fast(300)),
      api,
      windows(load, 'T-api', 90, () => ({ ms: [...eight, ...eight] })),
    );
    function* stream() {
      yield* entries;
    }
    expect(JSON.stringify(judge(stream()))).toBe(JSON.stringify(judge(entries)));
    expect(judge(entries, { profile: 'staging' }).profile).toBe('staging');
    expect(judge(entries, { profile: 'staging' }).checks[0]!.status).toBe('shown');
  });

  test('a record without its run line, or under an unknown profile, is an error that says so', () => {
    expect(() => judge([])).toThrow(RecordError);
    expect(() => judge(passes)).toThrow(/does not begin with its run line/);
    expect(() => judge(record(), { profile: 'lenient' })).toThrow(/readiness, preparation/);
  });

  test('statuses weigh as the one list says', () => {
    expect(worst(['pass', 'undecided', 'invalid'])).toBe('invalid');
    expect(worst(['shown', 'pass', 'waived'])).toBe('pass');
    expect(
      (['fail', 'invalid', 'undecided', 'not-verified', 'pass', 'waived', 'excluded', 'shown'] as const).map(
        exitCodeFor,
      ),
    ).toEqual([1, 3, 2, 2, 0, 0, 0, 0]);
  });
});
