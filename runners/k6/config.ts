/** What our k6 is told through a pipe; the Go side of it is `tools/k6/config.go`. */
export interface K6Config {
  /** host, host:port or *.domain; nothing else is contacted. */
  readonly allow: readonly string[];
  readonly sources: readonly K6Source[];
  /** The stream on which every operation counts as right or lost. */
  readonly errors: string;
  /** Counter → most that may be spent; the run stops before the first beyond it. */
  readonly budgets: Readonly<Record<string, number>>;
  /** Given to the script as it stands. */
  readonly script: unknown;
  /** One by one to the script, so that not every virtual user holds them all. */
  readonly users: readonly unknown[];
}

/** What a scenario is asked to send, so that what was not sent can be counted. */
export interface K6Source {
  readonly scenario: string;
  /** The assertion its arrivals are counted on. */
  readonly stream: string;
  /** paced: an iteration sends once. journey: an iteration is a user's visit. scripted: the script keeps the slots. */
  readonly kind: 'paced' | 'journey' | 'scripted';
  readonly periodMs: number;
  /** How long after its scenario's start the first slot is due; 0 unless said. */
  readonly offsetMs?: number;
  readonly slots: number;
  readonly durationMs: number;
}

/** k6's own scenario, as its options take it. */
export type K6Scenario = Readonly<Record<string, unknown>>;
