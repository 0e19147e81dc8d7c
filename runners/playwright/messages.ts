import type { Environment } from '../../environment/types.ts';
import type { Entry } from '../../record/entries.ts';
import type { CheckWord, PlannedCheck } from '../vitest/messages.ts';

/** What the browser runner is asked to do; handed over the wire, because the environment holds secrets. */
export interface JourneyOrder {
  /** hrtime of the run's start, so that all processes measure on one time axis. */
  readonly origin: string;
  readonly scope: string;
  readonly environment: Environment;
  readonly checks: readonly PlannedCheck[];
  /** The browser; null where none is installed. */
  readonly chromium: string | null;
  /** SHA-256 of the public keys (base64) of certificates that were verified against the environment's own authority. */
  readonly trustedKeys: readonly string[];
}

export type FromRunner =
  | { readonly type: 'hello'; readonly from: 'worker' | 'reporter' | 'loader' }
  | { readonly type: 'entry'; readonly entry: Entry }
  | { readonly type: 'started'; readonly check: string; readonly attempt: number }
  | {
      readonly type: 'finished';
      readonly check: string;
      readonly attempt: number;
      readonly word: CheckWord;
      readonly tookMs: number;
      /** Requests sent by this process so far. */
      readonly spent: number;
    }
  /** Something this run made that must stand in no file: a password, a session. */
  | { readonly type: 'secret'; readonly value: string }
  | { readonly type: 'evidence'; readonly check: string; readonly attempt: number; readonly files: readonly Evidence[] }
  | { readonly type: 'trouble'; readonly detail: string }
  | { readonly type: 'sync'; readonly id: number };

export type ToRunner =
  | { readonly type: 'order'; readonly order: JourneyOrder }
  | { readonly type: 'synced'; readonly id: number }
  | { readonly type: 'stop' };

export interface Evidence {
  readonly what: 'trace' | 'screenshot' | 'console';
  readonly path: string;
}
