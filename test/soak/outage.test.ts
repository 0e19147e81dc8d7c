import { expect, test } from 'vitest';
import { judgeAvailability, type Slot } from '../../verdict/soak/outage.ts';

const plan = { least: 0.999, plannedSlots: 34_560 };

function slots(count: number, lost: readonly (readonly [from: number, to: number])[] = []): Slot[] {
  return Array.from({ length: count }, (_, i) => {
    const down = lost.some(([from, to]) => i >= from && i < to);
    return down ? { dueMs: i * 5000, ok: false, because: 'refused' } : { dueMs: i * 5000, ok: true };
  });
}

test.each([
  { name: 'every slot of 48 h answered', seen: slots(34_560), status: 'pass' },
  { name: 'exactly what may be lost', seen: slots(34_560, [[100, 134]]), status: 'pass' },
  { name: 'one more than may be lost', seen: slots(34_560, [[100, 135]]), status: 'fail' },
  { name: 'five minutes away in the first hour', seen: slots(720, [[300, 360]]), status: 'fail' },
  { name: 'a clean hour of 48', seen: slots(720), status: 'undecided' },
  { name: 'no slot at all', seen: [], status: 'undecided' },
])('$name: $status', ({ seen, status }) => {
  expect(judgeAvailability(seen, plan).status).toBe(status);
});

test('an outage has a start, an end and a cause; one lost slot is none', () => {
  const { outages, blips } = judgeAvailability(
    slots(1000, [
      [10, 11],
      [300, 360],
      [990, 1000],
    ]),
    plan,
  );
  expect(outages).toEqual([
    { fromMs: 1_500_000, toMs: 1_800_000, slots: 60, because: 'refused' },
    { fromMs: 4_950_000, toMs: null, slots: 10, because: 'refused' },
  ]);
  expect(blips).toBe(1);
});

test('slots in a gap of ours count neither way', () => {
  const seen = slots(34_560).filter((_, i) => i < 1000 || i > 1200);
  expect(judgeAvailability(seen, { ...plan, plannedSlots: 34_560 - 201 }).status).toBe('pass');
});
