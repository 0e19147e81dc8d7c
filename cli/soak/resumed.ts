import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeLeftovers } from '../../platform/leftovers.ts';
import { partsOf } from '../../record/parts.ts';
import { RecordError } from '../../record/reader.ts';
import { type Survived, surviving } from '../../record/survive.ts';
import { recordName } from '../../record/writer.ts';
import { UsageError } from '../errors.ts';
import { killFile } from '../run/stop.ts';
import { type Opened, ours, type SoakOptions, scopeOf } from './opened.ts';
import type { SoakRecording } from './recording.ts';

/** The stretch in which nobody watched, and what ended the process before. */
export function tellResumed({ before, clock, lock, steppedBackMs }: Opened, recording: SoakRecording): void {
  const { lastMs, torn } = before!;
  const nowMs = clock.now();
  const away = `${((nowMs - lastMs) / 1000).toFixed(1)} s`;
  const how = lock.stale === null ? 'the process before had ended in good order' : lock.stale;
  if (lock.stale !== null) recording.emit(ours('killed', lastMs, nowMs, lock.stale, false));
  if (steppedBackMs > 0) {
    const detail = `the wall clock is ${Math.round(steppedBackMs)} ms behind the record`;
    recording.emit(ours('clock-jump', nowMs, nowMs, detail, false));
  }
  recording.emit(ours('gap', lastMs, nowMs, `nobody watched for ${away}`, false));
  recording.emit(ours('resumed', nowMs, nowMs, `${how}${torn ? '; its last line was torn' : ''}`, false));
}

/** What a process that was killed had made is still there. */
export async function clearUp(
  { environment }: SoakOptions,
  { run, lock }: Opened,
  recording: SoakRecording,
): Promise<void> {
  if (lock.stale === null) return;
  const scope = scopeOf(run);
  const why = await removeLeftovers(environment, scope);
  if (why !== null)
    recording.emit({ kind: 'residue', what: 'users and tenants of a killed process', id: `${scope}-*`, why });
}

/**
 * Whoever goes on has changed their mind about an earlier STOP.
 * @throws UsageError when there is no record to go on with.
 */
export function refuseNothing(directory: string): void {
  rmSync(join(directory, killFile), { force: true });
  if (partsOf(join(directory, recordName)).length === 0)
    throw new UsageError(`--resume: expected a directory with a soak in it, found no ${recordName} in ${directory}`);
}

/** @throws UsageError when there is nothing to go on with, or it is of another deployment. */
export function survivedIn(directory: string, { environment, profile }: SoakOptions): Survived {
  let survived: Survived;
  try {
    survived = surviving(join(directory, recordName));
  } catch (error) {
    if (error instanceof RecordError) throw new UsageError(`${directory}: ${error.message}`);
    throw error;
  }
  const { run, ended } = survived;
  if (!run.soak)
    throw new UsageError(`${directory}: expected the record of a soak, found one of ${run.suites.join(', ')}`);
  if (ended) throw new UsageError(`${directory}: this soak is complete; "shakedown report" writes its reports again`);
  if (run.environment !== environment.name)
    throw new UsageError(`${directory}: expected a soak of "${environment.name}", found one of "${run.environment}"`);
  if (run.profile !== profile)
    throw new UsageError(`${directory}: expected profile ${run.profile}, as the soak began, found ${profile}`);
  return survived;
}
