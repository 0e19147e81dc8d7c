import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { paced } from '../../probes/pace.ts';
import { worth } from '../../probes/worth.ts';

const steady = { signal: new AbortController().signal, now: () => performance.now() };

test('a stall makes the probes in it late, each counted from when it was due, and none fewer', async () => {
  const took: number[] = [];
  const startedMs = performance.now();
  const stallMs = { from: 50, to: 250 };
  await paced({ ...steady, count: 40, everyMs: 10, withinMs: 5000 }, async (dueMs) => {
    const atMs = performance.now() - startedMs;
    if (atMs > stallMs.from && atMs < stallMs.to) await sleep(stallMs.to - atMs);
    took.push(performance.now() - dueMs);
    return 'on';
  });
  expect(took.length).toBe(40);
  // Twenty are due in those 200 ms; half of them wait 100 ms or longer.
  expect(took.filter((ms) => ms >= 95).length).toBeGreaterThanOrEqual(8);
});

test('an answer that takes longer than the pace holds up none of the probes after it', async () => {
  const started: number[] = [];
  await paced({ ...steady, count: 10, everyMs: 20, withinMs: 5000 }, async (dueMs) => {
    started.push(performance.now() - dueMs);
    await sleep(200);
    return 'on';
  });
  expect(started.length).toBe(10);
  expect(started.toSorted((a, b) => a - b)[5]!).toBeLessThan(50);
});

test('what was due and could not be sent because nothing is answered any more is told, and nothing is due too late', async () => {
  let sent = 0;
  const overdue = await paced({ ...steady, count: 1000, everyMs: 2, withinMs: 400 }, async () => {
    sent++;
    await sleep(600);
    return 'on';
  });
  expect(sent).toBe(64);
  expect(sent + overdue.length).toBe(201);
});

test('it stops when a probe says so, and waits for those that are under way', async () => {
  const answered: number[] = [];
  await paced({ ...steady, count: 50, everyMs: 10, withinMs: 5000 }, async (dueMs) => {
    await sleep(45);
    answered.push(dueMs);
    return answered.length === 3 ? 'stop' : 'on';
  });
  expect(answered.length).toBeGreaterThanOrEqual(3);
  expect(answered.length).toBeLessThan(30);
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
