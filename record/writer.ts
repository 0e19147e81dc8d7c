import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { chainLine, chainStart } from './chain.ts';
import type { Entry } from './entries.ts';
import { partsOf, syncDirectory } from './parts.ts';
import { mended } from './survive.ts';

export const recordName = 'run.ndjson';
const reserveName = '.reserve';
const reserveBytes = 64 * 1024;

/** The disk that holds the record is full. What was written before stands; `noted` says whether the record itself tells so. */
export class RecordFull extends Error {
  readonly noted: boolean;
  constructor(noted: boolean) {
    super(
      noted
        ? 'the disk that holds the record is full; the record says so and ends here'
        : 'the disk that holds the record is full and not even that could be recorded',
    );
    this.name = 'RecordFull';
    this.noted = noted;
  }
}

export interface RecordWriter {
  /** Appends one entry; it is in the file when this returns. Throws `RecordFull`. */
  append(entry: Entry): void;
  /** Asks the disk to keep what was appended. */
  sync(): void;
  /** Bytes in the open part. */
  openBytes(): number;
  /** Closes the open part and begins another; where the closed one is, to be compressed. Throws `RecordFull`. */
  nextPart(): string;
  close(): void;
  readonly path: string;
}

interface Options {
  /** Milliseconds since the run began, for the entries the writer makes itself. */
  readonly now?: () => number;
  /** For tests of a disk that fills: stands in for `fs.writeSync`. */
  readonly write?: (descriptor: number, bytes: Buffer) => number;
}

/**
 * Starts a record in a new or empty directory. Some bytes are set aside at the start, so that a disk that fills later
 * still has room for the entry that says so.
 */
export function createRecord(directory: string, options: Options = {}): RecordWriter {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, recordName);
  const descriptor = openSync(path, 'ax', 0o600);
  writeFileSync(join(directory, reserveName), Buffer.alloc(reserveBytes, 1), { mode: 0o600 });
  return writer(directory, path, descriptor, chainStart, options);
}

/**
 * Goes on with a record that was left behind: a torn last line is cut off, an `ours` entry says what happened, and the
 * chain goes on from the last whole line.
 * @throws RecordError when nothing of it can be gone on with.
 */
export function resumeRecord(directory: string, options: Options = {}): RecordWriter {
  const path = join(directory, recordName);
  const { lastHash, torn } = mended(path);
  const descriptor = openSync(path, 'a', 0o600);
  setAside(directory);
  const resumed = writer(directory, path, descriptor, lastHash, options);
  const atMs = options.now?.() ?? 0;
  if (torn) {
    resumed.append({
      kind: 'ours',
      what: 'torn-line',
      fromMs: atMs,
      toMs: atMs,
      detail: `a torn last line of ${torn.bytes} bytes was cut off`,
      spoils: false,
    });
  }
  return resumed;
}

/** On a disk that is still full there is nothing to set aside; the next entry will tell. */
function setAside(directory: string): void {
  try {
    writeFileSync(join(directory, reserveName), Buffer.alloc(reserveBytes, 1), { mode: 0o600 });
  } catch (error) {
    if (!isFull(error)) throw error;
  }
}

function writer(
  directory: string,
  path: string,
  firstDescriptor: number,
  from: string,
  options: Options,
): RecordWriter {
  const reserve = join(directory, reserveName);
  const write = options.write ?? ((to: number, bytes: Buffer) => writeSync(to, bytes));
  let descriptor = firstDescriptor;
  let size = fstatSync(descriptor).size;
  let hash = from;
  let full = false;

  const put = (entry: Entry) => {
    const next = chainLine(hash, entry);
    const bytes = Buffer.from(`${next.line}\n`);
    writeWhole(bytes);
    hash = next.hash;
    size += bytes.length;
  };

  /** A short write on a filling disk must not leave half a line before the next one. */
  const writeWhole = (bytes: Buffer) => {
    let written = 0;
    try {
      while (written < bytes.length) written += write(descriptor, bytes.subarray(written));
    } catch (error) {
      if (written > 0) ftruncateSync(descriptor, size);
      throw error;
    }
  };

  /** Says that the disk is full, from the bytes set aside, and is full from now on. */
  const filled = (error: unknown): RecordFull => {
    if (!isFull(error)) throw error;
    full = true;
    return new RecordFull(noteFull(reserve, put, options.now?.() ?? 0));
  };

  return {
    path,
    append(entry) {
      if (full) throw new RecordFull(true);
      try {
        put(entry);
      } catch (error) {
        throw filled(error);
      }
    },
    sync: () => fsyncSync(descriptor),
    openBytes: () => size,
    nextPart() {
      fsyncSync(descriptor);
      const closed = `${path}.${nextNumber(path)}`;
      renameSync(path, closed);
      try {
        const opened = openSync(path, 'ax', 0o600);
        closeSync(descriptor);
        descriptor = opened;
        size = 0;
      } catch (error) {
        renameSync(closed, path);
        throw filled(error);
      }
      syncDirectory(directory);
      return closed;
    },
    close() {
      if (existsSync(reserve)) unlinkSync(reserve);
      fsyncSync(descriptor);
      closeSync(descriptor);
    },
  };
}

const nextNumber = (path: string): number => 1 + Math.max(0, ...partsOf(path).map(({ number }) => number ?? 0));

function noteFull(reserve: string, put: (entry: Entry) => void, atMs: number): boolean {
  try {
    if (existsSync(reserve)) unlinkSync(reserve);
    put({
      kind: 'ours',
      what: 'disk-full',
      fromMs: atMs,
      toMs: atMs,
      detail: 'the disk that holds the record is full',
      spoils: true,
    });
    return true;
  } catch {
    return false;
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
