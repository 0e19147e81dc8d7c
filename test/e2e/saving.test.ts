import { describe, expect, test } from 'vitest';
import { type Priced, savingOf } from '../../suites/e2e/saving.ts';

const answer = (model: string, input: number, output: number, inputUsd: number, ratio: number): Priced => ({
  model,
  input,
  output,
  costUsd: (input * inputUsd + output * inputUsd * ratio) / 1e6,
});
const cheap = (input: number, output: number) => answer('cheap', input, output, 0.075, 4);
const dear = (input: number, output: number, ratio = 5) => answer('dear', input, output, 3, ratio);

describe('what routing saves', () => {
  test('does not depend on which answers are wordy', () => {
    // Long answers to short questions cost more a token than the dear model's short answers to long ones.
    const wordy = [...Array.from({ length: 8 }, (_, i) => cheap(20 + i, 900)), dear(3_000, 100), dear(2_500, 400)];
    expect(savingOf(wordy)).toBeGreaterThan(0.77);
    const terse = [...Array.from({ length: 8 }, (_, i) => cheap(3_000 + i, 50)), dear(300, 900), dear(250, 1_200)];
    expect(savingOf(terse)).toBeGreaterThan(0.77);
    expect(savingOf(terse)).toBeLessThan(0.8);
  });

  test.each([1, 3, 5, 8])(
    'is nothing where one model answers everything, at %d times the price for output',
    (ratio) => {
      const all = [dear(20, 30, ratio), dear(30, 500, ratio), dear(900, 700, ratio), dear(1_200, 100, ratio)];
      expect(savingOf(all)).toBeCloseTo(0, 6);
    },
  );

  test('is not enough where half of the simple questions go to the dear model', () => {
    const half = [cheap(20, 60), cheap(30, 80), cheap(25, 90), cheap(20, 50), dear(20, 60), dear(30, 90), dear(25, 80)];
    expect(savingOf([...half, dear(40, 50), dear(700, 900), dear(600, 800)])).toBeLessThan(0.75);
  });

  test('is the most that the prices allow for where the answers do not tell them', () => {
    const alike = [...Array.from({ length: 8 }, () => cheap(20, 60)), dear(700, 700), dear(600, 600)];
    expect(savingOf(alike)).toBeGreaterThan(0.75);
  });

  test('is unknown where nothing cost anything', () => {
    expect(savingOf([])).toBeNull();
    expect(savingOf([{ model: 'm', input: 10, output: 10, costUsd: 0 }])).toBeNull();
  });
});
