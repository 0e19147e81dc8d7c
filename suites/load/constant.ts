import { fileURLToPath } from 'node:url';
import type { RunClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import type { K6Config } from '../../runners/k6/config.ts';
import { type K6Outcome, type K6Run, runK6 } from '../../runners/k6/run.ts';

export interface ConstantLoad {
  readonly url: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** How many may wait for an answer at once. */
  readonly users: number;
  readonly k6Path: string;
  readonly clock: RunClock;
  readonly emit: (entry: Entry) => void;
  readonly check?: string;
  readonly assertion?: string;
  readonly timeoutMs?: number;
  readonly status?: number;
  /** Text every right answer contains. */
  readonly contains?: string;
  readonly allow?: readonly string[];
  readonly budgets?: Readonly<Record<string, number>>;
  readonly script?: string;
  readonly signal?: AbortSignal;
  readonly killFile?: string;
  readonly errorLimit?: K6Run['errorLimit'];
}

/** An even, open-loop rate on one address: what the stall bench and the tests of the load generator send. */
export function constantLoad(load: ConstantLoad): Promise<K6Outcome> {
  const { k6Path, clock, emit, signal, killFile } = load;
  const assertion = load.assertion ?? 'latency';
  return runK6({
    k6Path,
    clock,
    emit,
    signal,
    killFile,
    check: load.check ?? 'load.constant',
    assertions: [assertion, errorsStream],
    script: load.script ?? fileURLToPath(new URL('./k6/constant.ts', import.meta.url)),
    config: constantConfig(load, assertion),
    atMostMs: load.seconds * 1000 + 30_000,
    ...(load.errorLimit === undefined ? {} : { errorLimit: load.errorLimit }),
  });
}

const errorsStream = 'errors';

function constantConfig(load: ConstantLoad, assertion: string): K6Config {
  const timeoutMs = load.timeoutMs ?? 10_000;
  return {
    allow: load.allow ?? [new URL(load.url).host],
    errors: errorsStream,
    budgets: load.budgets ?? {},
    users: [],
    sources: [
      {
        scenario: 'constant',
        stream: assertion,
        kind: 'paced',
        periodMs: 1000 / load.perSecond,
        slots: load.perSecond * load.seconds,
        durationMs: load.seconds * 1000,
      },
    ],
    script: {
      stream: assertion,
      url: load.url,
      timeoutMs,
      status: load.status ?? 200,
      contains: load.contains ?? '',
      options: { scenarios: { constant: scenario(load, timeoutMs) } },
    },
  };
}

function scenario(load: ConstantLoad, timeoutMs: number) {
  return {
    executor: 'constant-arrival-rate',
    rate: load.perSecond,
    timeUnit: '1s',
    duration: `${load.seconds}s`,
    preAllocatedVUs: load.users,
    maxVUs: load.users,
    gracefulStop: `${timeoutMs + 1000}ms`,
  };
}
