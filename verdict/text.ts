import type { Compare, Target, TargetValue } from '../targets/index.ts';

/** Numbers for people: at most three significant digits below a thousand, groups of three above ten thousand. */
export function number(value: number): string {
  if (Number.isInteger(value)) return grouped(String(value));
  if (Math.abs(value) >= 1000) return grouped(String(Math.round(value)));
  return String(Number(value.toPrecision(3)));
}

const grouped = (digits: string): string => (digits.length > 4 ? digits.replace(/\B(?=(\d{3})+(?!\d))/g, ' ') : digits);

/** Bounds are rounded away from what they prove, so that a printed sentence is never truer than the evidence. */
export const percentUp = (share: number): string => `${rounded(share * 100, Math.ceil)} %`;
export const percentDown = (share: number): string => `${rounded(share * 100, Math.floor)} %`;
export const percent = (share: number): string => `${number(share * 100)} %`;

function rounded(value: number, how: (value: number) => number): string {
  if (value <= 0) return '0';
  const scale = 10 ** Math.max(0, 2 - Math.floor(Math.log10(value)) - 1 + (value < 1 ? 1 : 0));
  return String(Number((how(value * scale - (how === Math.ceil ? 1e-9 : -1e-9)) / scale).toPrecision(6)));
}

const unitNames: Readonly<Record<string, string>> = { '1': '', '1/min': 'a minute', '1/s': 'a second', By: 'bytes' };

export function withUnit(value: number, unit: string): string {
  const name = unitNames[unit] ?? unit;
  return name === '' ? number(value) : `${number(value)} ${name}`;
}

export const compareSigns: Readonly<Record<Compare, string>> = {
  below: '<',
  above: '>',
  'at-least': '≥',
  'at-most': '≤',
};

/** "P95 < 50 ms", "errors < 0.1 %" */
export function expectation(target: Target, limit: TargetValue): string {
  return `${measured(target)}${compareSigns[target.compare]} ${withUnit(limit.value, target.unit)}`;
}

function measured({ statistic, measure }: Target): string {
  if (statistic === 'P95' || statistic === 'median') return `${statistic} `;
  if (statistic !== 'proportion') return '';
  return measure === 'error rate' ? 'errors ' : `${measure} `;
}

export const count = (n: number, one: string, many = `${one}s`): string => `${number(n)} ${n === 1 ? one : many}`;

export function listed(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

export function satisfies(compare: Compare, value: number, limit: number): boolean {
  if (compare === 'below') return value < limit;
  if (compare === 'above') return value > limit;
  return compare === 'at-least' ? value >= limit : value <= limit;
}
