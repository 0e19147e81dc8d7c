import { describe, expect, test } from 'vitest';
import type { Entry, WindowEntry } from '../../record/entries.ts';
import type { SoakContext } from '../../runners/soak/types.ts';
import { openStreams } from '../../suites/soak/streams.ts';
import { watching } from '../watch/watching.ts';
import { hour, judged, planned, rowOf, slots, soakRun } from './records.ts';

/** Windows of ten minutes with a thousand answers, or messages, each. */
function counted(assertion: string, hours: number, lost: (tHours: number) => Record<string, number> = () => ({})) {
  return Array.from({ length: hours * 6 }, (_, w): Entry => {
    const causes = lost(w / 6);
    const gone = Object.values(causes).reduce((sum, count) => sum + count, 0);
    const stretch = { fromMs: (w / 6) * hour, toMs: ((w + 1) / 6) * hour };
    return { kind: 'window', check: 'soak.critical', assertion, ...stretch, good: 1000 - gone, lost: causes };
  });
}

const only = (atHours: number, lost: Record<string, number>) => (tHours: number) => (tHours === atHours ? lost : {});

const row = (name: string, entries: readonly Entry[], profile = 'readiness', hours = 12) =>
  rowOf(judged(soakRun(hours), [planned('soak.critical'), ...entries], profile), 'soak.critical', name);

describe('what never came', () => {
  test.each([
    { kind: 'messages', cause: 'did not arrive within 5 s' },
    { kind: 'answers', cause: 'closed the connection without an answer' },
    { kind: 'answers', cause: 'timeout' },
    { kind: 'answers', cause: 'answered 401' },
  ])('3 % of all $kind, every hour ($cause): fail', ({ kind, cause }) => {
    expect(
      row(
        `lost ${kind}`,
        counted(kind, 12, () => ({ [cause]: 30 })),
      ),
    ).toMatchObject({
      status: 'fail',
      why: `2160 of 72 000 ${kind} were lost or wrong, the first at hour 0.0: ${cause} (2160)`,
    });
  });

  test.each(['messages', 'answers'])('none of the %s: pass', (kind) => {
    expect(row(`lost ${kind}`, counted(kind, 12))).toMatchObject({ status: 'pass', observed: '0 %' });
  });

  test('some, far fewer than may be: pass', () => {
    expect(
      row(
        'lost answers',
        counted('answers', 12, () => ({ timeout: 0.2 })),
      ).status,
    ).toBe('pass');
  });

  test('a few, and not many were sent: undecided, and says what would decide', () => {
    expect(row('lost messages', counted('messages', 1, only(0.5, { timeout: 3 })))).toMatchObject({
      status: 'undecided',
      why: expect.stringMatching(/^3 of 6000 messages were lost or wrong.*messages? more would decide$/),
    });
  });

  describe('in an hour, with fewer messages than prove a thousandth by themselves', () => {
    const messages = (lost: number, good = 300): Entry[] =>
      counted('messages', 1, only(2 / 6, { timeout: lost })).map((entry) =>
        entry.kind === 'window' ? { ...entry, good: good - (entry.lost?.timeout ?? 0) } : entry,
      );
    const hourOf = (sent: readonly Entry[], answers = counted('answers', 2)) =>
      row('lost messages', [...sent, ...inHour(answers)], 'readiness', 1);
    /** Two hours of windows in the time of one. */
    const inHour = (entries: readonly Entry[]) =>
      entries.map((entry) =>
        entry.kind === 'window' ? { ...entry, fromMs: entry.fromMs / 2, toMs: entry.toMs / 2 } : entry,
      );

    test('none lost, and none of the answers either: pass', () => {
      expect(hourOf(messages(0))).toMatchObject({
        status: 'pass',
        samples: 13_800,
        why: 'none of 1800 messages was lost or wrong; too few to tell by themselves, and of all that was asked for or sent, 13 800 answers and messages, no more than may be was lost',
      });
    });

    test('two lost, which is oftener than may be: undecided', () => {
      expect(hourOf(messages(2)).status).toBe('undecided');
    });

    test('3 % lost: fail, however many answers came', () => {
      const lost = counted('messages', 1, () => ({ timeout: 9 })).map((entry) => ({ ...entry, good: 291 }));
      expect(hourOf(lost as Entry[]).status).toBe('fail');
    });

    test('hardly any sent: undecided', () => {
      expect(hourOf(messages(0, 60)).status).toBe('undecided');
    });

    test('of answers some are lost oftener than may be: they do not speak for the messages', () => {
      expect(
        hourOf(
          messages(0),
          counted('answers', 2, () => ({ timeout: 2 })),
        ).status,
      ).toBe('undecided');
    });
  });

  test('many of the first are few of all: a cold start proves nothing about two days', () => {
    const going = (hours: number) => counted('answers', hours, () => ({ timeout: 30 }));
    expect(row('lost answers', going(1), 'readiness', 48)).toMatchObject({
      status: 'undecided',
      why: expect.stringContaining('a longer soak would decide'),
    });
    expect(row('lost answers', going(2), 'readiness', 48).status).toBe('fail');
  });

  test('what was proven after a loss stays proven, however few right answers follow', () => {
    const windows = (good: readonly number[]) =>
      good.map((count, i): Entry => {
        const stretch = { fromMs: (i * hour) / 60, toMs: ((i + 1) * hour) / 60 };
        const lost: Record<string, number> = i < 4 ? { timeout: 1 } : {};
        return { kind: 'window', check: 'soak.critical', assertion: 'answers', ...stretch, good: count, lost };
      });
    expect(row('lost answers', windows([5, 5, 5, 5]), 'readiness', 0.1).status).toBe('fail');
    expect(row('lost answers', windows([5, 5, 5, 5, 100, 100]), 'readiness', 0.1).status).toBe('fail');
    expect(row('lost answers', windows([100, 100, 5, 5, 5, 5]), 'readiness', 0.1).status).not.toBe('pass');
  });

  test('all that were lost in one moment say less than as many apart', () => {
    const atOnce = counted('messages', 12, only(5, { timeout: 120 }));
    expect(row('lost messages', atOnce).status).toBe('undecided');
    expect(
      row(
        'lost messages',
        counted('messages', 12, () => ({ timeout: 120 / 72 + 1 })),
      ).status,
    ).toBe('fail');
  });

  test('while the deployment was away it is told with the outage', () => {
    const lost = counted('messages', 12, only(3, { 'not connected': 400 }));
    const away = slots(12, (t) => (t >= 3 && t < 3.1 ? 'refused' : null));
    expect(row('lost messages', [...lost, ...away])).toMatchObject({
      status: 'pass',
      why: expect.stringContaining('none of 71 000 messages was lost or wrong; 400 further ones while'),
    });
    expect(row('lost messages', [...lost, ...slots(12)]).status).not.toBe('pass');
  });

  test('in scaled time, too few are shown', () => {
    const window: Entry = {
      kind: 'window',
      check: 'soak.critical',
      assertion: 'answers',
      fromMs: 0,
      toMs: 1_000,
      good: 50,
    };
    const report = judged(soakRun(0.01, { timeScale: 480 }), [planned('soak.critical'), window]);
    expect(rowOf(report, 'soak.critical', 'lost answers').status).toBe('shown');
  });

  test('without a value in the profile it is shown', () => {
    expect(row('lost answers', counted('answers', 12), 'preparation').status).toBe('shown');
  });

  test.each(['trpc-internal_server_error', 'not-trpc-200', 'http-503'])('%s is critical by itself', (cause) => {
    expect(row('answers', counted('answers', 12, only(2, { [cause]: 1 })))).toMatchObject({
      status: 'fail',
      why: `the platform gave 1 critical answer, the first at hour 2.0: ${cause}`,
    });
  });
});

describe("a socket of k6's that the deployment closed", () => {
  function told(socketLimitMs: number, lost: Record<string, number>): readonly Entry[] {
    const around = watching('api: { url: "http://localhost:1" }');
    const soak = {
      ...around,
      checks: new Set(['soak.critical']),
      timeScale: 1,
      socketLimitMs,
      every: () => undefined,
      cleanup: () => () => undefined,
      disturbed: () => false,
    } as unknown as SoakContext;
    const window: WindowEntry = {
      kind: 'window',
      check: 'soak.latency',
      assertion: 'T-errors',
      fromMs: 8_000,
      toMs: 9_000,
    };
    openStreams(soak).take({ ...window, good: 5, lost });
    return around.emitted;
  }

  test('is an unexpected close; one that was never let in is an answer that is missing', () => {
    expect(told(hour, { 'close-1006': 2, timeout: 1, 'not-let-in-close-1006': 3 })).toEqual([
      {
        kind: 'event',
        what: 'disconnect',
        service: 'realtime',
        atMs: 8_000,
        detail: 'close 1006 during a visit',
        count: 2,
      },
    ]);
  });

  test('may be an expected one where sockets are meant to end within a visit', () => {
    expect(told(60_000, { 'close-1006': 2 })).toEqual([]);
  });
});
