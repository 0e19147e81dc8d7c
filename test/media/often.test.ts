import { expect, test } from 'vitest';
import { often } from '../../suites/meetings.ts';

/** How many rounds are gone when they take so long; null: one does not come off. */
async function rounds(tookMs: (number: number) => number | null, more: { lanes?: number; withinMs?: number } = {}) {
  let begun = 0;
  let atMs = 0;
  const context = { now: () => atMs, signal: new AbortController().signal };
  await often(context, { lanes: 2, count: 30, enough: 20, withinMs: 1_000, ...more }, async (number) => {
    begun += 1;
    atMs += 1;
    return tookMs(number);
  });
  return begun;
}

test('rounds that are alike end once there are enough of them', async () => {
  expect(await rounds((number) => 100 + number, { lanes: 1 })).toBe(20);
  expect(await rounds((number) => 100 + number)).toBeLessThanOrEqual(21);
});

test('beside a slow one, one may take longer', async () => {
  expect(await rounds((number) => (number === 4 ? 999 : 750), { lanes: 1 })).toBe(20);
});

test.each([
  ['one took long beside the others', (number: number) => (number === 4 ? 350 : 100)],
  ['the quickest took a second', () => 1_000],
  ['one did not come off', (number: number) => (number === 4 ? null : 100)],
])('all are gone where %s', async (_, tookMs) => {
  expect(await rounds(tookMs)).toBe(30);
});

test('five failures in a row end them, and so does the time', async () => {
  expect(await rounds(() => null, { lanes: 1 })).toBe(5);
  expect(await rounds(() => 100, { lanes: 1, withinMs: 10 })).toBe(10);
});
