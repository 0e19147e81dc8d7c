import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { healthy, power } from '../../bench/soak/scenarios.ts';
import { type Cell, cellName } from '../../bench/soak/simulate.ts';
import { upperBound } from '../../bench/soak/upper-bound.ts';
import { falseAlarmPerSeries, familyError } from '../../verdict/soak/family.ts';

const cells = JSON.parse(
  readFileSync(new URL('../../bench/soak/results/simulation.json', import.meta.url), 'utf8'),
) as Record<string, Cell>;

test.each(healthy.filter(({ metric }) => metric === 'heap').map(({ name }) => name))(
  'the stated error is borne out by the series that were run: %s',
  (name) => {
    const { alarms, series } = cells[name]!;
    expect(upperBound(alarms, series)).toBeLessThanOrEqual(falseAlarmPerSeries);
  },
);

test.each(power.filter(({ promised }) => promised !== null))(
  'the promised power is borne out by the series that were run: $scenario.name by $byHours h',
  ({ scenario, byHours, promised }) => {
    const { alarms, series } = cells[cellName(scenario, byHours)]!;
    expect(alarms / series).toBeGreaterThanOrEqual(promised!);
  },
);

test('the chances of several series add up', () => {
  expect(familyError(40)).toMatchObject({ series: 40, atMost: 0.001 });
  expect(familyError(40).why).toContain('1 of 1000 runs');
  expect(familyError(1_000_000).atMost).toBe(1);
});
