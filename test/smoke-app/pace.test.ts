import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { paced } from '../../probes/pace.ts';
import { worth } from '../../probes/worth.ts';

const steady = { signal: new AbortController().signal, now: () => performance.now() };

test('a stall makes the probes after it late, counted from when they were due, and none fewer', async () => {
  const late: number[] = [];
  await paced({ ...steady, count: 20, everyMs: 10, withinMs: 5000 }, async (dueMs) => {
    late.push(performance.now() - dueMs);
    if (late.length === 5) await sleep(150);
    return 'on';
  });
  expect(late.length).toBe(20);
  expect(Math.max(...late)).toBeGreaterThan(100);
  // Probe 6 was due 10 ms after the one that stalled, and could go only after it.
  expect(late[5]!).toBeGreaterThan(120);
});

test('what was due and could not be sent any more is told', async () => {
  let sent = 0;
  const overdue = await paced({ ...steady, count: 1000, everyMs: 10, withinMs: 100 }, async () => {
    sent++;
    await sleep(60);
    return 'on';
  });
  expect(sent).toBeLessThan(4);
  expect(overdue.length).toBeGreaterThan(5);
});

test('independent timings are worth about their number, and copies of neighbours a share of it', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const independent = Array.from({ length: 1000 }, random);
  const repeated = independent.slice(0, 100).flatMap((value) => Array.from({ length: 10 }, () => value));
  expect(worth(independent)).toBeGreaterThan(600);
  expect(worth(repeated)).toBeLessThan(170);
  expect(worth([1, 2, 3])).toBe(3);
});
