import type { ReferenceHandle } from '../handle.ts';

/**
 * One file, one fault, named as one says it aloud; its default export is the fault. It plants itself into the running
 * reference deployment and lifts itself again without a restart of the whole.
 */
export interface Fault {
  readonly name: string;
  /** A sentence: what it plants. */
  readonly plants: string;
  /** Checks that must go red (fail). */
  readonly catches: readonly string[];
  /** Globs over check ids of checks that may go red as well. */
  readonly mayAlso: readonly string[];
  /** The profile it is judged under, where readiness has no value for the row it breaks. */
  readonly profile?: string;
  /** Seconds of load it takes to be proven; 75 unless said. One late answer in five takes a thousand samples to tell. */
  readonly loadSeconds?: number;
  /** Hours of soak in scaled time it takes to be proven; 10 unless said. */
  readonly soakHours?: number;
  plant(deployment: ReferenceHandle): Promise<void>;
  lift(deployment: ReferenceHandle): Promise<void>;
}
