import type { FindingEntry, NoteEntry, OursEntry, ResidueEntry } from '../record/entries.ts';

/** Worst first; the one list of `docs/design`: everything after `not-verified` exits 0. */
export const statuses = [
  'fail',
  'invalid',
  'undecided',
  'not-verified',
  'pass',
  'waived',
  'excluded',
  'shown',
] as const;
export type Status = (typeof statuses)[number];

export interface Distribution {
  readonly unit: string;
  /** Ascending, non-overlapping: `count` values in [from, to). */
  readonly buckets: readonly { readonly from: number; readonly to: number; readonly count: number }[];
  /** Never answered: slower than every bucket. */
  readonly lost: number;
  readonly quantiles: Readonly<Record<'p50' | 'p90' | 'p95' | 'p99' | 'max', number | null>>;
  /** What the samples are held against, and the interval of the judged quantile in the same unit where one can be given. */
  readonly limit?: number;
  readonly interval?: readonly [number | null, number | null];
}

export interface AssertionVerdict {
  readonly name: string;
  readonly target?: string;
  /** `P95`, `median`, `proportion`, `census`, `exact`, `functional`. */
  readonly statistic: string;
  readonly status: Status;
  readonly expected: string;
  readonly observed: string;
  readonly samples: number;
  /** The deciding interval of the judged share or value, as text is never needed to read it: [low, high] in `intervalUnit`. */
  readonly interval: readonly [number, number] | null;
  readonly intervalUnit?: string;
  /** One sentence, on every row. */
  readonly why: string;
  readonly needs?: string;
  readonly distribution?: Distribution;
}

export interface CheckVerdict {
  readonly id: string;
  readonly claim: string;
  readonly status: Status;
  /** What it would be without the waiver. */
  readonly without?: Status;
  readonly waiver?: {
    readonly reason: string;
    readonly owner: string;
    readonly until: string;
    readonly expired: boolean;
  };
  readonly assertions: readonly AssertionVerdict[];
}

/** What a soak looked like: data for pictures, times in hours of the soak. */
export interface SoakReport {
  /** 1: a second was a second. */
  readonly timeScale: number;
  readonly plannedHours: number | null;
  readonly hours: number;
  readonly coveredHours: number;
  /** How often a healthy soak of so many series calls any of them. */
  readonly family: { readonly series: number; readonly atMost: number; readonly why: string };
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly detail: string }[];
  readonly outages: readonly { readonly from: number; readonly to: number | null; readonly because: string }[];
  readonly events: readonly SoakEvent[];
  readonly series: readonly SoakSeries[];
  readonly latency: readonly SoakStream[];
}

export interface SoakEvent {
  /** `restart`, `deploy`, `critical`, `disconnect`, `notified`, `threshold`. */
  readonly what: string;
  readonly service: string;
  readonly at: number;
  readonly detail: string;
}

export interface SoakSeries {
  readonly series: string;
  readonly name: string;
  readonly service: string;
  readonly unit: string;
  /** The check that judges it; null: only shown. */
  readonly check: string | null;
  readonly kind: string;
  /** `[hour, lowest, highest]` of each stretch; `stretchHours` apart unless something is missing. */
  readonly points: readonly (readonly [number, number, number])[];
  readonly stretchHours: number;
  readonly limit?: number;
  readonly limitFrom?: string;
  /** A line through what rises, and where it ends. */
  readonly rise?: {
    readonly slopePerHour: number;
    readonly band: readonly [number, number];
    readonly since: number;
    /** Hours from the end of the soak, soonest and latest; absent without a limit, null: never. */
    readonly exhaustedIn?: readonly [number | null, number | null, number | null];
  };
}

export interface SoakStream {
  readonly name: string;
  readonly limitMs: number | null;
  readonly drift: string;
  readonly hours: readonly {
    readonly hour: number;
    readonly n: number;
    readonly p95Ms: number | null;
    readonly share: number | null;
    readonly status: 'held' | 'broken' | 'undecided';
  }[];
}

export interface Report {
  readonly schema: string;
  readonly run: string;
  readonly verdict: Status;
  /** One line: verdict, counts of waived and excluded, partial, suites not built or skipped. */
  readonly headline: string;
  readonly exitCode: 0 | 1 | 2 | 3;
  readonly partial: boolean;
  readonly profile: string;
  readonly environment: string;
  readonly revision: string | null;
  readonly suites: readonly string[];
  readonly notBuilt: readonly string[];
  readonly skipped: readonly { readonly suite: string; readonly why: string }[];
  readonly startedAt: string;
  readonly tookMs: number;
  readonly complete: boolean;
  readonly harness: string;
  readonly counts: Readonly<Record<Status, number>>;
  readonly checks: readonly CheckVerdict[];
  readonly soak?: SoakReport;
  readonly findings: readonly Omit<FindingEntry, 'kind'>[];
  readonly residue: readonly Omit<ResidueEntry, 'kind'>[];
  readonly ours: readonly Omit<OursEntry, 'kind'>[];
  readonly notes: readonly Omit<NoteEntry, 'kind'>[];
}
