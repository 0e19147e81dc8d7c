import { scaleLinear, scaleLog } from 'd3-scale';
import { curveStepAfter, line } from 'd3-shape';
import type { Distribution } from '../../verdict/types.ts';
import { group, plural, quantity, range } from '../words.ts';
import { type Bin, binned } from './bins.ts';
import { html, type Markup, trusted } from './markup.ts';

/**
 * One distribution, drawn for somebody who has to sign on it: how long things took on a logarithmic axis, what was allowed,
 * how sure we are, and, apart at the right end, what never came back. Nothing is said by colour alone: what is late is hatched.
 */
export function plot(distribution: Distribution, statistic: string): Markup {
  const bins = binned(distribution);
  const most = Math.max(1, distribution.lost, ...bins.map((bin) => bin.count));
  const x = scaleLog().domain(extent(distribution, bins)).range([left, right]).clamp(true);
  const height = scaleLinear()
    .domain([0, most])
    .range([0, base - top]);
  const frame: Frame = {
    x,
    y: (count) => (count === 0 ? base : base - Math.max(hairline, height(count))),
    distribution,
  };
  return html`<svg class="plot" viewBox="0 0 ${width} ${full}" role="img" aria-label="${described(distribution, statistic)}">${[
    bars(frame, bins),
    lostBar(frame),
    axis(frame),
    limit(frame),
    ...marks(frame),
    interval(frame),
  ]}</svg>`;
}

interface Frame {
  readonly x: ReturnType<typeof scaleLog<number, number>>;
  readonly y: (count: number) => number;
  readonly distribution: Distribution;
}

const width = 400;
const left = 4;
const right = 342;
const lostAt = { from: 361, to: 389 };
const top = 34;
const base = 104;
const full = 146;
/** However few they are, whoever was there is seen. */
const hairline = 1.5;

export function described(
  { unit, quantiles, lost, limit, interval, buckets }: Distribution,
  statistic: string,
): string {
  const answered = buckets.reduce((total, bucket) => total + bucket.count, 0);
  const absent = lost > 0 ? 'lost' : 'none';
  const shown = (value: number | null) => (value === null ? absent : quantity(value, unit));
  const held = limit === undefined ? 'no target' : `target ${quantity(limit, unit)}`;
  const sure = interval === undefined ? '' : `, interval of ${statistic} ${range(interval, unit)}`;
  return `${plural(answered, 'sample')} answered, ${group(lost)} lost; P50 ${shown(quantiles.p50)}, P95 ${shown(quantiles.p95)}, P99 ${shown(quantiles.p99)}; ${held}${sure}`;
}

/** From the quickest to the slowest, with the target and the interval inside and a little air around. */
function extent({ limit, interval, quantiles }: Distribution, bins: readonly Bin[]): [number, number] {
  const points = [bins[0]?.from, bins.at(-1)?.to, limit, ...(interval ?? []), quantiles.p50, quantiles.p95];
  const usable = points.filter((point) => typeof point === 'number' && Number.isFinite(point) && point > 0) as number[];
  if (usable.length === 0) return [1, 1000];
  const [low, high] = [Math.min(...usable) * 0.85, Math.max(...usable) * 1.3];
  return high / low < 4 ? [low / 2, high * 2] : [low, high];
}

function bars({ x, y, distribution }: Frame, bins: readonly Bin[]): Markup {
  const { limit } = distribution;
  const late = (bin: Bin) => limit !== undefined && bin.from >= limit;
  const drawn = line<Step>()
    .x(([value]) => fixed(x(value)))
    .y(([, count]) => fixed(y(count)))
    .curve(curveStepAfter);
  const path = (chosen: readonly Bin[]) => trusted(chosen.length === 0 ? '' : `${drawn(outline(chosen))}Z`);
  return html`<path class="bars" d="${path(bins.filter((bin) => !late(bin)))}"/><path class="late" d="${path(bins.filter(late))}"/>`;
}

type Step = readonly [value: number, count: number];

/** From the base line up to the first bin, along the heads of all, and down to the base line again. */
const outline = (bins: readonly Bin[]): readonly Step[] => [
  [bins[0]!.from, 0],
  ...bins.map((bin): Step => [bin.from, bin.count]),
  [bins.at(-1)!.to, 0],
];

function lostBar({ y, distribution: { lost } }: Frame): Markup {
  const middle = (lostAt.from + lostAt.to) / 2;
  const bar = html`<rect class="late" x="${lostAt.from}" y="${fixed(y(lost))}" width="${lostAt.to - lostAt.from}" height="${fixed(base - y(lost))}"/>`;
  return html`${lost > 0 && bar}<path class="axis" d="M${lostAt.from - 4},${base}H${lostAt.to + 4}"/><text x="${middle}" y="${base + 14}" text-anchor="middle"${lost > 0 && html` class="strong"`}>${group(lost)} lost</text>`;
}

function axis({ x, distribution: { unit } }: Frame): Markup {
  const [low, high] = x.domain() as [number, number];
  const values = ticks(low, high);
  const labels = values.map(
    (value) =>
      html`<text x="${fixed(x(value))}" y="${base + 14}" text-anchor="${anchor(x(value))}">${quantity(value, unit)}</text>`,
  );
  const notches = values.map((value) => `M${fixed(x(value))},${base}v3`).join('');
  return html`<path class="axis" d="M${left},${base}H${right}${notches}"/>${labels}`;
}

/** Decades, with 2 and 5 between them while there is room for a label each. */
function ticks(low: number, high: number): readonly number[] {
  const decades = Math.log10(high / low);
  const factors = decades < 1.6 ? [1, 2, 5] : decades < 2.6 ? [1, 3] : [1];
  const exponents = Array.from({ length: Math.ceil(decades) + 2 }, (_, index) => Math.floor(Math.log10(low)) + index);
  const all = exponents.flatMap((exponent) => factors.map((factor) => Number(`${factor}e${exponent}`)));
  const inside = all.filter((value) => value >= low && value <= high);
  const every = Math.ceil(inside.length / 7);
  return inside.filter((_, index) => index % every === 0);
}

/** P50 and P95 above the bars, each where it is; what was lost has no place on the axis. */
function marks(frame: Frame): readonly Markup[] {
  const { p50, p95 } = frame.distribution.quantiles;
  const { unit, lost } = frame.distribution;
  const [p50Leans, p95Leans] = leanings(frame);
  // At the left edge both labels lean the same way; where they would lie on each other they are one.
  if (p50 !== null && p95 !== null && p50Leans === p95Leans && Math.abs(frame.x(p95) - frame.x(p50)) < 80)
    return [
      mark(frame.x(p50), p50Leans, `P50 ${quantity(p50, unit)}, P95 ${quantity(p95, unit)}`),
      mark(frame.x(p95), p95Leans, ''),
    ];
  return [
    p50 === null ? html`` : mark(frame.x(p50), p50Leans, `P50 ${quantity(p50, unit)}`),
    p95 === null ? html`` : mark(frame.x(p95), p95Leans, `P95 ${quantity(p95, unit)}`),
    p95 === null && lost > 0 ? lostLabel : html``,
  ];
}

/** The two labels lean away from each other, and that of P95 from the line of the target where there is room. */
function leanings({ x, distribution: { quantiles, limit } }: Frame): readonly [Anchor, Anchor] {
  const [p50, p95] = [x(quantiles.p50 ?? 1), x(quantiles.p95 ?? 1)];
  const apart = p95 - p50;
  const p50Leans = apart < 150 && p50 > 70 ? 'end' : anchor(p50, 96);
  const fromLimit = limit === undefined ? Number.POSITIVE_INFINITY : p95 - x(limit);
  if (fromLimit < 0 && fromLimit > -60 && apart > 64) return [p50Leans, 'end'];
  return [p50Leans, (apart < 150 || Math.abs(fromLimit) < 60) && p95 < right - 60 ? 'start' : anchor(p95, 96)];
}

const mark = (at: number, lean: Anchor, label: string): Markup =>
  html`<path class="mark" d="M${fixed(at)},${top - 3}V${base}"/><text x="${fixed(at + shift[lean])}" y="${top - 6}" text-anchor="${lean}">${label}</text>`;

/** More than one in twenty never came back, so neither did the 95th percentile. */
const lostLabel = html`<text class="strong" x="${lostAt.to + 4}" y="${top - 6}" text-anchor="end">P95 lost</text>`;

type Anchor = 'start' | 'middle' | 'end';
const shift: Readonly<Record<Anchor, number>> = { start: 2, middle: 0, end: -2 };

/** Where the judged quantile lies, as surely as the verdict needs it; an open end runs on to the edge. */
function interval({ x, distribution }: Frame): Markup {
  const [low, high] = distribution.interval ?? [null, null];
  if (low === null && high === null) return tooFew(distribution);
  const from = low === null ? left : x(low);
  const open = high === null || !Number.isFinite(high);
  const to = open ? lostAt.to : x(high);
  const ends = `${low === null ? '' : `M${fixed(from)},${at - 4}v8`}${open ? `M${to - 6},${at - 4}l6,4l-6,4` : `M${fixed(to)},${at - 4}v8`}`;
  const middle = Math.min(Math.max((from + to) / 2, 70), right - 40);
  return html`<path class="span" fill="none" d="M${fixed(from)},${at}H${fixed(to)}${ends}"/><text x="${fixed(middle)}" y="${at + 16}" text-anchor="middle">interval ${range([low, high], distribution.unit)}</text>`;
}
const at = base + 26;

const tooFew = ({ buckets, lost }: Distribution): Markup =>
  buckets.length === 0 || lost > 0
    ? html``
    : html`<text x="${left}" y="${at + 16}">too few samples for an interval of P95</text>`;

function limit({ x, distribution: { limit, unit } }: Frame): Markup {
  if (limit === undefined) return html``;
  return html`<path class="limit" d="M${fixed(x(limit))},14V${base + 4}"/><text class="strong" x="${fixed(x(limit))}" y="10" text-anchor="${anchor(x(limit), 60)}">target ${quantity(limit, unit)}</text>`;
}

/** Labels near an edge lean inwards. */
function anchor(at: number, room = 24): Anchor {
  if (at < left + room) return 'start';
  return at > right - room ? 'end' : 'middle';
}

const fixed = (value: number): number => Math.round(value * 10) / 10;
