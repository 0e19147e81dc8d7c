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
    return `${number(seen.high)} of ${number(seen.n)} bad, ${percent(seen.high / seen.n)}`;
  }
  const lost = spread.lost > 0 ? ` of ${number(spread.n)}, ${number(spread.lost)} never answered rightly` : '';
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
      return `at most ${percentUp(bounds[1])} ${bad}`;
    case 'fail':
      return `at least ${percentDown(bounds[0])} ${bad}${lostWords(evidence)}`;
    case 'shown':
      return `this profile has no value for it: ${percentDown(bounds[0])} to ${percentUp(bounds[1])} would be the interval of the share, were there one`;
    case 'invalid':
      return `counted from when each was due it is no pass, counted from when we really sent it would be: we were late`;
    default:
      return `between ${percentDown(bounds[0])} and ${percentUp(bounds[1])} ${bad}; ${whatWouldDecide(told)}`;
  }
}

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
