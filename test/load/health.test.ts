import { expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import { watchHealth } from '../../runners/k6/health.ts';
import type { TickLine } from '../../runners/k6/lines.ts';
import { killSwitch, type StopReason } from '../../runners/k6/stop.ts';

const tick = (second: number, but: Partial<TickLine> = {}): TickLine => ({
  kind: 'tick',
  atMs: second * 1_000,
  wallMs: 1_700_000_000_000 + second * 1_000,
  good: second * 100,
  lost: 0,
  unsent: 0,
  started: 1,
  finished: 0,
  unfinished: 0,
  cut: 0,
  dropped: 0,
  iterations: 0,
  active: {},
  counters: {},
  beat: { maxMs: 1, sumMs: 0, beats: 100 },
  ...but,
});

function oursAfter(ticks: readonly TickLine[]): readonly string[] {
  const entries: Entry[] = [];
  const health = watchHealth({ check: 'load.users', pid: 0, emit: (entry) => entries.push(entry) });
  for (const one of ticks) health.tick(one);
  health.close(0);
  return entries.flatMap((entry) => (entry.kind === 'ours' ? [entry.what] : []));
}

const seconds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const held = (sumMs: number) => ({ beat: { maxMs: sumMs, sumMs, beats: 50 } });

test.each([
  { name: 'all is well', ticks: seconds(30).map((s) => tick(s)), ours: [] },
  {
    name: 'one hiccup of a second is not starvation',
    ticks: seconds(30).map((s) => tick(s, s === 5 ? held(1_000) : {})),
    ours: [],
  },
  {
    name: 'kept from running half of the time',
    ticks: seconds(10).map((s) => tick(s, held(500))),
    ours: ['generator-starved'],
  },
  {
    name: 'the wall clock steps',
    ticks: seconds(9).map((s) => tick(s, s >= 5 ? { wallMs: 1_700_000_003_000 + s * 1_000 } : {})),
    ours: ['clock-jump'],
  },
  {
    name: 'an address was refused',
    ticks: [tick(1, { refused: { '10.0.0.1:80': 3 } })],
    ours: ['egress-refused'],
  },
])('$name', ({ ticks, ours }) => {
  expect(oursAfter(ticks)).toEqual(ours);
});

const limit = { share: 0.5, overMs: 10_000, afterMs: 20_000, atLeast: 50 };

function stoppedAt(lostOf: (second: number) => number): {
  readonly second: number | null;
  readonly reasons: StopReason[];
} {
  const reasons: StopReason[] = [];
  const guard = killSwitch({ errorLimit: limit, stop: (why) => reasons.push(why) });
  let second: number | null = null;
  for (const s of seconds(60)) {
    guard.tick(tick(s, { good: s * 100 - lostOf(s), lost: lostOf(s) }));
    if (reasons.length > 0) second ??= s;
  }
  guard.close();
  return { second, reasons };
}

test('the deployment’s errors stop the load only when they are most of 10 s and 20 s have passed', () => {
  expect(stoppedAt(() => 0).second).toBeNull();
  expect(stoppedAt((s) => s * 40).second).toBeNull();
  expect(stoppedAt((s) => s * 100).second).toBe(21);
  expect(stoppedAt((s) => Math.max(0, s - 30) * 100).second).toBe(35);
});
