/**
 * The record: facts only, one JSON object a line, append only. `record.schema.json` is the contract, this is its type.
 * Times are milliseconds since `run.startedAt` on one monotonic clock. Nothing here says whether a fact is good.
 */

export interface RunEntry {
  readonly kind: 'run';
  readonly schema: string;
  readonly id: string;
  readonly environment: string;
  /** `disposable`, `staging` or `production`, as the environment file says. */
  readonly environmentKind?: string;
  readonly revision?: string;
  readonly profile: string;
  readonly suites: readonly string[];
  /** Suites that were asked for and have no built check yet. */
  readonly notBuilt?: readonly string[];
  readonly partial: boolean;
  /** This run looked at one part of the checks; `merge` joins the parts. */
  readonly shard?: { readonly index: number; readonly of: number };
  /** How many checks there are in the suites asked for, planned or not ("12 of 161 checks"). */
  readonly of?: number;
  readonly harness: string;
  readonly startedAt: string;
  /** Present in a merged record: the last hashes of the records it was made from. */
  readonly mergedFrom?: readonly string[];
  /** Present in the record of a soak. */
  readonly soak?: SoakPlan;
}

/** How long a soak was to take, and what a second of it stands for. */
export interface SoakPlan {
  /** On the run's own clock, unscaled. */
  readonly plannedMs: number;
  /** 1: a second is a second. 600: a second stands for ten minutes; declared, and no proof of 48 h. */
  readonly timeScale: number;
  /** An availability probe is due this often, on the run's own clock. */
  readonly slotMs: number;
  /** The load follows the rhythm of a day. */
  readonly daily?: boolean;
}

/**
 * What was promised to be looked at. Carries the claim and the target of each assertion, so that a record can be judged
 * and rendered years later without the table of checks it was planned from.
 */
export interface PlanEntry {
  readonly kind: 'plan';
  readonly check: string;
  readonly claim?: string;
  readonly assertions: readonly string[];
  /** assertion → target row (`T-health`); an assertion that is not named here is functional. */
  readonly targets?: Readonly<Record<string, string>>;
  /** assertion → names of the cells of its census; a cell without a measurement is not a pass. */
  readonly cells?: Readonly<Record<string, readonly string[]>>;
  /** assertion → fewest good measurements a functional assertion needs; 1 unless said. */
  readonly atLeast?: Readonly<Record<string, number>>;
  /** assertion → the source that is to tell of it, by the name of its watcher (`metrics api`); one that never does leaves it undecided. */
  readonly sources?: Readonly<Record<string, string>>;
}

export interface ExcludedEntry {
  readonly kind: 'excluded';
  readonly check: string;
  readonly why: string;
}

/** Access that was not granted, or a check with no body yet: the check (or one assertion) is not verified and says what it needs. */
export interface UnmetEntry {
  readonly kind: 'unmet';
  readonly check: string;
  readonly assertion?: string;
  readonly needs: string;
}

export interface WaiverEntry {
  readonly kind: 'waiver';
  readonly check: string;
  readonly reason: string;
  readonly owner: string;
  /** ISO date or date-time; at or after it the waiver counts for nothing. */
  readonly until: string;
}

interface MeasurementBase {
  readonly kind: 'measurement';
  readonly check: string;
  readonly assertion: string;
  /** When it ought to have started, which is not always when it did. */
  readonly dueMs?: number;
  readonly startMs: number;
  /** The cell of a census this belongs to. */
  readonly cell?: string;
  /** What was hoped for and what was found, for people; already redacted. */
  readonly expected?: string;
  readonly observed?: string;
}

/** `tookMs` counts from `startMs`; the latency from the due time is `startMs - dueMs + tookMs`. */
export type MeasurementEntry =
  | (MeasurementBase & {
      readonly ok: true;
      readonly tookMs?: number;
      /** A measured quantity that is not a duration, with its unit (`By`, `1`, `%`). */
      readonly value?: number;
      readonly unit?: string;
    })
  | (MeasurementBase & { readonly ok: false; readonly because: string; readonly tookMs?: number });

/**
 * Many measurements of one stream folded over a stretch of time: 1 s under load, at most 10 s in a soak.
 * Arrivals belong to the window of their due time. n = answered (histogram total, or `good`) + lost.
 */
export interface WindowEntry {
  readonly kind: 'window';
  readonly check: string;
  readonly assertion: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** HdrHistogram V2 (compressed, base64), µs from the due time, 3 significant digits. Absent for a pure proportion. */
  readonly histogram?: string;
  /** The same answers counted from when they were really sent; present where lateness was over 1 ms. */
  readonly sentHistogram?: string;
  /** Without a histogram: how many were right. */
  readonly good?: number;
  /** cause → how many never got a (right) answer; lost is slower than everything. `waiting`: not sent because every user waited for the deployment. */
  readonly lost?: Readonly<Record<string, number>>;
  /** How many arrivals were due in this window and not sent for our own cause. */
  readonly unsent?: number;
  readonly late?: { readonly p99Ms: number; readonly maxMs?: number };
}

/**
 * One value of a series. Of the labels `service` says whose it is, `instance` which copy of it, and `from` who told, where
 * several do; `life` changes with every restart, and what is measured in one life is not compared with another. All other labels tell series apart.
 */
export interface SampleEntry {
  readonly kind: 'sample';
  readonly series: string;
  readonly unit: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly atMs: number;
  readonly value: number;
}

/** What bounds a series, said when it is first seen and whenever it changes; `labels` without `life`. */
export interface LimitEntry {
  readonly kind: 'limit';
  readonly series: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly atMs: number;
  readonly value: number;
  /** Where it was read, for people: `max_connections`, `container limit`. */
  readonly from: string;
}

/**
 * Something that happened while a soak watched. `deploy`: another revision answers. `critical`: a log line that no healthy
 * service writes. `disconnect`: a connection that was closed and ought not to have been. `notified`: the deployment's own
 * alerting told of `rule`; `resolved`: it told that it is over.
 */
export interface EventEntry {
  readonly kind: 'event';
  readonly what: 'deploy' | 'critical' | 'disconnect' | 'notified' | 'resolved';
  readonly service: string;
  readonly atMs: number;
  readonly detail: string;
  /** How many alike it stands for; 1 unless said. */
  readonly count?: number;
  /** Of `notified` and `resolved`: the threshold, as the judge names it (`redis.memory`). */
  readonly rule?: string;
  /** Of `notified`: the alert goes on until it is `resolved`; otherwise it is told as a moment. */
  readonly lasts?: true;
}

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';

export interface FindingEntry {
  readonly kind: 'finding';
  readonly check: string;
  readonly severity: Severity;
  readonly where: string;
  readonly what: string;
  readonly reproduce?: string;
  readonly fix?: string;
  readonly asvs?: readonly string[];
  /** Which kind of weakness it is, where a check knows several; names the rule in SARIF. */
  readonly rule?: string;
}

export type OursWhat =
  | 'generator-starved'
  | 'late'
  | 'killed'
  | 'interrupted'
  | 'resumed'
  | 'gap'
  | 'tool-missing'
  | 'clock-jump'
  | 'disk-full'
  | 'budget'
  | 'egress-refused'
  | 'check-crashed'
  | 'torn-line';

/** Evidence about us. With `check` it concerns that check only, otherwise every measurement in its stretch of time. */
export interface OursEntry {
  readonly kind: 'ours';
  readonly what: OursWhat;
  readonly check?: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly detail: string;
  /**
   * true: the evidence is spoilt (invalid). false: worth knowing (a resumed run, a torn line), spoils nothing by itself.
   * Without it the kind of trouble decides (`spoilsByItself`).
   */
  readonly spoils?: boolean;
}

/** A run that was cut off, resumed or refused an address has gaps or notes; what it measured stands. */
const harmless: ReadonlySet<OursWhat> = new Set([
  'killed',
  'interrupted',
  'resumed',
  'gap',
  'egress-refused',
  'torn-line',
]);

export const spoilsByItself = (what: OursWhat): boolean => !harmless.has(what);

export interface ResidueEntry {
  readonly kind: 'residue';
  readonly what: string;
  readonly id: string;
  readonly why: string;
}

/** A suite that was not run, although asked for: its checks are planned and stay undecided. */
export interface SkippedEntry {
  readonly kind: 'skipped';
  readonly suite: string;
  readonly why: string;
}

/** A fact worth showing that nothing is judged by: a relaxed floor, a raw size beside a compressed one, a look that failed. */
export interface NoteEntry {
  readonly kind: 'note';
  readonly check?: string;
  readonly what: string;
  readonly detail: string;
  /** A file of the run's directory that shows it: a trace, a picture. */
  readonly file?: string;
  /** The source that could not be looked at (`metrics api`): why a row that stands on it has nothing, or not enough. */
  readonly unseen?: string;
}

export interface EndEntry {
  readonly kind: 'end';
  readonly atMs?: number;
}

export type Entry =
  | RunEntry
  | PlanEntry
  | ExcludedEntry
  | UnmetEntry
  | WaiverEntry
  | MeasurementEntry
  | WindowEntry
  | SampleEntry
  | LimitEntry
  | EventEntry
  | FindingEntry
  | OursEntry
  | ResidueEntry
  | SkippedEntry
  | NoteEntry
  | EndEntry;

export const schemaVersion = '1.1';
