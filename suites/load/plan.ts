import type { K6Scenario, K6Source } from '../../runners/k6/config.ts';

/** What the hundred users and the paced streams beside them ask for, as k6's scenarios and as slots to be counted. */
export interface LoadPlan {
  readonly scenarios: Readonly<Record<string, K6Scenario>>;
  readonly sources: readonly K6Source[];
  /** Kinds of journeys in the order they arrive, over and over. */
  readonly kinds: readonly Journey[];
  /** The users who are there when it begins: what they do and how much of their visit is left. */
  readonly present: readonly { readonly kind: Journey; readonly lengthMs: number }[];
  readonly lengthsMs: Readonly<Record<Journey, number>>;
  /** Paced arrivals a second, by stream. */
  readonly perSecond: Readonly<Record<string, number>>;
  readonly asks: boolean;
  readonly notes: readonly string[];
}

export type Journey = 'reader' | 'asker' | 'talker' | 'meeter';

export interface Wanted {
  readonly seconds: number;
  readonly users: number;
  readonly accounts: number;
  readonly realtime: boolean;
  readonly meetings: boolean;
  readonly searchable: boolean;
  readonly budget: { readonly requests: number; readonly aiMessages: number };
  /** Most calls and questions one user may send during the run; null: the plan of the tenants allows for it. */
  readonly perUser: { readonly calls: number; readonly questions: number } | null;
  /** Journeys alone, as the background of something else that times its own probes. */
  readonly journeysOnly?: boolean;
}

export const lengthsMs: Readonly<Record<Journey, number>> = {
  reader: 40_000,
  asker: 60_000,
  talker: 90_000,
  meeter: 60_000,
};

/** 30 % readers, 40 % askers, 20 % talkers, 10 % meeters, well mixed. */
const mix: readonly Journey[] = [
  'asker',
  'reader',
  'talker',
  'asker',
  'reader',
  'meeter',
  'asker',
  'talker',
  'reader',
  'asker',
];

/** A little more than asked for, so that the mean is not under a hundred by a rounding. */
const usersMargin = 1.05;
const pacedStartMs = 2_000;
const apiPerSecond = 92;
const pacedPerSecond = 8;
/** A question, 3 an asker's visit. */
const questionsPerAsker = 3;

export function planLoad(wanted: Wanted): LoadPlan {
  const kinds = mix.map((kind) => available(kind, wanted));
  const meanMs = kinds.reduce((sum, kind) => sum + lengthsMs[kind], 0) / kinds.length;
  const crowd = Math.ceil(wanted.users * usersMargin);
  const journeyPeriodMs = meanMs / crowd;
  const { perSecond, asks, notes } = rates(wanted, kinds, journeyPeriodMs);
  const spoken = kinds.map((kind) => (kind === 'asker' && !asks ? 'reader' : kind));
  const paced = Object.entries(perSecond).filter(([, rate]) => rate > 0);
  return {
    kinds: spoken,
    lengthsMs,
    perSecond,
    asks,
    notes,
    present: presentAtFirst(spoken, crowd),
    scenarios: {
      present: presentScenario(crowd, wanted.seconds),
      journeys: journeysScenario(journeyPeriodMs, crowd, wanted.seconds),
      ...Object.fromEntries(paced.map(([stream, rate]) => [scenarioOf(stream), pacedScenario(stream, rate, wanted)])),
    },
    sources: [
      { scenario: 'present', stream: '', kind: 'journey', periodMs: 0, slots: 0, durationMs: wanted.seconds * 1000 },
      journeySource(journeyPeriodMs, wanted.seconds),
      ...paced.map(([stream, rate]) => pacedSource(stream, rate, wanted.seconds)),
    ],
  };
}

function available(kind: Journey, { realtime, meetings }: Wanted): Journey {
  if (kind === 'talker' && !realtime) return 'reader';
  return kind === 'meeter' && !meetings ? 'reader' : kind;
}

function rates(wanted: Wanted, kinds: readonly Journey[], journeyPeriodMs: number) {
  const notes: string[] = [];
  const seconds = pacedSeconds(wanted.seconds);
  const journeys = wanted.seconds / (journeyPeriodMs / 1000) + wanted.users;
  const askers = (kinds.filter((kind) => kind === 'asker').length / kinds.length) * journeys * questionsPerAsker;
  const questions = Math.min(wanted.budget.aiMessages, (wanted.perUser?.questions ?? Infinity) * wanted.accounts);
  const asks = questions >= askers;
  if (wanted.journeysOnly) return { perSecond: nothingPaced, asks, notes };
  const chat = whole(Math.min(pacedPerSecond, (questions - (asks ? askers : 0)) / seconds));
  if (chat < pacedPerSecond) notes.push(shortOf('AI questions', questions, askers + pacedPerSecond * seconds));
  const calls = Math.min(wanted.budget.requests * 0.9, (wanted.perUser?.calls ?? Infinity) * wanted.accounts);
  const beside = journeys * callsPerJourney + (chat + 3 * pacedPerSecond) * seconds;
  const api = Math.max(pacedPerSecond, whole(Math.min(apiPerSecond, (calls - beside) / seconds)));
  if (api < apiPerSecond) notes.push(shortOf('requests', calls, beside + apiPerSecond * seconds));
  const search = wanted.searchable ? pacedPerSecond : 0;
  const socket = wanted.realtime ? pacedPerSecond : 0;
  return {
    perSecond: { 'T-api': api, 'T-chat': chat, 'T-search': search, 'T-ws-connect': socket, 'T-ws-msg': socket },
    asks,
    notes,
  };
}

const nothingPaced = { 'T-api': 0, 'T-chat': 0, 'T-search': 0, 'T-ws-connect': 0, 'T-ws-msg': 0 };

export const callsPerJourney = 9;

const whole = (rate: number): number => Math.max(0, Math.floor(rate));

const shortOf = (what: string, have: number, need: number): string =>
  `${Math.floor(have)} ${what} may be sent and ${Math.ceil(need)} would decide every target in one run; fewer are sent`;

const pacedSeconds = (seconds: number): number => Math.max(1, seconds - pacedStartMs / 1000);

/**
 * As many of each kind as there are at any later time, each somewhere in the middle of the visit: without them a hundred
 * users would be there only after a minute and a half.
 */
function presentAtFirst(kinds: readonly Journey[], crowd: number): LoadPlan['present'] {
  const total = kinds.reduce((sum, kind) => sum + lengthsMs[kind], 0);
  const perKind = [...new Set(kinds)].map((kind) => {
    const share = (kinds.filter((one) => one === kind).length * lengthsMs[kind]) / total;
    return { kind, count: Math.round(share * crowd) };
  });
  return perKind.flatMap(({ kind, count }) =>
    Array.from({ length: count }, (_, i) => ({ kind, lengthMs: (lengthsMs[kind] * (i + 0.5)) / count })),
  );
}

const scenarioOf = (stream: string): string => stream.slice(2).replaceAll('-', '_');

const graceful = '12s';

function presentScenario(crowd: number, seconds: number): K6Scenario {
  return {
    executor: 'per-vu-iterations',
    exec: 'present',
    vus: crowd,
    iterations: 1,
    maxDuration: `${seconds}s`,
    gracefulStop: graceful,
  };
}

function journeysScenario(periodMs: number, crowd: number, seconds: number): K6Scenario {
  return {
    executor: 'constant-arrival-rate',
    exec: 'journey',
    rate: 1,
    timeUnit: `${nanoseconds(periodMs)}ns`,
    duration: `${seconds}s`,
    preAllocatedVUs: Math.ceil(crowd * 1.6),
    maxVUs: Math.ceil(crowd * 1.6),
    gracefulStop: graceful,
  };
}

const nanoseconds = (ms: number): number => Math.round(ms * 1e6);

function journeySource(periodMs: number, seconds: number): K6Source {
  const slots = Math.ceil((seconds * 1000) / periodMs);
  return { scenario: 'journeys', stream: 'journeys', kind: 'journey', periodMs, slots, durationMs: seconds * 1000 };
}

/** Users enough for twice and more the worst latency a target allows; when even they all wait, that is the deployment's doing. */
const secondsWaitedFor: Readonly<Record<string, number>> = {
  'T-api': 2,
  'T-chat': 8,
  'T-search': 4,
  'T-ws-connect': 4,
};

function pacedScenario(stream: string, rate: number, wanted: Wanted): K6Scenario {
  const duration = `${pacedSeconds(wanted.seconds)}s`;
  const common = { startTime: `${pacedStartMs}ms`, gracefulStop: graceful };
  if (stream === 'T-ws-msg')
    return {
      ...common,
      executor: 'per-vu-iterations',
      exec: 'pair',
      vus: pairs.atOnce,
      iterations: 1,
      maxDuration: duration,
    };
  const vus = Math.ceil(rate * secondsWaitedFor[stream]!);
  const exec = scenarioOf(stream);
  return {
    ...common,
    executor: 'constant-arrival-rate',
    exec,
    rate,
    timeUnit: '1s',
    duration,
    preAllocatedVUs: vus,
    maxVUs: vus,
  };
}

function pacedSource(stream: string, rate: number, seconds: number): K6Source {
  const lasts = pacedSeconds(seconds);
  const common = { scenario: scenarioOf(stream), stream, periodMs: 1000 / rate, durationMs: lasts * 1000 };
  if (stream !== 'T-ws-msg') return { ...common, kind: 'paced', slots: rate * lasts };
  const slots = rate * Math.max(1, lasts - pairs.leadSeconds - pairs.tailSeconds);
  return { ...common, kind: 'scripted', offsetMs: pairs.leadSeconds * 1000, slots };
}

/** Pairs of users connect before their first message is due, and send the last early enough to see it arrive. */
export const pairs = { atOnce: 8, leadSeconds: 4, tailSeconds: 2 } as const;
