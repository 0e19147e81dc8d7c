import { lnEnough, lnEvidenceBelow } from '../proportion.ts';
import type { RowContext } from '../row-base.ts';
import { count, expectation, percent } from '../text.ts';
import type { AssertionVerdict } from '../types.ts';
import type { SoakFold } from './fold.ts';
import type { HourRow, LatencyFold, StreamVerdict } from './latency.ts';
import { throughout } from './throughout.ts';

/** One row for each timed stream: every hour against its target, and no drift over them. */
export function latencyRows(fold: SoakFold, { profile }: RowContext): AssertionVerdict[] {
  const judged = [...fold.streams.values()].filter(({ target }) => target?.limit).length;
  return [...fold.streams]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, stream]) => {
      const seen = stream.look(Math.max(1, judged), fold.lastMs);
      const row = { ...base(name, stream, seen, profile), ...verdictOf(name, stream, seen) };
      return throughout(row, fold, [stream.looks], undefined);
    });
}

function base(name: string, { target, n }: LatencyFold, { hours }: StreamVerdict, profile: string) {
  const worst = worstOf(hours);
  const limit = target?.limit;
  return {
    name,
    ...(target ? { target: target.target.id } : {}),
    statistic: target?.target.statistic ?? 'P95',
    expected:
      target && limit ? `${expectation(target.target, limit)} in every hour` : `no value in the profile ${profile}`,
    observed: worst
      ? `worst hour ${worst.hour}: P95 ${worst.p95Ms === null ? 'not answered' : `${round(worst.p95Ms)} ms`}`
      : 'nothing',
    samples: n,
    interval: null,
  };
}

type Found = Pick<AssertionVerdict, 'status' | 'why'>;

function verdictOf(name: string, stream: LatencyFold, { hours, drift }: StreamVerdict): Found {
  if (hours.length === 0) return { status: 'undecided', why: 'nothing was timed; a soak would decide' };
  const broken = hours.filter(({ status }) => status === 'broken');
  const slower = drift.kind === 'drift' ? `answers of ${name} grow slower: ${drift.why}` : null;
  if (broken.length > 0)
    return { status: 'fail', why: [brokenWords(broken, hours), slower].filter(Boolean).join('; ') };
  if (slower) return { status: 'fail', why: slower };
  if (!stream.target?.limit)
    return { status: 'shown', why: `${count(hours.length, 'hour')} shown, not judged; ${drift.why}` };
  const open = openHours(stream, hours);
  if (open.length > 0) return { status: 'undecided', why: openWords(open, hours) };
  if (drift.kind === 'undecided')
    return { status: 'undecided', why: `held in ${count(hours.length, 'hour')}; drift: ${drift.why}` };
  return { status: 'pass', why: `held in each of ${count(hours.length, 'hour')}; ${drift.why}` };
}

/**
 * Hours that are undecided by themselves. A last hour that has just begun and hours with few samples are decided together
 * with one another: what holds of them all is promised of each at a smaller sample.
 */
function openHours(stream: LatencyFold, hours: readonly HourRow[]): readonly HourRow[] {
  const open = hours.filter(({ status }) => status === 'undecided');
  if (open.length === 0) return [];
  const { n, k } = stream.pooled(new Set(open.map(({ hour }) => hour)));
  const near = open.filter(({ share, n: of }) => (share ?? 0) > 0.05 && of >= fewestToDoubt);
  if (near.length > 0) return near;
  return lnEvidenceBelow({ k, n }, 0.05) >= lnEnough ? [] : few(stream, hours, open);
}

/** An hour with this many samples and more than 5 % late is in doubt by itself. */
const fewestToDoubt = 40;

/** A few samples left over beside hours that were decided do not keep the whole from passing. */
function few(stream: LatencyFold, hours: readonly HourRow[], open: readonly HourRow[]): readonly HourRow[] {
  const { n, k } = stream.pooled(new Set(hours.map(({ hour }) => hour)));
  const rest = open.reduce((sum, hour) => sum + hour.n, 0);
  const small = rest < 0.05 * hours.reduce((sum, hour) => sum + hour.n, 0);
  return small && lnEvidenceBelow({ k, n }, 0.05) >= lnEnough ? [] : open;
}

function brokenWords(broken: readonly HourRow[], hours: readonly HourRow[]): string {
  const worst = worstOf(broken)!;
  const which = broken
    .slice(0, 6)
    .map(({ hour }) => hour)
    .join(', ');
  const more = broken.length > 6 ? ` and ${broken.length - 6} more` : '';
  return `missed in ${count(broken.length, 'hour')} of ${hours.length} (${which}${more}): in hour ${worst.hour} ${percent(worst.share ?? 1)} were late or lost, 5 % may be`;
}

function openWords(open: readonly HourRow[], hours: readonly HourRow[]): string {
  const which = open
    .slice(0, 6)
    .map(({ hour }) => hour)
    .join(', ');
  return `${count(open.length, 'hour')} of ${hours.length} too close or with too few samples to tell (${which}); a higher rate would decide`;
}

const worstOf = (hours: readonly HourRow[]): HourRow | undefined =>
  hours.toSorted((a, b) => (b.share ?? 0) - (a.share ?? 0) || (b.p95Ms ?? Infinity) - (a.p95Ms ?? Infinity))[0];

const round = (ms: number): string => String(Number(ms.toPrecision(3)));
