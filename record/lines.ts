import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Part, release, unpack } from './parts.ts';

/** How a part ends. */
export interface PartEnd {
  /** Bytes up to and including the last whole line. */
  readonly wholeBytes: number;
  /** Bytes after the last line feed. */
  readonly restBytes: number;
  /** A compressed part whose end is missing. */
  readonly cut: boolean;
}

/**
 * One whole line, without its line feed: `bytes` from `from` up to `end`. The bytes are only lent; false says that this
 * was enough.
 */
export type TakeLine = (bytes: Buffer, from: number, end: number) => boolean;

/**
 * The lines of one part, as they lie in memory: nothing is copied, and no text is made of what nobody asks for.
 * @throws Error when a compressed part is damaged otherwise than by being cut off.
 */
export function eachLine(part: Part, take: TakeLine): PartEnd {
  if (!part.compressed) return linesOfFile(part.path, take);
  const { bytes, cut } = unpack(part.path);
  const { length } = bytes;
  try {
    const wholeBytes = linesWithin(bytes, length, take);
    return { wholeBytes, restBytes: length - wholeBytes, cut };
  } finally {
    release(bytes);
  }
}

/** Where the last whole line ended, or the one that was enough. */
function linesWithin(bytes: Buffer, length: number, take: TakeLine): number {
  const filled = bytes.length === length ? bytes : bytes.subarray(0, length);
  let from = 0;
  for (let end = filled.indexOf(10, from); end !== -1; end = filled.indexOf(10, from)) {
    const goOn = take(filled, from, end);
    from = end + 1;
    if (!goOn) break;
  }
  return from;
}

const chunkBytes = 1 << 20;

/** A file of any size, through a window of a megabyte that is widened for a longer line only. */
function linesOfFile(path: string, take: TakeLine): PartEnd {
  const descriptor = openSync(path, 'r');
  let window = Buffer.allocUnsafe(Math.min(chunkBytes, fstatSync(descriptor).size + 1));
  let held = 0;
  let wholeBytes = 0;
  let enough = false;
  const until: TakeLine = (bytes, from, end) => {
    enough = !take(bytes, from, end);
    return !enough;
  };
  try {
    for (let got = read(descriptor, window, held); got > 0 && !enough; got = read(descriptor, window, held)) {
      const used = linesWithin(window, held + got, until);
      wholeBytes += used;
      window.copyWithin(0, used, held + got);
      held += got - used;
      if (held === window.length) window = Buffer.concat([window], 2 * window.length);
    }
  } finally {
    closeSync(descriptor);
  }
  return { wholeBytes, restBytes: held, cut: false };
}

const read = (descriptor: number, into: Buffer, at: number): number =>
  readSync(descriptor, into, at, into.length - at, null);
