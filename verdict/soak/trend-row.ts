import type { AssertionVerdict, Status } from '../types.ts';
import type { Trend } from './trend.ts';
import type { Watched } from './watched.ts';
import { hourOf, quantity, span } from './words.ts';

/** A leak that reaches its limit sooner than this fails; later ones are told and do not. */
export const horizonHours = 14 * 24;

type Found = Pick<AssertionVerdict, 'status' | 'observed' | 'why'>;

/** Reached, sustained too high, rising: the worst that is true of a series, in one sentence that names its service. */
export function judgeLevel(series: Watched, subject: string): AssertionVerdict {
  const trend = series.seen.trend()!;
  const found = used(series, subject) ?? rising(series, trend, subject) ?? calm(series, trend, subject);
  return { ...levelRow(series, trend), ...found };
}

function levelRow(series: Watched, { band, kind }: Trend): Omit<AssertionVerdict, 'status' | 'why' | 'observed'> {
  const most = series.role?.most;
  const limit = series.limit;
  const ceiling =
    limit === null || most == null ? '' : `, at most ${Math.round(100 * most)} % of ${limitWords(series)}`;
  const known = band.every(Number.isFinite) && kind !== 'warming-up';
  return {
    name: '',
    statistic: 'trend',
    expected: `${series.role?.grows ? 'no growth that fills it within 14 d' : 'no rise'}${ceiling}`,
    samples: series.seen.samples,
    interval: known ? [band[0], band[1]] : null,
    ...(known ? { intervalUnit: `${series.unit}/h` } : {}),
  };
}

/** Saturation outweighs every trend: what is used up is used up. */
function used(series: Watched, subject: string): Found | null {
  const saturation = series.seen.saturation();
  if (!saturation || (saturation.kind !== 'exhausted' && saturation.kind !== 'high')) return null;
  const [breach] = saturation.kind === 'exhausted' ? saturation.exhausted : saturation.high;
  const peak = `${Math.round(100 * saturation.peak)} % of ${limitWords(series)}`;
  const when = hourOf(breach!.fromMs);
  const what =
    saturation.kind === 'exhausted' ? 'was used up' : `stayed above ${Math.round(100 * (series.role?.most ?? 1))} %`;
  return { status: 'fail', observed: `up to ${peak}`, why: `${subject} ${what} from ${when}: up to ${peak}` };
}

function rising(series: Watched, trend: Trend, subject: string): Found | null {
  if (trend.kind !== 'leak') return null;
  const slope = `${quantity(trend.slopePerHour, series.unit)} an hour`;
  const since = trend.since === null ? '' : ` since ${hourOf(trend.since * 3_600_000)}`;
  const rises = `${subject} rises by ${slope}${since}`;
  const end = exhaustion(series, trend);
  const observed = `+${slope}, now ${quantity(series.seen.last, series.unit)}`;
  if (end === null) {
    const status: Status = series.role?.grows ? 'undecided' : 'fail';
    const limit = 'its limit is not known, so nobody can say when it ends';
    return { status, observed, why: `${rises}; ${limit}` };
  }
  const [at, from, to] = end;
  const reaches = `it reaches its limit of ${limitWords(series)} in ${span(at)} (${span(from)} to ${span(to)})`;
  if (from < horizonHours) return { status: 'fail', observed, why: `${rises}; ${reaches}` };
  return { status: 'pass', observed, why: `${rises}; ${reaches}, beyond the horizon of 14 d` };
}

/** Hours to the limit at the best estimate and at both ends of the slope's band. */
export function exhaustion(series: Watched, trend: Trend): readonly [number, number, number] | null {
  if (series.limit === null || trend.kind !== 'leak') return null;
  const room = Math.max(0, (series.role?.grows ? (series.role.most ?? 1) : 1) * series.limit - series.seen.last);
  const until = (slope: number) => (slope > 0 ? room / slope : Number.POSITIVE_INFINITY);
  return [until(trend.slopePerHour), until(trend.band[1]), until(trend.band[0])];
}

function calm(series: Watched, trend: Trend, subject: string): Found {
  const now = `${quantity(series.seen.last, series.unit)}${peakWords(series)}`;
  if (trend.kind === 'steady') return { status: 'pass', observed: now, why: `${subject}: ${trend.why}` };
  if (trend.kind === 'level-shift') return { status: 'pass', observed: now, why: `${subject}: ${trend.why}` };
  if (series.role?.grows) return growing(series, trend, subject, now);
  return { status: 'undecided', observed: now, why: `${subject}: ${trend.why}` };
}

/** What is expected to grow passes as soon as even the steepest believable slope does not fill it within the horizon. */
function growing(series: Watched, trend: Trend, subject: string, now: string): Found {
  const room = (series.role?.most ?? 1) * (series.limit ?? Number.NaN) - series.seen.last;
  const soonest = trend.band[1] > 0 ? room / trend.band[1] : Number.POSITIVE_INFINITY;
  if (soonest >= horizonHours) {
    const why = `${subject}: not full before ${soonest === Infinity ? 'any time that can be told' : span(soonest)}, beyond the horizon of 14 d`;
    return { status: 'pass', observed: now, why };
  }
  return { status: 'undecided', observed: now, why: `${subject}: ${trend.why}` };
}

function peakWords(series: Watched): string {
  const saturation = series.seen.saturation();
  if (!saturation || saturation.kind === 'undecided') return '';
  return `, at most ${(100 * saturation.peak).toPrecision(2)} % of ${limitWords(series)}`;
}

const limitWords = ({ limit, limitFrom, unit }: Watched): string => `${quantity(limit!, unit)} (${limitFrom})`;

/** Anything that was counted is a failure: deadlocks, evictions. */
export function judgeCounter(series: Watched, subject: string): AssertionVerdict {
  const { rose, firstMs } = series.seen.counted();
  const row = { name: '', statistic: 'exact', expected: '0', samples: series.seen.samples, interval: null };
  if (firstMs !== null) {
    const why = `${subject} rose by ${rose} since the soak began, first at ${hourOf(firstMs)}`;
    return { ...row, status: 'fail', observed: String(rose), why };
  }
  if (series.seen.samples < 2) {
    return {
      ...row,
      status: 'undecided',
      observed: 'looked at once',
      why: 'looked at once; one more look would decide',
    };
  }
  return {
    ...row,
    status: 'pass',
    observed: '0',
    why: `no ${subject} in ${span((series.seen.lastMs - series.seen.firstMs) / 3_600_000)}`,
  };
}

/** A share that must not stay above a value. In scaled time nobody comes often enough to end a rise. */
export function judgeShareOf(series: Watched, subject: string, scale: number): AssertionVerdict {
  const above = series.role?.above ?? 1;
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  const row = {
    name: '',
    statistic: 'exact',
    expected: `≤ ${percent(above)}`,
    samples: series.seen.samples,
    interval: null,
  };
  const [breach] = series.seen.breaches();
  const now = `now ${percent(series.seen.last)}`;
  if (breach) {
    const why = `${subject} stayed above ${percent(above)} from ${hourOf(breach.fromMs)}: up to ${percent(breach.worst)}`;
    return { ...row, status: 'fail', observed: `up to ${percent(breach.worst)}`, why };
  }
  const rise = scale === 1 ? unendedRise(series, subject) : null;
  if (rise !== null) return { ...row, status: 'fail', observed: now, why: rise };
  const hours = (series.seen.lastMs - series.seen.firstMs) / 3_600_000;
  if (series.seen.samples < 3 || hours < 1) {
    return {
      ...row,
      status: 'undecided',
      observed: now,
      why: `${subject} was looked at for less than an hour; an hour would decide`,
    };
  }
  return {
    ...row,
    status: 'pass',
    observed: now,
    why: `${subject} never stayed above ${percent(above)} in ${span(hours)}`,
  };
}

/** A share that rises beyond where whatever empties it ought to have come. */
function unendedRise({ seen, role }: Watched, subject: string): string | null {
  const { rises } = role ?? {};
  if (rises === undefined || seen.last <= rises) return null;
  const trend = seen.trend();
  if (trend?.kind !== 'leak') return null;
  const percent = (share: number) => `${(100 * share).toPrecision(2)} %`;
  const since = trend.since === null ? '' : ` since ${hourOf(trend.since * 3_600_000)}`;
  return `${subject} rises by ${percent(trend.slopePerHour)} an hour${since}, is at ${percent(seen.last)}, and nothing ends it`;
}
