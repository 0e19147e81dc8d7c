import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { nextLookAfter, TrendFold } from '../../verdict/soak/trend.ts';
import { generate, newSeries, type Scenario, type Series, stepHours } from './model.ts';
import { rivals } from './rivals.ts';
import { beyond, healthy, power } from './scenarios.ts';

/**
 * How often the soak judge calls a healthy series a leak, and how early a leaking one. Runs in slices that add up:
 * `node bench/soak/simulate.ts "red noise" 20000` goes on with the next 20 000 seeds of that cell and adds what it
 * finds to `results/simulation.json`; `power 2000` does it for every leaking cell, `rivals 200` runs the rivals on every
 * cell. `node bench/soak/table.ts` makes the table and the plot; they say the size that was run.
 * The demands were chosen on seeds below 1 000 000; measured is above.
 */
const firstSeed = 1_000_001;

export interface Cell {
  series: number;
  alarms: number;
  /** Seeds of the alarms of healthy series, to look at them again. */
  alarmSeeds: number[];
  /** Hour of the call → how many. */
  calledAt: Record<string, number>;
  rivals?: { readonly series: number; readonly alarms: Readonly<Record<string, number>> };
}

/** The hour at which the series of this seed is called a leak, null when it is not. */
export function callOf(scenario: Scenario, seed: number, series: Series): number | null {
  generate(scenario, seed, series);
  const fold = new TrendFold();
  let nextLook = 1;
  for (let i = 0; i < series.length; i++) {
    const t = i * stepHours;
    if (t >= nextLook) {
      if (fold.isLeak()) return nextLook;
      nextLook = nextLookAfter(t);
    }
    fold.add(t, series.value[i]!, series.load[i]!, series.life[i]!);
  }
  return null;
}

export function runCell(scenario: Scenario, from: number, howMany: number): Cell {
  const series = newSeries(scenario.hours);
  const cell: Cell = { series: howMany, alarms: 0, alarmSeeds: [], calledAt: {} };
  for (let seed = from; seed < from + howMany; seed++) {
    const at = callOf(scenario, seed, series);
    if (at === null) continue;
    cell.alarms += 1;
    cell.calledAt[at] = (cell.calledAt[at] ?? 0) + 1;
    if (cell.alarmSeeds.length < 20 && !scenario.leakPerHour) cell.alarmSeeds.push(seed);
  }
  return cell;
}

/** How many of the first series of a scenario each rival calls. */
export function runRivals(scenario: Scenario, howMany: number): Record<string, number> {
  const series = newSeries(scenario.hours);
  const counts = Object.fromEntries(Object.keys(rivals).map((name) => [name, 0]));
  for (let seed = firstSeed; seed < firstSeed + howMany; seed++) {
    generate(scenario, seed, series);
    for (const [name, alarms] of Object.entries(rivals)) if (alarms(series)) counts[name]! += 1;
  }
  return counts;
}

const file = new URL('./results/simulation.json', import.meta.url);

type Results = Record<string, Cell>;

const cells: readonly (readonly [string, Scenario])[] = [
  ...[...healthy, ...beyond].map((scenario) => [scenario.name, scenario] as const),
  ...power.map(({ scenario, byHours }) => [cellName(scenario, byHours), scenario] as const),
];

export function cellName(scenario: Scenario, byHours: number): string {
  return `${scenario.name} by ${byHours} h`;
}

function main([what = '', size = '1000']: readonly string[]): void {
  const howMany = Number(size);
  const asked = cells.filter(([name, { leakPerHour }]) => {
    return what === 'rivals' || name === what || (what === 'power' && leakPerHour !== undefined);
  });
  if (asked.length === 0)
    throw new Error(`no cell is called "${what}"; there are ${cells.map(([name]) => name).join(', ')}`);
  for (const [name, scenario] of asked) {
    const before = load()[name];
    const cell = what === 'rivals' ? withRivals(before, scenario, howMany) : grown(before, scenario, howMany);
    mkdirSync(new URL('./results/', import.meta.url), { recursive: true });
    writeFileSync(file, `${JSON.stringify({ ...load(), [name]: cell }, null, 1)}\n`);
    process.stdout.write(`${name}: ${cell.alarms} of ${cell.series} ${JSON.stringify(cell.rivals ?? '')}\n`);
  }
}

function grown(before: Cell | undefined, scenario: Scenario, howMany: number): Cell {
  const cell = runCell(scenario, firstSeed + (before?.series ?? 0), howMany);
  return before ? added(before, cell) : cell;
}

function withRivals(before: Cell | undefined, scenario: Scenario, howMany: number): Cell {
  const none: Cell = { series: 0, alarms: 0, alarmSeeds: [], calledAt: {} };
  return { ...(before ?? none), rivals: { series: howMany, alarms: runRivals(scenario, howMany) } };
}

const load = (): Results => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : {});

function added(a: Cell, b: Cell): Cell {
  const calledAt = { ...a.calledAt };
  for (const [hour, count] of Object.entries(b.calledAt)) calledAt[hour] = (calledAt[hour] ?? 0) + count;
  return {
    ...a,
    series: a.series + b.series,
    alarms: a.alarms + b.alarms,
    alarmSeeds: [...a.alarmSeeds, ...b.alarmSeeds].slice(0, 20),
    calledAt,
  };
}

if (import.meta.main) main(process.argv.slice(2));
