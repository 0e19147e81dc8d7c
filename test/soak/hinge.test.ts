import { expect, test } from 'vitest';
import { bendOf } from '../../verdict/soak/hinge.ts';

/** A level of 100 that wanders a little, and rises by five an hour from `begins` on. */
const rising = (begins: number, hours = 24): [number, number][] =>
  Array.from({ length: 10 * hours }, (_, i) => {
    const t = i / 10;
    return [t, 100 + 2 * Math.sin(i * 2.4) + 5 * Math.max(0, t - begins)];
  });

test.each([0, 4, 11.5, 20])('a rise from hour %s is told to begin there', (begins) => {
  expect(Math.abs(bendOf(rising(begins))! - begins)).toBeLessThan(0.5);
});

test('what does not rise bends nowhere, and neither does what is too short', () => {
  expect(bendOf(rising(0).map(([t, y]) => [t, -y]))).toBeNull();
  expect(bendOf(rising(0).slice(0, 4))).toBeNull();
});
