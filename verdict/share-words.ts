import type { Evidence } from './evidence.ts';
import type { Outlook } from './proportion.ts';
import type { ShareDecision, ShareEvidence } from './share.ts';
import { count, number, percent, percentDown, percentUp, withUnit } from './text.ts';
import type { Status } from './types.ts';

interface Told {
  readonly evidence: Evidence;
  readonly seen: ShareEvidence;
  readonly decision: ShareDecision;
  readonly bounds: readonly [low: number, high: number];
  readonly p0: number | null;
  readonly status: Status;
  readonly outlook: Outlook | null;
}

export function shareWords(told: Told): { readonly observed: string; readonly why: string } {
  return { observed: observed(told), why: why(told) };
}

function observed({ evidence, seen }: Told): string {
  const { target, spread } = evidence;
  if (target!.target.statistic !== 'P95') {
    return `${number(seen.high)} of ${number(seen.n)} bad, ${share(seen.high / seen.n, percent)}`;
  }
  const lost = spread.lost > 0 ? `; ${number(spread.lost)} of ${number(spread.n)} never answered rightly` : '';
  const p95 = spread.quantile(0.95);
  if (p95 !== null) return `P95 ${withUnit(p95, 'ms')}${lost}`;
  const slowest = spread.largestAnswered();
  return slowest === null ? `no P95${lost}` : `P95 at least ${withUnit(slowest, 'ms')}${lost}`;
}

function why(told: Told): string {
  const { status, bounds, p0, evidence } = told;
  const allowed = p0 === null ? '' : ` (${percent(p0)} allowed)`;
  const bad = `of ${answers(told)} ${badWords(evidence)}${allowed}`;
  switch (status) {
    case 'pass':
      return `${atMost(bounds[1])} ${bad}`;
    case 'fail':
      return `at least ${percentDown(bounds[0])} ${bad}${lostWords(evidence)}`;
    case 'shown':
      return `this profile has no value for it: ${between(bounds)} would be the interval of the share, were there one`;
    case 'invalid':
      return `counted from when each was due it is no pass, counted from when we really sent it would be: we were late`;
    default:
      return `${between(bounds)} ${bad}; ${whatWouldDecide(told)}`;
  }
}

/** Finer than this nobody reads, and no target asks. */
const finest = 0.00001;

const share = (value: number, say: (value: number) => string): string =>
  value > 0 && value < finest ? `below ${say(finest)}` : say(value);

const atMost = (high: number): string => (high < finest ? share(high, percentUp) : `at most ${percentUp(high)}`);

/** A lower bound that is next to nothing bounds nothing. */
const between = ([low, high]: readonly [number, number]): string =>
  low < finest ? atMost(high) : `between ${percentDown(low)} and ${percentUp(high)}`;

function answers({ evidence, seen, decision }: Told): string {
  const what = evidence.target!.target.statistic === 'P95' ? 'answers' : 'attempts';
  const worth =
    decision.effect > 1.05 ? `, worth ${number(Math.floor(seen.n / decision.effect))} independent ones,` : '';
  return `${number(seen.n)} ${what}${worth}`;
}

function badWords({ target }: Evidence): string {
  if (target!.target.statistic !== 'P95') return 'were bad';
  return target!.limit ? `took ${withUnit(target!.limit.value, 'ms')} or longer` : 'were lost';
}

function lostWords({ spread }: Evidence): string {
  return spread.lost > 0 ? `, ${number(spread.lost)} of them never answered rightly` : '';
}

function whatWouldDecide({ decision, seen, outlook }: Told): string {
  const more = moreSamples(outlook);
  if (!decision.early) return more;
  const so = `${number(Math.round(seen.coveredMs / 1000))} s and ${count(seen.n, 'sample')}`;
  return `under load nothing passes before 60 s, 16 windows and 1000 samples (so far ${so}); ${more}`;
}

function moreSamples(outlook: Outlook | null): string {
  if (!outlook) return 'at the observed share no number of further samples up to ten million would decide';
  return `${count(outlook.further, 'more sample')} would decide at the observed share`;
}
