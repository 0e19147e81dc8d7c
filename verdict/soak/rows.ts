import type { ProfileName } from '../../targets/index.ts';
import { targetFor } from '../../targets/index.ts';
import type { CheckFacts } from '../fold.ts';
import type { RowContext } from '../row-base.ts';
import { expectation } from '../text.ts';
import type { AssertionVerdict } from '../types.ts';
import { alertRows } from './alert-rows.ts';
import { criticalRows, uptimeRow } from './event-rows.ts';
import { familyError } from './family.ts';
import type { SoakFold } from './fold.ts';
import { latencyRows } from './latency-rows.ts';
import { passingBy } from './passing.ts';
import { restartRows } from './restart-rows.ts';
import { throughout, troubleOf } from './throughout.ts';
import { judgeCounter, judgeLevel, judgeShareOf } from './trend-row.ts';
import { unbounded } from './unbounded.ts';
import type { Watched } from './watched.ts';
import { span } from './words.ts';

/** The rows of one check of the soak; what was planned and never seen has a row that says so. */
export function soakRows(check: CheckFacts, fold: SoakFold, context: RowContext): readonly AssertionVerdict[] {
  const rows = [...found(check.id, fold, context)];
  for (const [name, { source }] of check.rows) {
    if (name === 'T-soak') rows.push(lengthRow(fold, context.profile));
    else if (source !== undefined) rows.push(...silent(check, name, source, rows, fold));
    else if (!rows.some((row) => row.name === name) && needsRow(name, rows, check)) rows.push(unseen(name, check));
  }
  return rows;
}

function found(check: string, fold: SoakFold, context: RowContext): readonly AssertionVerdict[] {
  switch (check) {
    case 'soak.critical':
      return criticalRows(fold, context);
    case 'soak.restarts':
      return restartRows(fold);
    case 'soak.latency':
      return latencyRows(fold, context);
    case 'soak.uptime':
      return [uptimeRow(fold, context.profile)];
    case 'soak.alerts':
      return alertRows(fold, context.profile);
    default:
      return seriesRows(check, fold);
  }
}

function seriesRows(check: string, fold: SoakFold): AssertionVerdict[] {
  const mine = [...fold.series.values()].filter(({ role, seen }) => role?.check === check && seen.samples > 0);
  const family = familyError(fold.judgedSeries);
  const rows = mine.map((series) => {
    const row = mixed(series, expiring(series, judged(series, fold.scale), fold), fold);
    // A call could be wrong, so it says how often the judge calls anything wrongly.
    const called = row.status === 'fail' && row.statistic === 'trend' && row.observed.startsWith('+');
    const why = called ? `${row.why}; ${family.why}` : row.why;
    const seen = throughout({ ...row, why: ours(series, why) }, fold, [series.looks], troubleOf(fold, series));
    return { series, row: { ...seen, name: rowName(series, mine), status: statusOf(series, seen, fold.scale) } };
  });
  return [...rows.map((one) => capped(passingBy(one, rows, fold), check, fold)), ...unbounded(mine)];
}

/** A rise of data that have not begun to go is no leak yet. */
function expiring(series: Watched, row: AssertionVerdict, { expiry }: SoakFold): AssertionVerdict {
  const rises = row.status === 'fail' && row.observed.startsWith('+');
  if (!rises || !expiry.mayGather(series)) return row;
  const settles = span(expiry.settlesMs(series) / 3_600_000);
  const why = `${row.why}; data that expire may still gather: a soak of more than ${settles} and some hours would decide`;
  return { ...row, status: 'undecided', why };
}

/** What several processes tell in turn, of which none says which it is, is steady as soon as the lowest of them is. */
function mixed(series: Watched, row: AssertionVerdict, { lives }: SoakFold): AssertionVerdict {
  const { service, from, copy, labels } = series;
  if (row.status !== 'pass' || from !== 'health' || copy || labels.instance || labels.process) return row;
  const met =
    lives
      .services()
      .get(service)
      ?.found.map((source) => source.lives - source.restarts.length) ?? [];
  if (Math.max(0, ...met) < 2) return row;
  const why = `${row.why}; but several processes answered in turn and this does not say of which it is: an uptime or an instance in /health, or watch.processes of ${service}, would decide`;
  return { ...row, status: 'undecided', why };
}

function capped(row: AssertionVerdict, check: string, { expiry }: SoakFold): AssertionVerdict {
  if (check !== 'soak.redis.streams' || row.status !== 'pass' || !expiry.isCapped) return row;
  const why = `${row.why}; but there are more streams than were looked at; fewer keys in Redis would decide`;
  return { ...row, status: 'undecided', why };
}

/**
 * A source that was granted is to tell of its row; one that never did leaves it open. Only one that answers, and offers
 * other things, is made up for by another source of the same service.
 */
function silent(
  check: CheckFacts,
  name: string,
  source: string,
  rows: readonly AssertionVerdict[],
  fold: SoakFold,
): AssertionVerdict[] {
  const of = fold.unseen.has(source) ? name : name.slice(0, name.lastIndexOf(' '));
  const tells = ({ role, seen, service, from }: Watched) =>
    role?.check === check.id &&
    role.name === 'SERVICE' &&
    seen.samples > 0 &&
    [service, `${service} ${from}`].includes(of);
  if (rows.some((row) => row.name === name) || [...fold.series.values()].some(tells)) return [];
  const why = fold.unseen.get(source) ?? `${source} told nothing of it`;
  return [
    { ...bare(name), observed: 'nothing', why: `nothing of it was seen: ${why}; a soak that sees it would decide` },
  ];
}

/**
 * A leak of our own spoils what stands beside it and is no fault of the deployment. In scaled time our own first minute is
 * hours long, and coming up looks like a leak: there it is only shown.
 */
function statusOf({ series }: Watched, { status }: AssertionVerdict, scale: number): AssertionVerdict['status'] {
  if (series !== 'harness.memory') return status;
  if (scale !== 1) return 'shown';
  return status === 'fail' ? 'invalid' : status;
}

const ours = ({ series }: Watched, why: string): string =>
  series === 'harness.memory' ? `the harness itself: ${why}` : why;

function judged(series: Watched, scale: number): AssertionVerdict {
  const subject = subjectOf(series);
  switch (series.role!.kind) {
    case 'counter':
      return judgeCounter(series, subject);
    case 'share':
      return judgeShareOf(series, subject, scale);
    case 'level':
      return judgeLevel(series, subject);
  }
}

const nouns: Readonly<Record<string, string>> = {
  'process.memory': 'memory of SERVICE',
  'process.heap': 'heap of SERVICE',
  'process.fds': 'number of open files of SERVICE',
  'process.threads': 'number of threads of SERVICE',
  'process.cpu': 'CPU use of SERVICE',
  'harness.memory': 'its memory',
  'postgres.connections': 'the number of connections of PostgreSQL',
  'postgres.disk': 'the disk of PostgreSQL',
  'postgres.deadlocks': 'deadlocks of PostgreSQL',
  'postgres.bloat': 'the dead share of LABELS in PostgreSQL',
  'redis.memory': 'memory of Redis',
  'redis.evictions': 'evictions of Redis',
  'redis.rejected': 'clients that Redis refused',
  'redis.clients': 'the number of clients of Redis',
  'redis.streams': 'the number of streams in Redis',
  'redis.stream.length': 'the length of LABELS in Redis',
  'redis.stream.pending': 'the number of pending entries of LABELS in Redis',
};

export function subjectOf(series: Watched): string {
  const words = (nouns[series.series] ?? series.series).replace('SERVICE', series.service || 'the service');
  return words.replace('LABELS', otherLabels(series) || 'all');
}

function rowName(series: Watched, all: readonly Watched[]): string {
  const plain = series.role!.name.replace('SERVICE', series.service || 'service');
  const more = otherLabels(series);
  const alike = all.filter((other) => other.series === series.series && other.service === series.service);
  const from = alike.some((other) => other !== series && otherLabels(other) === more) ? (series.labels.from ?? '') : '';
  return [plain, more, from].filter(Boolean).join(' ');
}

const otherLabels = ({ labels }: Watched): string =>
  Object.entries(labels)
    .filter(([name]) => name !== 'service' && name !== 'life' && name !== 'from')
    .map(([, value]) => value)
    .join(' ');

/** `holds` stands for whatever the soak finds to look at; any row of the check fulfils it. */
function needsRow(name: string, rows: readonly AssertionVerdict[], check: CheckFacts): boolean {
  if (name !== 'holds') return true;
  return rows.length === 0 && !check.unmet.some(({ assertion }) => assertion !== undefined && assertion !== 'holds');
}

function unseen(name: string, check: CheckFacts): AssertionVerdict {
  const unmet = check.unmet.some(({ assertion }) => assertion === undefined || assertion === name);
  const why = 'nothing of it was seen; a soak that sees it would decide';
  return { ...bare(name), observed: 'nothing', why: unmet ? 'not looked at' : why };
}

/** A soak of seconds that stand for hours is a rehearsal: it shows what is found, and certifies no length. */
function lengthRow(fold: SoakFold, profile: ProfileName): AssertionVerdict {
  const { target, limit } = targetFor(profile, 'T-soak')!;
  const hours = fold.coveredMs / 3_600_000;
  const row = {
    ...bare('T-soak'),
    target: 'T-soak',
    statistic: 'exact',
    samples: 1,
    observed: `${hours.toFixed(1)} h`,
  };
  if (fold.scale !== 1) {
    const why = `${hours.toFixed(1)} h of scaled time, ${(hours / fold.scale).toFixed(2)} h by the clock: shown, no proof of length`;
    return { ...row, status: 'shown', expected: 'scaled time', why };
  }
  if (!limit)
    return { ...row, status: 'shown', why: `${hours.toFixed(1)} h without gaps; this profile asks for no length` };
  const expected = expectation(target, limit);
  if (hours >= limit.value * 0.999)
    return { ...row, expected, status: 'pass', why: `${hours.toFixed(1)} h without gaps` };
  const left = (limit.value - hours).toFixed(1);
  return { ...row, expected, why: `${hours.toFixed(1)} h of ${limit.value}; ${left} h more would decide` };
}

export const bare = (name: string): AssertionVerdict => ({
  name,
  statistic: 'functional',
  status: 'undecided',
  expected: 'as promised',
  observed: '',
  samples: 0,
  interval: null,
  why: '',
});
