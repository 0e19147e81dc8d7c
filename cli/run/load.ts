import type { Environment } from '../../environment/types.ts';
import type { RunClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import type { Check } from '../../suites/check.ts';
import type { Progress } from './progress.ts';

export interface LoadRun {
  readonly checks: readonly Check[];
  readonly environment: Environment;
  readonly clock: RunClock;
  readonly scope: string;
  readonly signal: AbortSignal;
  readonly seconds?: number;
  readonly progress: Progress;
  emit(entry: Entry): void;
}

export async function runLoad(_run: LoadRun): Promise<void> {}
