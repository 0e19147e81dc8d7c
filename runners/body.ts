import type { Environment } from '../environment/types.ts';
import type { Severity } from '../record/entries.ts';

/** How a body says what happened. It never says whether that is good; only `verdict/` does. */
export interface Recorder {
  /** Milliseconds since the run began, on the run's clock. */
  now(): number;
  /** A functional observation that was as promised. */
  holds(assertion: string, seen?: Seen): void;
  /** A functional observation, or an attempt at a timed one, that broke the promise. `because` completes "failed because …". */
  breaks(assertion: string, because: string, seen?: Seen & { readonly tookMs?: number }): void;
  /** A timed probe that was answered rightly. */
  took(assertion: string, timing: { readonly dueMs?: number; readonly startMs: number; readonly tookMs: number }): void;
  /** A measured quantity that is not a duration. */
  value(assertion: string, value: number, unit: string, seen?: Seen): void;
  /** Many touches of one kind over a stretch of time, of which some came to nothing: packets, not requests. */
  counted(assertion: string, count: Counted): void;
  /** Access that turned out not to be granted: the whole check, or one assertion, is not verified. */
  unmet(needs: string, assertion?: string): void;
  finding(finding: {
    readonly severity: Severity;
    readonly where: string;
    readonly what: string;
    readonly reproduce?: string;
    readonly fix?: string;
    readonly asvs?: readonly string[];
    readonly rule?: string;
  }): void;
  /** Worth showing, judged by nothing. */
  note(what: string, detail: string): void;
  /** Something that had to be left behind. */
  residue(what: string, id: string, why: string): void;
  /** The evidence is about us (tool missing, generator starved): the check is invalid. */
  ours(what: 'generator-starved' | 'late' | 'tool-missing' | 'budget' | 'egress-refused', detail: string): void;
}

export interface Counted {
  readonly fromMs: number;
  readonly toMs: number;
  readonly good: number;
  /** cause → how many. */
  readonly lost: Readonly<Record<string, number>>;
}

export interface Seen {
  readonly startMs?: number;
  readonly expected?: string;
  readonly observed?: string;
  /** Which cell of a census this is. */
  readonly cell?: string;
}

export interface BodyContext extends Recorder {
  readonly check: string;
  readonly environment: Environment;
  /** Aborted when the body's time is up or the run is being stopped. */
  readonly signal: AbortSignal;
  /** Short, unique in this run, safe in names of tenants, users, rooms and keys: `sd-1a2b3c`. */
  readonly scope: string;
  /** Runs at the end of the body, also when it failed; what it cannot remove it reports as residue. */
  cleanup(undo: () => Promise<void>): void;
  /** Says that a text made by this run must stand in no file: a password, a session token. */
  secret(value: string): void;
}

/**
 * One file a check, `suites/SUITE/NAME.ts`, whose default export is the body. A probe that fails is a measurement
 * (`breaks`), not an exception: an exception is our own mistake and makes the check invalid.
 */
export type Body = (context: BodyContext) => Promise<void>;
