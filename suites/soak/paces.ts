import type { SoakContext } from '../../runners/soak/types.ts';
import type { Cohort } from './cohort.ts';
import { type TimedStream, timedStreams } from './streams.ts';

/** Milliseconds of the soak between two probes of a stream; null: none is sent. */
export interface Paces {
  readonly everyMs: Readonly<Record<TimedStream, number | null>>;
  readonly notes: readonly string[];
}

/** An hour must decide each target by itself: 158 answers at least, more where some are late. */
const wantedEveryMs: Readonly<Record<TimedStream, number>> = {
  'T-api': 2_000,
  'T-chat': 6_000,
  'T-search': 6_000,
  'T-ws-connect': 6_000,
  'T-ws-msg': 3_000,
};

/** Slots take one request each and one more every twelfth. */
export const requestsPerSlot = 13 / 12;
/** The rest of a budget is for the background, for making users and for taking them away. */
const shareForProbes = 0.5;
/** Half of what the lowest plan documents an hour: nobody knows what else these users' limits hold. */
const lowestPlan = { calls: 50, questions: 60 };

export function pacesFor(soak: SoakContext, cohort: Cohort): Paces {
  const { environment, leftMs, timeScale } = soak;
  const notes: string[] = [];
  const hours = (leftMs * timeScale) / 3_600_000;
  const perHour = (stream: TimedStream) => 3_600_000 / wantedEveryMs[stream];
  const calls = perHour('T-api') + perHour('T-search') + perHour('T-chat') + perHour('T-ws-connect');
  const slots = (leftMs / soak.plan.slotMs) * requestsPerSlot;
  const allowed = {
    calls: Math.max(0, environment.budget.requests * shareForProbes - slots) / hours,
    questions: (environment.budget.aiMessages * shareForProbes) / hours,
  };
  if (cohort.plan === 'unknown') {
    allowed.calls = Math.min(allowed.calls, lowestPlan.calls * cohort.people.length);
    allowed.questions = Math.min(allowed.questions, lowestPlan.questions * cohort.people.length);
  }
  const slower = Math.max(1, calls / allowed.calls);
  const slowerChat = Math.max(slower, perHour('T-chat') / allowed.questions);
  if (slower > 1) notes.push(shortOf('requests', allowed.calls, calls));
  if (slowerChat > 1) notes.push(shortOf('AI questions', allowed.questions, perHour('T-chat')));
  const slowerOf = (stream: TimedStream): number =>
    stream === 'T-chat' ? slowerChat : stream === 'T-ws-msg' ? 1 : slower;
  const paced = (stream: TimedStream): number | null => {
    const everyMs = wantedEveryMs[stream] * slowerOf(stream);
    return everyMs < leftMs * timeScale && canBeSent(stream, soak, cohort) ? everyMs : null;
  };
  return {
    notes,
    everyMs: Object.fromEntries(timedStreams.map((stream) => [stream, paced(stream)])) as Paces['everyMs'],
  };
}

function canBeSent(stream: TimedStream, { environment }: SoakContext, { people }: Cohort): boolean {
  if (stream.startsWith('T-ws')) return environment.parts.realtime && environment.realtime !== null;
  return stream !== 'T-search' || people.some(({ knowledge }) => knowledge !== null);
}

const shortOf = (what: string, have: number, need: number): string =>
  `${Math.floor(have)} ${what} an hour may be sent for timed probes and ${Math.ceil(need)} were planned; an hour may not decide`;
