import type { Environment } from '../../environment/types.ts';
import type { Entry } from '../../record/entries.ts';

/** One value of a series, as a watcher saw it; the engine adds the time unless the source names a better one. */
export interface Sample {
  readonly series: string;
  /** UCUM: `By`, `1`, `%`, `s`. */
  readonly unit: string;
  /** `service`: whose it is. `instance`: which copy. `life`: changes with a restart. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds of the run's clock; of a source that is told late (cloud monitoring), when the value was taken. */
  readonly atMs?: number;
}

/** One thing that is looked at as long as the soak lasts. Whatever it opened it closes in `close`. */
export interface Watcher {
  readonly name: string;
  /** How often, in ms of the soak (the engine divides by its time scale); a look that is not over when the next is due is skipped, never doubled. */
  readonly everyMs: number;
  /** A source that does not answer is an exception with a sentence: the engine records it, and the series has a gap there. */
  sample(signal: AbortSignal): Promise<readonly Sample[]>;
  close?(): Promise<void>;
}

/** What a watcher may know of the soak it belongs to. */
export interface Watching {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Milliseconds since the run began, on the run's own clock, unscaled. */
  now(): number;
  /** How many milliseconds of the soak one of the run's clock stands for; 1 but in tests. */
  readonly timeScale: number;
  /** Facts that are no samples: findings, notes, access that turns out not to be granted. Already redacted by the recorder. */
  emit(entry: Entry): void;
}

/** The watchers of a deployment: those whose access is granted; what is not granted has been said by the plan. */
export type WatchersFor = (watching: Watching) => readonly Watcher[];
