import type { Entry } from '../../record/entries.ts';
import { compressPart, leftovers } from '../../record/parts.ts';
import { RecordFull, type RecordWriter } from '../../record/writer.ts';

/** The record of a soak while it is written. Nothing of it is kept in memory. */
export interface SoakRecording {
  emit(entry: Entry): void;
  full(): RecordFull | null;
  close(): Promise<void>;
}

interface Options {
  readonly redact: (entry: Entry) => Entry;
  /** Every entry that is in the file. */
  readonly onEntry: (entry: Entry) => void;
  readonly onFull: (why: RecordFull) => void;
  /** Every ten seconds, after the disk was asked to keep what there is. */
  readonly onSync: () => void;
  /** Parts may be closed and compressed: nobody reads the record from its beginning now. */
  readonly mayClose: () => boolean;
  readonly partBytes?: number;
}

const syncEveryMs = 10_000;
const defaultPartBytes = 4 * 1024 * 1024;

/** Writes through the given writer: synchronised every ten seconds, closed parts compressed one at a time. */
export function recordSoak(writer: RecordWriter, options: Options): SoakRecording {
  const partBytes = options.partBytes ?? defaultPartBytes;
  let full: RecordFull | null = null;
  let packing = packAll(leftovers(writer.path));

  const filled = (error: unknown) => {
    if (!(error instanceof RecordFull)) throw error;
    full = error;
    options.onFull(error);
  };
  const nextPart = () => {
    try {
      const closed = writer.nextPart();
      packing = packing.then(() => packAll([closed]));
    } catch (error) {
      filled(error);
    }
  };
  const timer = setInterval(() => {
    if (!full) writer.sync();
    options.onSync();
  }, syncEveryMs);
  timer.unref();

  return {
    full: () => full,
    emit(entry) {
      if (full) return;
      try {
        const clean = options.redact(entry);
        writer.append(clean);
        options.onEntry(clean);
      } catch (error) {
        filled(error);
        return;
      }
      if (writer.openBytes() > partBytes && options.mayClose()) nextPart();
    },
    async close() {
      clearInterval(timer);
      await packing;
      writer.close();
    },
  };
}

/** A part that cannot be compressed, for want of room, stays as it is: the record reads the same. */
async function packAll(parts: readonly string[]): Promise<void> {
  for (const part of parts) await compressPart(part).catch(() => undefined);
}
