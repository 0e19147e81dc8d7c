import { readFileSync, writeFileSync } from 'node:fs';
import { beyond, healthy, power } from './scenarios.ts';
import { type Cell, cellName } from './simulate.ts';
import { upperBound } from './upper-bound.ts';

/** `node bench/soak/table.ts` makes `results/simulation.md` and `results/calls.svg` from `results/simulation.json`. */
const folder = new URL('./results/', import.meta.url);
const cells = JSON.parse(readFileSync(new URL('simulation.json', folder), 'utf8')) as Record<string, Cell>;
const rivalNames = Object.keys(Object.values(cells).find((cell) => cell.rivals)?.rivals?.alarms ?? {});

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const rivalCells = (cell: Cell): string[] =>
  rivalNames.map((name) => (cell.rivals ? percent(cell.rivals.alarms[name]! / cell.rivals.series) : '–'));

function calledBy(cell: Cell, share: number): string {
  const hours = Object.entries(cell.calledAt).sort(([a], [b]) => Number(a) - Number(b));
  let seen = 0;
  for (const [hour, count] of hours) {
    seen += count;
    if (seen >= share * cell.series) return hour;
  }
  return '–';
}

function healthyRow(name: string, promised?: 'none'): string {
  const cell = cells[name];
  if (!cell) return `| ${name} | not run |`;
  const bound = upperBound(cell.alarms, cell.series).toExponential(1);
  const kept = promised ?? keptAt(cell);
  return `| ${[name, cell.series, cell.alarms, bound, kept, ...rivalCells(cell)].join(' | ')} |`;
}

function keptAt({ series, alarms }: Cell): string {
  if (alarms > 1) return 'NO';
  return series >= 190_000 ? 'yes' : 'size not reached';
}

function powerRow({ scenario, byHours, promised }: (typeof power)[number]): string {
  const cell = cells[cellName(scenario, byHours)];
  if (!cell) return `| ${cellName(scenario, byHours)} | not run |`;
  const hours = [0.5, 0.95, 0.99].map((share) => calledBy(cell, share)).join(' / ');
  const kept = promised === null ? '–' : cell.alarms >= promised * cell.series ? 'yes' : 'NO';
  const first = [cellName(scenario, byHours), cell.series, percent(cell.alarms / cell.series), hours];
  return `| ${[...first, promised === null ? 'none' : `≥ ${100 * promised} %`, kept, ...rivalCells(cell)].join(' | ')} |`;
}

const head = (columns: readonly string[]): string =>
  `| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|`;

const markdown = `# The soak judge, simulated

Seeded; the sizes are those that were run. The judge looks every hour until hour 12 and every second hour after; a series counts as called when any look calls
it. The composite gate looks every 2 h from hour 12; OLS (all samples) and Mann-Kendall (hourly floors) look once, at the end. The rivals saw the
first series of each cell, as many as the last line says. The demands were chosen on seeds below 1 000 000, these are above.

## Healthy series of 48 h called a leak

${head(['scenario', 'series', 'called', '95 % upper bound', '≤ 1 in ≥ 190 000', ...rivalNames])}
${healthy.map(({ name }) => healthyRow(name)).join('\n')}

## Beyond what is promised

${head(['scenario', 'series', 'called', '95 % upper bound', 'promised', ...rivalNames])}
${beyond.map(({ name }) => healthyRow(name, 'none')).join('\n')}

## Leaks called

${head(['leak', 'series', 'called', 'hour of the call, 50 / 95 / 99 %', 'promised', 'kept', ...rivalNames])}
${power.map(powerRow).join('\n')}

Rivals: ${Object.values(cells).find((cell) => cell.rivals)?.rivals?.series ?? 0} series a cell.
`;
writeFileSync(new URL('simulation.md', folder), markdown);
writeFileSync(new URL('calls.svg', folder), plot());

/** Share of the leaks called by each hour, one line a cell. */
function plot(): string {
  const shown = power.filter(
    ({ scenario, byHours }) => cells[cellName(scenario, byHours)] && scenario.metric === 'heap',
  );
  const colours = [
    '#1b6ca8',
    '#d1495b',
    '#2e933c',
    '#8d6a9f',
    '#e08e45',
    '#3b3b3b',
    '#00a6a6',
    '#b5838d',
    '#6a994e',
    '#a44a3f',
  ];
  const x = (hour: number) => 50 + hour * 12;
  const y = (share: number) => 330 - share * 300;
  const lines = shown.map(({ scenario, byHours }, i) => {
    const cell = cells[cellName(scenario, byHours)]!;
    let seen = 0;
    const steps = Object.entries(cell.calledAt)
      .map(([hour, count]) => [Number(hour), count] as const)
      .sort(([a], [b]) => a - b)
      .map(([hour, count]) => {
        seen += count;
        return `H${x(hour)}V${y(seen / cell.series).toFixed(1)}`;
      });
    const colour = colours[i % colours.length];
    const label = `<text x="650" y="${40 + 18 * i}" fill="${colour}">${cellName(scenario, byHours)}</text>`;
    return `<path d="M${x(0)},${y(0)}${steps.join('')}H${x(byHours)}" fill="none" stroke="${colour}" stroke-width="2"/>${label}`;
  });
  const hours = [0, 6, 12, 24, 36, 48].map(
    (hour) => `<text x="${x(hour)}" y="350" text-anchor="middle">${hour} h</text>`,
  );
  const shares = [0, 0.5, 1].map(
    (share) => `<text x="44" y="${y(share) + 4}" text-anchor="end">${100 * share} %</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 370" font-family="sans-serif" font-size="12"><title>Share of leaks called by hour</title><rect width="900" height="370" fill="#fff"/><path d="M50,30V330H626" fill="none" stroke="#999"/>${hours.join('')}${shares.join('')}${lines.join('')}</svg>\n`;
}
