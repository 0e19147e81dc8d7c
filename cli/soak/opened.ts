import type { Environment } from '../../environment/types.ts';
import type { RunClock } from '../../record/clock.ts';
import type { Entry, OursWhat, RunEntry, SoakPlan } from '../../record/entries.ts';
import type { Survived } from '../../record/survive.ts';
import type { RecordWriter } from '../../record/writer.ts';
import type { Progress } from '../run/progress.ts';
import type { Selection } from '../run/select.ts';
import type { Stop } from '../run/stop.ts';
import type { Continuous } from './continuous.ts';
import type { Lock } from './lock.ts';
import type { SoakRecording } from './recording.ts';

export interface SoakOptions {
  readonly environment: Environment;
  readonly profile: string;
  readonly selection: Selection;
  readonly plan: SoakPlan;
  /** This process ends after so long, real ms, and leaves the rest to another; null: it does not. */
  readonly segmentMs: number | null;
  readonly users: number;
  /** Of the soak, unscaled. */
  readonly socketLimitMs: number;
  readonly earlyStop: boolean;
  /** With `earlyStop`: not before each of these has failed; the first failure settles it unless said. */
  readonly awaited?: readonly string[];
  readonly progress: Progress;
  readonly out?: string;
  /** A directory with a record to go on with. */
  readonly resume?: string;
  /** For tests: parts are closed at this size. */
  readonly partBytes?: number;
}

/** A run whose directory is ours. */
export interface Opened {
  readonly directory: string;
  readonly lock: Lock;
  readonly clock: RunClock;
  readonly run: RunEntry;
  readonly before: Survived | null;
  readonly steppedBackMs: number;
  readonly writer: RecordWriter;
}

/** A run that is being recorded and judged. */
export interface Working {
  readonly recording: SoakRecording;
  readonly judge: Continuous;
  readonly stop: Stop;
}

/** Of every name the run gives. */
export const scopeOf = (run: RunEntry): string => `sd-${run.id.slice(-4)}`;

export function ours(what: OursWhat, fromMs: number, toMs: number, detail: string, spoils: boolean): Entry {
  return { kind: 'ours', what, fromMs: Math.round(fromMs), toMs: Math.round(toMs), detail, spoils };
}
