import type { Report, SoakReport, SoakSeries, SoakStream } from '../../verdict/types.ts';
import { clock, hours, measured } from '../soak-words.ts';
import { plural } from '../words.ts';
import { html, type Markup } from './markup.ts';
import { section, table } from './parts.ts';
import { loadSymbol, multiple, projection, timeline } from './soak-plots.ts';

/** What a soak looked like from its first hour to its last; nothing for a report that is of none. */
export function soak(report: Report): Markup {
  const seen = report.soak;
  if (!seen) return html``;
  return html`<div class="soak">${loadSymbol(seen)}
${section('soak', 'The soak', lead(seen), html`${timeline(seen)}${events(seen)}`)}
${rises(seen)}
${hoursOf(seen)}
${multiples(seen)}
</div>`;
}

function lead(seen: SoakReport): string {
  const planned = seen.plannedHours === null ? '' : ` of ${hours(seen.plannedHours)} planned`;
  const scaled =
    seen.timeScale === 1
      ? ''
      : ` Time is scaled: a second of the clock stands for ${oneSecond(seen.timeScale)}, so this is a rehearsal and no proof of length.`;
  const gaps = seen.gaps.length === 0 ? '' : ` ${plural(seen.gaps.length, 'gap')} of ours count neither way.`;
  return `${hours(seen.coveredHours)} seen${planned}.${scaled}${gaps} ${capital(seen.family.why)}.`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const mostEvents = 60;

function events({ outages, gaps, events: all }: SoakReport): Markup {
  const rows = [
    ...outages.map(({ from, to, because }) => ({
      at: from,
      what: 'outage',
      who: '',
      detail: `${to === null ? 'not over' : `for ${hours(to - from)}`}: ${because}`,
    })),
    ...gaps.map(({ from, to, detail }) => ({
      at: from,
      what: 'gap of ours',
      who: '',
      detail: `for ${hours(to - from)}: ${detail}`,
    })),
    ...all.map(({ at, what, service, detail }) => ({ at, what, who: service, detail })),
  ].sort((a, b) => a.at - b.at);
  if (rows.length === 0)
    return html`<p>Nothing happened: no outage, no gap, no restart, no deploy, no critical line.</p>`;
  const more =
    rows.length > mostEvents &&
    html`<p class="soft">${plural(rows.length - mostEvents, 'more event')} in report.json.</p>`;
  const columns = ['Hour', 'What', 'Where', 'Detail'].map((title) => ({ title }));
  const body = rows.slice(0, mostEvents).map(({ at, what, who, detail }) => [clock(at), what, who, detail]);
  return html`${table(columns, body)}${more}`;
}

function rises({ ...seen }: SoakReport): Markup {
  const rising = seen.series.filter(({ rise }) => rise !== undefined);
  if (rising.length === 0) return html``;
  const figures = rising
    .slice(0, 12)
    .map(
      (series) =>
        html`<figure><figcaption><b>${series.name}</b> ${riseWords(series)}</figcaption>${projection(series, seen)}</figure>`,
    );
  return section(
    'rises',
    'What rises',
    'Each with where it goes from here; the hatched cone holds the slope with 95 %.',
    html`<div class="rise">${figures}</div>`,
  );
}

function riseWords({ rise, limit, limitFrom, unit }: SoakSeries): string {
  const by = `rises by ${measured(rise!.slopePerHour, unit)} an hour (${measured(rise!.band[0], unit)} to ${measured(rise!.band[1], unit)})`;
  const [at, from, to] = rise!.exhaustedIn ?? [];
  if (limit === undefined || at === undefined) return `${by}; its limit is not known.`;
  const until = (end: number | null | undefined) => (end === null || end === undefined ? 'never' : hours(end));
  return `${by}; it reaches its limit of ${measured(limit, unit)} (${limitFrom ?? ''}) in ${until(at)} (${until(from)} to ${until(to)}).`;
}

const marks = { held: '✓', broken: '✗', undecided: '?' } as const;

/** Hour by hour, each latency target. */
function hoursOf({ latency }: SoakReport): Markup {
  if (latency.length === 0) return html``;
  const all = [...new Set(latency.flatMap((stream) => stream.hours.map(({ hour }) => hour)))].sort((a, b) => a - b);
  const columns = [
    { title: 'Hour' },
    ...latency.map(({ name, limitMs }) => ({
      title: limitMs === null ? name : `${name} < ${limitMs} ms`,
      numeric: true as const,
    })),
  ];
  const byHour = latency.map((stream) => new Map(stream.hours.map((row) => [row.hour, row])));
  const body = all.map((hour) => [
    String(hour),
    ...latency.map((stream, index) => cellOf(stream, byHour[index]!.get(hour))),
  ]);
  const drifts = latency.map(({ name, drift }) => html`<li><b>${name}</b>: ${drift}</li>`);
  const words = 'P95 of each hour. ✓ the target held, ✗ it was missed, ? too few samples or too close to tell.';
  return section(
    'hours',
    'Hour by hour',
    words,
    html`<ul>${drifts}</ul><div class="hours">${table(columns, body)}</div>`,
  );
}

function cellOf({ limitMs }: SoakStream, row: SoakStream['hours'][number] | undefined): string {
  if (!row) return '–';
  const p95 = row.p95Ms === null ? 'no answer' : `${Number(row.p95Ms.toPrecision(3))} ms`;
  return limitMs === null ? p95 : `${p95} ${marks[row.status]}`;
}

const mostPictures = 120;

function multiples(seen: SoakReport): Markup {
  const drawn = seen.series.filter(
    ({ series, points }) =>
      points.length > 1 && series !== 'harness.load' && series !== 'alerts.watched' && series !== 'process.up',
  );
  if (drawn.length === 0) return html``;
  const words = 'Lowest to highest of each stretch; the load behind it in grey; a gap stays empty.';
  return section(
    'series',
    'Every series',
    words,
    html`<div class="multiples">${drawn.slice(0, mostPictures).map((series) => multiple(series, seen))}</div>`,
  );
}

/** `hours` speaks of minutes at least. */
const oneSecond = (seconds: number): string =>
  seconds < 60 ? `${Number(seconds.toPrecision(3))} s` : hours(seconds / 3600);
