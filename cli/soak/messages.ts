import type { Entry } from '../../record/entries.ts';
import type { Status } from '../../verdict/types.ts';

/** What the judge's thread is started with. */
export interface JudgeStart {
  readonly profile: string;
  /** The record to read first, up to the line with this hash; null: it is new. */
  readonly before: { readonly path: string; readonly lastHash: string } | null;
}

export type ToJudge = { readonly type: 'entries'; readonly entries: readonly Entry[] } | { readonly type: 'look' };

export interface Standing {
  readonly check: string;
  readonly status: Status;
  readonly why: string;
}

export type FromJudge =
  | { readonly type: 'caught-up'; readonly tookMs: number }
  | { readonly type: 'seen'; readonly standings: readonly Standing[]; readonly tookMs: number }
  | { readonly type: 'failed'; readonly because: string };
