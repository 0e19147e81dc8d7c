import type { Status } from '../verdict/types.ts';

/** How statuses, numbers and foreign text are written, the same in every reporter. */

/** Colour is never the only carrier: each status has a word and a sign of its own. */
export const sign: Readonly<Record<Status, string>> = {
  fail: '✗',
  invalid: '!',
  undecided: '?',
  'not-verified': '○',
  pass: '✓',
  waived: '~',
  excluded: '–',
  shown: '·',
};

export const asciiSign: Readonly<Record<Status, string>> = {
  fail: 'x',
  invalid: '!',
  undecided: '?',
  'not-verified': 'o',
  pass: '+',
  waived: '~',
  excluded: '-',
  shown: '.',
};

export const word = (status: Status): string => (status === 'not-verified' ? 'not verified' : status);

/** What each status means for somebody who reads a report for the first time. */
export const meaning: Readonly<Record<Status, string>> = {
  fail: 'proven broken, and the cause is not ours',
  invalid: 'the evidence is about the harness, not about the deployment',
  undecided: 'measured, but too little or too close to tell',
  'not-verified': 'access was not granted, so nobody looked',
  pass: 'proven',
  waived: 'not a pass; accepted for now, with a reason, an owner and an expiry',
  excluded: 'the environment file says the part does not exist',
  shown: 'measured; this profile holds no target for it',
};

/**
 * Report text may come from a hostile deployment. Control characters could drive a terminal, bidirectional and invisible
 * ones could make a line read as something else, and lone surrogates are no text at all: each is written out instead.
 */
export function clean(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\t\n\r]+/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** The whole text stays in `report.json`; a page of one row helps nobody. */
export function shorten(text: string, length: number): string {
  const characters = [...text];
  if (characters.length <= length) return text;
  return `${characters.slice(0, length).join('')}… (cut; report.json has all ${group(characters.length)} characters)`;
}

/** In threes from five digits on, as in the sentences of the verdict. */
export const group = (count: number): string =>
  Math.abs(count) < 10_000 ? String(count) : String(count).replaceAll(/\B(?=(\d{3})+$)/g, ' ');

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${group(count)} ${count === 1 ? one : many}`;

/** At most three significant digits, never an exponent for what a person would write out. */
export const short = (value: number): string => {
  if (Math.abs(value) >= 1000) return group(Math.round(value));
  return Math.abs(value) < 1e-6 ? '0' : String(Number(value.toPrecision(3)));
};

/**
 * A bound to three digits, but no finer than a thousandth, rounded away from what it proves: what is printed is never
 * truer than the evidence.
 */
export function outward(value: number, side: 'low' | 'high'): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const unit = 10 ** Math.max(-3, Math.floor(Math.log10(Math.abs(value))) - 2);
  const steps = value / unit;
  return Number(((side === 'low' ? Math.floor(steps + 1e-7) : Math.ceil(steps - 1e-7)) * unit).toPrecision(12));
}

/** A measured latency. */
export function latency(ms: number): string {
  if (ms < 1000) return `${short(ms)} ms`;
  return ms < 120_000 ? `${short(ms / 1000)} s` : duration(ms);
}

/** How long something went on. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (ms < 59_500) return ms < 9_950 ? `${Number((ms / 1000).toFixed(1))} s` : `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

export function quantity(value: number, unit: string | undefined): string {
  if (!Number.isFinite(value)) return value < 0 ? 'no lower bound' : 'no upper bound';
  if (unit === 'ms') return latency(value);
  if (unit === undefined || unit === '' || unit === '1') return short(value);
  return unit === 'By' ? `${short(value / 1000)} kB` : `${short(value)} ${unit}`;
}

/** The unit once, at the end, where both ends share it. */
export function range([low, high]: readonly [number | null, number | null], unit: string | undefined): string {
  if (low === null && high === null) return '';
  if (low === null) return `at most ${quantity(outward(high!, 'high'), unit)}`;
  if (high === null || !Number.isFinite(high)) return `at least ${quantity(outward(low, 'low'), unit)}`;
  const [from, to] = [quantity(outward(low, 'low'), unit), quantity(outward(high, 'high'), unit)];
  const unitOf = (text: string) => text.match(/ [^\d ]+$/)?.[0] ?? '';
  return unitOf(from) === unitOf(to) && unitOf(to) !== ''
    ? `${from.slice(0, -unitOf(from).length)} to ${to}`
    : `${from} to ${to}`;
}

/** `2026-01-02T03:04:05.678Z` → `2 Jan 2026, 03:04:05 UTC`; what is no date stays as it is. */
export function moment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return clean(iso);
  const [day, time] = date.toISOString().split('T') as [string, string];
  const [year, month, dayOfMonth] = day.split('-') as [string, string, string];
  return `${Number(dayOfMonth)} ${months[Number(month) - 1]} ${year}, ${time.slice(0, 8)} UTC`;
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
