import { type ProfileName, targetFor } from '../../targets/index.ts';
import type { RowContext } from '../row-base.ts';
import { count, expectation, percent } from '../text.ts';
import type { AssertionVerdict } from '../types.ts';
import type { SoakFold, Trouble } from './fold.ts';
import { lossRow } from './loss-rows.ts';
import { availabilityOf, type Outage } from './outage.ts';
import { loadRow } from './presence.ts';
import { throughout } from './throughout.ts';
import { hourOf, spanOf } from './words.ts';

export const row = (name: string, expected: string, samples: number) => ({
  name,
  statistic: 'functional',
  expected,
  samples,
  interval: null,
});

/** No critical error: in the logs, in the answers, on the sockets. */
export function criticalRows(fold: SoakFold, context: RowContext): AssertionVerdict[] {
  const services = new Set([...fold.logLines.keys(), ...logTroubles(fold)]);
  return [
    ...[...services].sort().map((service) => logRow(fold, service)),
    ...answersRow(fold),
    ...lossRow(fold, 'answers', context),
    ...socketsRow(fold),
    ...lossRow(fold, 'messages', context),
    ...loadRow(fold),
    ...mediaRow(fold),
    ...otherTroubles(fold),
  ];
}

const logTroubles = ({ troubles }: SoakFold): string[] =>
  [...troubles.keys()].filter((key) => key.startsWith('logs ')).map((key) => key.slice('logs '.length));

function logRow(fold: SoakFold, service: string): AssertionVerdict {
  const trouble = fold.troubles.get(`logs ${service}`);
  const { lines, looks } = fold.logLines.get(service) ?? { lines: 0, looks: null };
  const base = row(`logs ${service}`, 'no critical line', lines);
  if (trouble) return { ...base, ...broken(trouble, `${service} logged`, 'critical line') };
  const lost = fold.lostLogs.get(service) ?? 0;
  if (lost > 0) {
    const why = `${count(lost, 'stretch', 'stretches')} of the log of ${service} could not be read; reading all of it would decide`;
    return { ...base, status: 'undecided', observed: `${lines} lines, and some unread`, why };
  }
  if (lines === 0 && fold.emptyLogs.has(service)) {
    const why = `the log of ${service} is empty; a line in it would show that it is the right file`;
    return { ...base, status: 'undecided', observed: 'an empty file', why };
  }
  const why = `none of ${count(lines, 'line')} of ${service} is critical`;
  const clean = { ...base, status: 'pass' as const, observed: `${lines} lines`, why };
  return throughout(clean, fold, looks ? [looks] : [], fold.unseen.get(`log ${service}`));
}

function answersRow(fold: SoakFold): AssertionVerdict[] {
  const trouble = fold.troubles.get('answers');
  if (!trouble && fold.answers === 0) return [];
  const base = row('answers', 'no 5xx and no wrong answer', fold.answers);
  if (trouble) return [{ ...base, ...broken(trouble, 'the platform gave', 'critical answer') }];
  const why = `none of ${count(fold.answers, 'answer')} was critical`;
  const clean = { ...base, status: 'pass' as const, observed: `${fold.answers} answers`, why };
  return [throughout(clean, fold, [fold.answerLooks], undefined)];
}

function socketsRow(fold: SoakFold): AssertionVerdict[] {
  const trouble = fold.troubles.get('sockets');
  const stream = fold.streams.get('T-ws-msg') ?? fold.streams.get('T-ws-connect');
  if (!trouble && !stream && fold.messages === 0) return [];
  const base = row('sockets', 'no connection closed unexpectedly', stream?.n ?? fold.messages);
  if (trouble)
    return [{ ...base, ...broken(trouble, trouble.count === 1 ? 'there was' : 'there were', 'unexpected close') }];
  const why = 'no connection was closed unexpectedly';
  const clean = { ...base, status: 'pass' as const, observed: 'none closed unexpectedly', why };
  return [throughout(clean, fold, [stream?.looks ?? fold.messageLooks], undefined)];
}

/** A media server that is away is no error of the API, and its alert may well have come: it is away all the same. */
function mediaRow(fold: SoakFold): AssertionVerdict[] {
  const breaches = fold.alerts.breaches('livekit.down', undefined);
  if (breaches === null) return [];
  const base = row('media server', 'it answers', breaches.length);
  const [first] = breaches;
  if (first && !wasUp(fold)) {
    const why = 'what answers in its place never answered as a media server does; metrics of it would decide';
    return [{ ...base, status: 'undecided', observed: 'never up', why }];
  }
  if (first) {
    const spans = breaches.map(({ fromMs, toMs }) => (toMs ?? fold.lastMs) - fromMs);
    const long = spanOf(spans.reduce((sum, ms) => sum + ms, 0));
    const why = `a media server was away ${count(breaches.length, 'time')}, for ${long} in all, first from ${hourOf(first.fromMs)}`;
    return [{ ...base, status: 'fail', observed: `away for ${long}`, why }];
  }
  const clean = {
    ...base,
    status: 'pass' as const,
    observed: 'never away',
    why: 'no media server was away for minutes',
  };
  return [throughout(clean, fold, fold.alerts.looks('livekit.down', undefined, fold.answerLooks), undefined)];
}

const wasUp = ({ series }: SoakFold): boolean =>
  [...series.values()].some(
    ({ series: name, seen }) => name === 'livekit.up' && seen.envelope.points().some(([, , highest]) => highest > 0),
  );

/** Whatever else was reported broken under an assertion of its own. */
function otherTroubles({ troubles }: SoakFold): AssertionVerdict[] {
  return [...troubles]
    .filter(([key]) => key !== 'answers' && key !== 'sockets' && !key.startsWith('logs '))
    .map(([key, trouble]) => ({
      ...row(key, 'as promised', trouble.count),
      ...broken(trouble, trouble.count === 1 ? 'there was' : 'there were', 'failure'),
    }));
}

function broken(trouble: Trouble, lead: string, noun: string) {
  const why = `${lead} ${count(trouble.count, noun)}, the first at ${hourOf(trouble.firstMs)}: ${trouble.firstDetail}`;
  return { status: 'fail' as const, observed: count(trouble.count, noun), why };
}

/** Availability by slots, with every outage's start, length and cause. */
export function uptimeRow(fold: SoakFold, profile: ProfileName): AssertionVerdict {
  const { target, limit } = targetFor(profile, 'T-uptime')!;
  const plan = fold.run.soak;
  // Slots that fall into gaps of ours are never due; the soak goes on for as much longer, and their number is the planned one.
  const plannedSlots = plan ? plan.plannedMs / plan.slotMs : fold.slots.slots;
  const least = (limit?.value ?? 99.9) / 100;
  const seen = availabilityOf(fold.slots, { least, plannedSlots: Math.max(1, plannedSlots) });
  const outages = seen.outages.length > 0 ? `; ${outageWords(seen.outages, fold)}` : '';
  const base = {
    ...row('T-uptime', limit ? expectation(target, limit) : `no value in the profile ${profile}`, seen.slots),
    target: 'T-uptime',
    statistic: 'proportion',
    observed: seen.slots === 0 ? 'nothing' : `${percent(seen.share)}, ${count(seen.outages.length, 'outage')}`,
  };
  if (seen.slots === 0) return { ...base, status: 'undecided', why: 'no slot was probed; a soak would decide' };
  if (!limit)
    return { ...base, status: 'shown', why: `${seen.answered} of ${count(seen.slots, 'slot')} answered${outages}` };
  return { ...base, status: seen.status, why: `${seen.why}${outages}` };
}

function outageWords(outages: readonly Outage[], fold: SoakFold): string {
  const told = outages.slice(0, 5).map(({ fromMs, toMs, because }) => {
    const long = toMs === null ? `${spanOf(fold.lastMs - fromMs)}, not over` : spanOf(toMs - fromMs);
    return `away from ${hourOf(fromMs)} for ${long} (${because})`;
  });
  return outages.length > told.length ? `${told.join(', ')} and ${outages.length - told.length} more` : told.join(', ');
}
