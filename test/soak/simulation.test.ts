import { expect, test } from 'vitest';
import { beyond, healthy, power } from '../../bench/soak/scenarios.ts';
import { runCell } from '../../bench/soak/simulate.ts';

/** A part of `bench/soak/simulate.ts`, the same seeds each time. */
test.each(healthy.map((scenario) => ({ name: scenario.name, scenario })))(
  'no alarm in 150 healthy series of 48 h: $name',
  ({ scenario }) => {
    expect(runCell(scenario, 1, 150).alarms).toBe(0);
  },
);

test('a step under a daily rhythm looks like a slope, and only its jump tells: no alarm in 200 series', () => {
  const scenario = beyond.find(({ step, dailyShare }) => step && dailyShare)!;
  expect(runCell(scenario, 1, 200).alarms).toBe(0);
});

test.each(power.filter(({ promised }) => promised !== null).map((cell) => ({ name: cell.scenario.name, ...cell })))(
  'at least 98 % of 150 leaks are called: $name by $byHours h',
  ({ scenario }) => {
    expect(runCell(scenario, 1, 150).alarms).toBeGreaterThanOrEqual(147);
  },
);
