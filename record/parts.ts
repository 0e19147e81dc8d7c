import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { constants, gunzipSync, gzip } from 'node:zlib';
import { RecordError } from './errors.ts';

/**
 * A long record is kept in parts: `run.ndjson.1.gz`, `run.ndjson.2.gz`, … are closed, `run.ndjson` is being written. The
 * chain of hashes runs through all of them. `run.ndjson.3` without an ending is closed and not compressed yet.
 */
export interface Part {
  readonly path: string;
  /** null: the open one. */
  readonly number: number | null;
  readonly compressed: boolean;
}

/** The parts of a record in order, the open one last; empty when there is nothing at all. */
export function partsOf(record: string): Part[] {
  const closed = new Map<number, Part>();
  for (const name of namesBeside(record)) {
    const match = name.startsWith(`${basename(record)}.`) && partName.exec(name.slice(basename(record).length));
    if (!match) continue;
    const number = Number(match[1]);
    const part = { path: join(dirname(record), name), number, compressed: match[2] !== undefined };
    // Both are there when we were ended between compressing one and removing the other; they hold the same.
    if (!part.compressed || !closed.has(number)) closed.set(number, part);
  }
  const open = existsSync(record) ? [{ path: record, number: null, compressed: false }] : [];
  return [...[...closed.values()].sort((a, b) => a.number! - b.number!), ...open];
}

const partName = /^\.(\d+)(\.gz)?$/;
const unfinished = /^\.\d+\.gz\.tmp$/;

function namesBeside(record: string): string[] {
  try {
    return readdirSync(dirname(record));
  } catch {
    return [];
  }
}

/** The first number that is missing before the last part; null when none is. */
export function missingPart(parts: readonly Part[]): number | null {
  const closed = parts.filter(({ number }) => number !== null);
  const at = closed.findIndex(({ number }, index) => number !== index + 1);
  return at < 0 ? null : at + 1;
}

/**
 * Unpacks a closed part. One that was cut off gives what can still be read of it.
 * @throws RecordError when it is damaged otherwise.
 */
export function unpack(path: string): { readonly bytes: Buffer; readonly cut: boolean } {
  try {
    const packed = readFileSync(path);
    const found = unpacked(packed);
    release(packed);
    return found;
  } catch (error) {
    throw new RecordError(1, `${path} is damaged: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function unpacked(packed: Buffer): { readonly bytes: Buffer; readonly cut: boolean } {
  const chunkSize = sizeOf(packed);
  try {
    return { bytes: gunzipSync(packed, { chunkSize }), cut: false };
  } catch (error) {
    if (!isCut(error)) throw error;
  }
  try {
    return { bytes: gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }), cut: true };
  } catch (error) {
    // Cut within the header: nothing of it was ever readable.
    if (isCut(error)) return { bytes: Buffer.alloc(0), cut: true };
    throw error;
  }
}

const smallestChunk = 1 << 14;
const largestChunk = 1 << 24;
/** No more than this becomes of a byte of a record; if it ever does, it takes a second piece. */
const mostUnpacked = 64;

/**
 * Unpacking into one piece of the right size takes half the time of many small ones put together. The last four bytes say
 * how much it is (RFC 1952); of a part that was cut off they say anything: without a bound to it, each of a thousand small
 * parts that are read in one process leaves sixteen megabytes to the collector, until no further process can be started.
 */
function sizeOf(packed: Buffer): number {
  const size = packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
  return Math.max(smallestChunk, Math.min(largestChunk, mostUnpacked * packed.length, size + 1));
}

const isCut = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'Z_BUF_ERROR' || error.code === 'ERR_BUFFER_TOO_SMALL');

/**
 * Gives the memory of a part back at once. Left to the collector, sixty megabytes of parts that were read lie about before
 * it looks; small buffers share theirs with others and are left to it.
 */
export function release({ buffer }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}

/** Compresses a closed part. At any moment one whole copy of it is on the disk. */
export async function compressPart(path: string): Promise<void> {
  const packed = await promisify(gzip)(await readFile(path), { level: 9 });
  putWhole(`${path}.gz`, packed);
  unlinkSync(path);
}

/** Writes a file so that after a crash it is there whole or not at all. */
export function putWhole(path: string, bytes: Buffer): void {
  const temporary = `${path}.tmp`;
  const descriptor = openSync(temporary, 'w', 0o600);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path);
  syncDirectory(dirname(path));
}

/** A rename is kept by the disk only once the directory is. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Takes away what a compression left that was ended half-way, and names the parts that are still to be compressed. */
export function leftovers(record: string): string[] {
  for (const name of namesBeside(record)) {
    if (name.startsWith(basename(record)) && unfinished.test(name.slice(basename(record).length))) {
      unlinkSync(join(dirname(record), name));
    }
  }
  return partsOf(record)
    .filter(({ number, compressed }) => number !== null && !compressed)
    .map(({ path }) => path);
}
