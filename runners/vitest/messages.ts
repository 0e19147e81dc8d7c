import type { Environment } from '../../environment/types.ts';
import type { Entry } from '../../record/entries.ts';

/** What a runner is asked to run: enough of a check to run its body, nothing to judge it by. */
export interface PlannedCheck {
  readonly id: string;
  readonly suite: string;
  readonly assertions: readonly string[];
  readonly timeoutMs: number;
}

/** Handed to the worker when it starts; plain data. */
export interface WorkerOrder {
  readonly channel: string;
  readonly origin: string;
  readonly scope: string;
  readonly environment: Environment;
  readonly checks: readonly PlannedCheck[];
}

export type FromWorker =
  | { readonly type: 'entry'; readonly entry: Entry }
  | { readonly type: 'started'; readonly check: string }
  | {
      readonly type: 'finished';
      readonly check: string;
      readonly word: CheckWord;
      readonly tookMs: number /** Requests sent by this worker so far. */;
      readonly spent: number;
    }
  | { readonly type: 'sync'; readonly id: number };

export type ToWorker = { readonly type: 'synced'; readonly id: number } | { readonly type: 'stop' };

/** A provisional word for the progress line; the verdict comes later and from the record alone. */
export type CheckWord = 'ok' | 'broke' | 'unmet' | 'crashed' | 'stopped';

declare module 'vitest' {
  interface ProvidedContext {
    order: WorkerOrder;
  }
}
