import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { nextLookAfter, TrendFold } from '../../verdict/soak/trend.ts';
import { generate, newSeries, type Scenario, type Series, stepHours } from './model.ts';
import { healthy, power } from './scenarios.ts';

/**
 * How often the soak judge calls a healthy series a leak, and how early a leaking one. Runs in slices that add up:
 * `node bench/soak/simulate.ts "red noise" 20000` goes on with the next 20 000 seeds of that cell and adds what it
 * finds to `results/simulation.json`; `power 2000` does it for every leaking cell. The table says the size that was run.
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

const file = new URL('./results/simulation.json', import.meta.url);

type Results = Record<string, Cell>;

function main([what, size]: readonly string[]): void {
  const howMany = Number(size ?? 1000);
  const cells: readonly (readonly [string, Scenario])[] =
    what === 'power'
      ? power.map(({ scenario, byHours }) => [`${scenario.name} by ${byHours} h`, scenario])
      : healthy.filter(({ name }) => what === 'healthy' || name === what).map((scenario) => [scenario.name, scenario]);
  if (cells.length === 0)
    throw new Error(`no cell is called ${what}; there are: power, healthy, ${healthy.map((s) => s.name).join(', ')}`);
  for (const [name, scenario] of cells) {
    const before = load()[name];
    const cell = runCell(scenario, firstSeed + (before?.series ?? 0), howMany);
    const results = { ...load(), [name]: before ? added(before, cell) : cell };
    mkdirSync(new URL('./results/', import.meta.url), { recursive: true });
    writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
    process.stdout.write(`${name}: ${results[name]!.alarms} of ${results[name]!.series}\n`);
  }
}

const load = (): Results => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : {});

function added(a: Cell, b: Cell): Cell {
  const calledAt = { ...a.calledAt };
  for (const [hour, count] of Object.entries(b.calledAt)) calledAt[hour] = (calledAt[hour] ?? 0) + count;
  return {
    series: a.series + b.series,
    alarms: a.alarms + b.alarms,
    alarmSeeds: [...a.alarmSeeds, ...b.alarmSeeds].slice(0, 20),
    calledAt,
  };
}

if (import.meta.main) main(process.argv.slice(2));
