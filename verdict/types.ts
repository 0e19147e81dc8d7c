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
  readonly findings: readonly Omit<FindingEntry, 'kind'>[];
  readonly residue: readonly Omit<ResidueEntry, 'kind'>[];
  readonly ours: readonly Omit<OursEntry, 'kind'>[];
  readonly notes: readonly Omit<NoteEntry, 'kind'>[];
}
