import type { RunClock } from '../../record/clock.ts';
import type { Entry } from '../../record/entries.ts';
import { createRecord, RecordFull, type RecordWriter } from '../../record/writer.ts';
import { UsageError } from '../errors.ts';

export interface Recording {
  /** Appends one entry; once the disk is full further entries are dropped and the run is stopped through `onFull`. */
  emit(entry: Entry): void;
  /** Everything recorded so far, as recorded. */
  readonly entries: readonly Entry[];
  /** Why recording had to end early, or null. */
  full(): RecordFull | null;
  close(): void;
}

const syncEveryMs = 10_000;

/** Opens the record of a run. @throws UsageError when the output directory cannot be written. */
export function startRecording(
  directory: string,
  clock: RunClock,
  redact: (entry: Entry) => Entry,
  onFull: (why: RecordFull) => void,
): Recording {
  const writer = createOrRefuse(directory, clock.now);
  const entries: Entry[] = [];
  let full: RecordFull | null = null;
  const timer = setInterval(() => writer.sync(), syncEveryMs);
  timer.unref();
  return {
    entries,
    full: () => full,
    emit(entry) {
      if (full) return;
      try {
        const clean = redact(entry);
        writer.append(clean);
        entries.push(clean);
      } catch (error) {
        if (!(error instanceof RecordFull)) throw error;
        full = error;
        onFull(error);
      }
    },
    close() {
      clearInterval(timer);
      writer.close();
    },
  };
}

/** @throws UsageError when the directory holds a run already, or cannot be written. */
export function createOrRefuse(directory: string, now: () => number): RecordWriter {
  try {
    return createRecord(directory, { now });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EEXIST')
      throw new UsageError(
        `${directory}: expected a directory without a run in it, found run.ndjson; name another with --out`,
      );
    throw new UsageError(
      `${directory}: expected a directory that can be written, found ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
