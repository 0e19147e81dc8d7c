import type { SoakEvent, SoakReport, SoakSeries } from '../types.ts';
import { ruleNames } from './alerts.ts';
import { familyError } from './family.ts';
import type { SoakFold } from './fold.ts';
import { subjectOf } from './rows.ts';
import { alertRules } from './thresholds.ts';
import { exhaustion } from './trend-row.ts';
import type { Watched } from './watched.ts';

const hour = 3_600_000;
const mostSeries = 200;

/** null: the record is not of a soak. */
export function soakReport(fold: SoakFold): SoakReport | null {
  if (fold.run.soak === undefined && !fold.run.suites.includes('soak')) return null;
  const { plannedMs } = fold.run.soak ?? {};
  return {
    timeScale: fold.scale,
    plannedHours: plannedMs === undefined ? null : (plannedMs * fold.scale) / hour,
    hours: fold.lastMs / hour,
    coveredHours: fold.coveredMs / hour,
    family: familyError(fold.judgedSeries),
    gaps: fold.gaps.map(({ fromMs, toMs, detail }) => ({ from: fromMs / hour, to: toMs / hour, detail })),
    outages: fold.slots.outages().map(({ fromMs, toMs, because }) => ({
      from: fromMs / hour,
      to: toMs === null ? null : toMs / hour,
      because,
    })),
    events: eventsOf(fold),
    series: seriesOf(fold),
    latency: streamsOf(fold),
  };
}

function eventsOf(fold: SoakFold): SoakEvent[] {
  const restarts = [...fold.lives.services()].flatMap(([service, { restarts: all }]) =>
    all.map(({ atMs, instance }) => ({ what: 'restart', service, at: atMs / hour, detail: instance })),
  );
  const thresholds = ruleNames.flatMap((rule) =>
    (fold.alerts.breaches(rule, fold.streams.get('T-api')?.late) ?? []).map(({ fromMs }) => ({
      what: 'threshold',
      service: rule,
      at: fromMs / hour,
      detail: alertRules[rule].name,
    })),
  );
  const seen = fold.events.map(({ what, service, atMs, detail }) => ({ what, service, at: atMs / hour, detail }));
  return [...restarts, ...thresholds, ...seen].sort((a, b) => a.at - b.at);
}

/** What rises comes first, then what is judged, then what is only shown; a page holds two hundred. */
function seriesOf(fold: SoakFold): SoakSeries[] {
  const all = [...fold.series.values()].filter(({ seen }) => seen.samples > 0).map(pictured);
  const rank = ({ rise, check, kind }: SoakSeries) => (rise ? 0 : kind === 'fail' ? 1 : check ? 2 : 3);
  return all.sort((a, b) => rank(a) - rank(b)).slice(0, mostSeries);
}

function pictured(series: Watched): SoakSeries {
  const trend = series.seen.trend();
  const ends = trend ? exhaustion(series, trend) : null;
  const finite = (hours: number) => (Number.isFinite(hours) ? hours : null);
  return {
    series: series.series,
    name: subjectOf(series),
    service: series.service,
    unit: series.unit,
    check: series.role?.check ?? null,
    kind: trend?.kind ?? 'shown',
    points: series.seen.envelope.points().map(([at, low, high]) => [at / hour, low, high] as const),
    stretchHours: series.seen.envelope.widthMs / hour,
    ...(series.limit === null ? {} : { limit: series.limit, limitFrom: series.limitFrom ?? '' }),
    ...(trend?.kind === 'leak' && {
      rise: {
        slopePerHour: trend.slopePerHour,
        band: trend.band,
        since: trend.since ?? 0,
        ...(ends && { exhaustedIn: [finite(ends[0]), finite(ends[1]), finite(ends[2])] as const }),
      },
    }),
  };
}

function streamsOf(fold: SoakFold): SoakReport['latency'] {
  const judged = Math.max(1, [...fold.streams.values()].filter(({ target }) => target?.limit).length);
  return [...fold.streams]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, stream]) => {
      const { hours, drift } = stream.look(judged, fold.lastMs);
      return { name, limitMs: stream.target?.limit?.value ?? null, drift: drift.why, hours };
    });
}
