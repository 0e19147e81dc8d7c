import type { SoakReport, SoakSeries } from '../../verdict/types.ts';
import { hours, measured } from '../soak-words.ts';
import { html, type Markup, trusted } from './markup.ts';

/**
 * Pictures of a soak. A stretch of a series is drawn from its lowest to its highest value, the load behind it in grey, a
 * gap stays empty. Nothing is said by colour alone: what is away or ahead is hatched, events are letters.
 */
const fixed = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

interface Frame {
  readonly x: (hour: number) => number;
  readonly y: (value: number) => number;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly base: number;
}

const linear = (from: number, to: number, low: number, high: number) => (value: number) =>
  low + ((value - from) / (to - from || 1)) * (high - low);

/** From the lowest to the highest, with a little air; a series that stands still gets a scale around it. */
export function extentOf(points: SoakSeries['points'], more: readonly number[] = []): readonly [number, number] {
  const low = Math.min(...points.map(([, value]) => value), ...more);
  const high = Math.max(...points.map(([, , value]) => value), ...more);
  const air = (high - low || Math.abs(high) * 0.02 || 1) * 0.08;
  return [low - air, high + air];
}

/** Runs of stretches with nothing missing between them, each as one shape. */
export function bandPath({ points, stretchHours }: SoakSeries, { x, y }: Frame): string {
  return runsOf(points, stretchHours)
    .map((run) => {
      const above = run.map(([at, , high]) => `${fixed(x(at))},${fixed(y(high))}`);
      const below = run.toReversed().map(([at, low]) => `${fixed(x(at))},${fixed(y(low))}`);
      return `M${above.join(' ')} ${below.join(' ')}Z`;
    })
    .join('');
}

function runsOf(points: SoakSeries['points'], stretchHours: number): SoakSeries['points'][] {
  const runs: (readonly [number, number, number])[][] = [];
  for (const point of points) {
    const run = runs.at(-1);
    const before = run?.at(-1)?.[0];
    // A watcher that looks every five minutes leaves stretches of half a minute empty: that is no gap.
    if (run && before !== undefined && point[0] - before <= Math.max(2.5 * stretchHours, 0.25)) run.push(point);
    else runs.push([point]);
  }
  return runs;
}

const load: Box = { left: 0, right: 300, top: 4, base: 70 };

/** The load once, to be shown behind every small picture. */
export function loadSymbol(soak: SoakReport): Markup {
  const series = soak.series.find(({ series: name }) => name === 'harness.load');
  const shape = series ? areaPath(series, soak.hours, load) : '';
  return html`<svg class="hatch" aria-hidden="true"><defs><path id="soak-load" class="load" d="${trusted(shape)}"/><pattern id="soak-hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="4" height="4"/><path d="M1,0V4"/></pattern></defs></svg>`;
}

function areaPath({ points }: SoakSeries, span: number, box: Box): string {
  const most = Math.max(...points.map(([, , high]) => high), 1e-9);
  const x = linear(0, span, box.left, box.right);
  const y = linear(0, most * 1.6, box.base, box.top);
  const top = points.map(([at, low, high]) => `${fixed(x(at))},${fixed(y((low + high) / 2))}`);
  return top.length === 0
    ? ''
    : `M${fixed(x(points[0]![0]))},${box.base} ${top.join(' ')} ${fixed(x(points.at(-1)![0]))},${box.base}Z`;
}

/** One series beside the load, small. */
export function multiple(series: SoakSeries, soak: SoakReport): Markup {
  const [low, high] = extentOf(series.points);
  const frame = { x: linear(0, soak.hours, load.left, load.right), y: linear(low, high, load.base, load.top) };
  const lowest = measured(Math.min(...series.points.map(([, value]) => value)), series.unit);
  const highest = measured(Math.max(...series.points.map(([, , value]) => value)), series.unit);
  const alt = `${series.name}: ${lowest} to ${highest} over ${hours(soak.hours)}`;
  return html`<figure><figcaption><b>${series.name}</b><br><span class="soft">${lowest} to ${highest}${series.limit !== undefined && html`, limit ${measured(series.limit, series.unit)}`}; ${kindWord(series)}</span></figcaption><svg viewBox="0 0 300 84" role="img" aria-label="${alt}"><use href="#soak-load"/><path class="band" d="${trusted(bandPath(series, frame))}"/><path class="axis" d="M0,70H300"/>${ticks(soak.hours, frame.x, 82, 4)}</svg></figure>`;
}

const words: Readonly<Record<string, string>> = {
  leak: 'rises ✗',
  'level-shift': 'moved to another level',
  'warming-up': 'levelling off',
  undecided: 'not decided',
  shown: 'only shown',
};

const kindWord = ({ kind }: SoakSeries): string => words[kind] ?? kind;

/** A few round hours under a picture. */
function ticks(span: number, x: (hour: number) => number, y: number, most: number): Markup {
  const step =
    [0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96, 168, 336].find((each) => span / each <= most) ?? Math.ceil(span / most);
  const at = Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => index * step);
  return html`${at.map((hour) => html`<text x="${fixed(x(hour))}" y="${y}" text-anchor="${hour === 0 ? 'start' : 'middle'}">${hour === 0 ? '0 h' : String(hour)}</text>`)}`;
}

const wide: Box = { left: 70, right: 1050, top: 12, base: 200 };

/** A series that rises, where it will be, and when it reaches its limit. */
export function projection(series: SoakSeries, soak: SoakReport): Markup {
  const rise = series.rise!;
  const last = series.points.at(-1)!;
  const ahead = aheadHours(rise.exhaustedIn, soak.hours);
  const end = soak.hours + ahead;
  const now = (last[1] + last[2]) / 2;
  const at = (slope: number) => now + slope * ahead;
  const limit = series.limit !== undefined && series.limit <= 1.15 * at(rise.band[1]) ? series.limit : undefined;
  const [low, high] = extentOf(series.points, [
    at(rise.slopePerHour),
    at(rise.band[1]),
    ...(limit === undefined ? [] : [limit]),
  ]);
  const x = linear(0, end, wide.left, wide.right);
  const y = linear(low, high, wide.base, wide.top);
  const here = `${fixed(x(last[0]))},${fixed(y(now))}`;
  // A line ends where it meets the limit: nothing is known of what comes after.
  const until = (slope: number) => (limit === undefined || slope <= 0 ? ahead : Math.min(ahead, (limit - now) / slope));
  const to = (slope: number) => `${fixed(x(soak.hours + until(slope)))},${fixed(y(now + slope * until(slope)))}`;
  return html`<svg viewBox="0 0 1060 226" role="img" aria-label="${series.name}: ${measured(now, series.unit)} now, rising by ${measured(rise.slopePerHour, series.unit)} an hour"><path class="band" d="${trusted(bandPath(series, { x, y }))}"/><path class="cone" d="${trusted(`M${here} ${to(rise.band[1])} ${to(rise.band[0])}Z`)}"/><path class="ahead" d="${trusted(`M${here} ${to(rise.slopePerHour)}`)}"/>${limit !== undefined && limitLine(series, y(limit))}<path class="axis" d="M${wide.left},${wide.base}H${wide.right}M${fixed(x(soak.hours))},${wide.top}V${wide.base}"/><text class="strong" x="${fixed(x(soak.hours) + 4)}" y="${wide.top}">end of the soak</text>${scale(series, y)}${ticks(end, x, 220, 12)}</svg>`;
}

/** As far as the latest believable end, and no farther than three times what was seen. */
function aheadHours(exhaustedIn: NonNullable<SoakSeries['rise']>['exhaustedIn'], seen: number): number {
  const latest = exhaustedIn?.[2] ?? exhaustedIn?.[0] ?? seen / 2;
  return Math.min(Math.max(latest * 1.05, seen / 6), 3 * seen);
}

const limitLine = ({ limit, limitFrom, unit }: SoakSeries, y: number): Markup =>
  html`<path class="limit" d="M${wide.left},${fixed(y)}H${wide.right}"/><text class="strong" x="${wide.left + 6}" y="${fixed(y - 4)}">limit ${measured(limit!, unit)} (${limitFrom ?? ''})</text>`;

function scale({ points, unit }: SoakSeries, y: (value: number) => number): Markup {
  const [first, last] = [points[0]![1], points.at(-1)![2]];
  return html`${[first, last].map((value) => html`<text x="${wide.left - 6}" y="${fixed(y(value) + 4)}" text-anchor="end">${measured(value, unit)}</text>`)}`;
}

const rowsOfTimeline = [
  { what: 'restart', letter: 'R', title: 'restarts' },
  { what: 'deploy', letter: 'D', title: 'deploys' },
  { what: 'critical', letter: 'C', title: 'critical lines' },
  { what: 'disconnect', letter: 'X', title: 'unexpected closes' },
  { what: 'threshold', letter: 'T', title: 'thresholds crossed' },
  { what: 'notified', letter: 'A', title: 'alerts told' },
] as const;

const rowHeight = 20;

/** The whole soak from left to right: load, outages, gaps and what happened. */
export function timeline(soak: SoakReport): Markup {
  const x = linear(0, soak.hours || 1, 130, 1050);
  const used = rowsOfTimeline.filter(({ what }) => soak.events.some((event) => event.what === what));
  const base = 74 + used.length * rowHeight;
  const loadSeries = soak.series.find(({ series }) => series === 'harness.load');
  const area = loadSeries ? areaPath(loadSeries, soak.hours || 1, { left: 130, right: 1050, top: 0, base: 30 }) : '';
  const stretch = (from: number, to: number | null, y: number, kind: string) =>
    html`<rect class="${kind}" x="${fixed(x(from))}" y="${y}" width="${fixed(Math.max(2, x(to ?? soak.hours) - x(from)))}" height="14"/>`;
  return html`<svg viewBox="0 0 1060 ${base + 18}" role="img" aria-label="Timeline: ${String(soak.outages.length)} outages, ${String(soak.gaps.length)} gaps, ${String(soak.events.length)} events"><text x="0" y="24">load</text><path class="load" d="${trusted(area)}"/><text x="0" y="47">outages</text>${soak.outages.map(({ from, to }) => stretch(from, to, 36, 'outage'))}<text x="0" y="67">gaps of ours</text>${soak.gaps.map(({ from, to }) => stretch(from, to, 56, 'gap'))}${used.map(
    ({ what, letter, title }, row) =>
      html`<text x="0" y="${87 + row * rowHeight}">${title}</text>${soak.events
        .filter((event) => event.what === what)
        .slice(0, 120)
        .map(({ at }) => html`<text class="event" x="${fixed(x(at))}" y="${87 + row * rowHeight}">${letter}</text>`)}`,
  )}<path class="axis" d="M130,${base}H1050"/>${ticks(soak.hours, x, base + 14, 16)}</svg>`;
}
