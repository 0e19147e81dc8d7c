import { closeSync, openSync, readSync } from 'node:fs';
import { chainHash, chainStart, splitLine } from './chain.ts';
import type { Entry } from './entries.ts';
import { missingPart, type Part, partsOf, unpack } from './parts.ts';

/** The record cannot be trusted, or is none: names the line and what was expected of it. */
export class RecordError extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.name = 'RecordError';
    this.line = line;
  }
}

/** Where a record ends. */
export interface RecordEnd {
  readonly lastHash: string;
  /** Bytes of the last part up to and including its last whole line. */
  readonly wholeBytes: number;
  /** A last line without its end: the run was cut off while writing it. */
  readonly torn: { readonly line: number; readonly bytes: number } | null;
}

export interface ReadRecord extends RecordEnd {
  readonly entries: readonly Entry[];
}

/**
 * Reads a whole record and checks its chain.
 * @throws RecordError naming the first line whose hash does not follow from the one before: a byte was changed, or a line lost.
 */
export function readRecord(path: string): ReadRecord {
  const entries: Entry[] = [];
  const end = foldRecord(path, (entry) => entries.push(entry));
  return { entries, ...end };
}

/** The same with an entry at a time, for records that do not fit into memory. */
export function foldRecord(path: string, take: (entry: Entry, line: number) => void): RecordEnd {
  const entries = recordEntries(path);
  let number = 0;
  for (;;) {
    const next = entries.next();
    if (next.done) return next.value;
    number += 1;
    take(next.value, number);
  }
}

/** One entry after the other, through all closed parts and the open one; returns where the record ends. */
export function* recordEntries(path: string): Generator<Entry, RecordEnd> {
  const parts = partsOf(path);
  refuseGap(parts);
  return yield* entriesOf(parts, { hash: chainStart, number: 0 });
}

/** Where in a chain one stands. */
export interface ChainPlace {
  readonly hash: string;
  /** Lines before. */
  readonly number: number;
}

/** Entries of some parts, from a known place in the chain. */
export function* entriesOf(parts: readonly Part[], from: ChainPlace): Generator<Entry, RecordEnd> {
  let { hash, number } = from;
  let end: PartEnd = { wholeBytes: 0, restBytes: 0, cut: false };
  for (const part of parts) {
    if (end.restBytes > 0 || end.cut) throw tornWithin(number + 1, part);
    const lines = linesOf(part);
    for (;;) {
      const next = lines.next();
      if (next.done) {
        end = next.value;
        break;
      }
      number += 1;
      hash = follow(hash, next.value, number);
      yield parse(next.value, number);
    }
  }
  if (number === 0 && end.restBytes === 0)
    throw new RecordError(1, 'line 1: expected a record that starts with a "run" entry, found an empty file');
  const torn = end.restBytes > 0 || end.cut ? { line: number + 1, bytes: end.restBytes } : null;
  return { lastHash: hash, wholeBytes: end.wholeBytes, torn };
}

function refuseGap(parts: readonly Part[]): void {
  const missing = missingPart(parts);
  if (missing !== null) throw new RecordError(1, `part ${missing} of the record is missing`);
}

const tornWithin = (line: number, { path }: Part): RecordError =>
  new RecordError(line, `line ${line}: the chain is broken: the part before ${path} was cut off`);

function follow(previous: string, line: string, number: number): string {
  const parts = splitLine(line);
  if (!parts)
    throw new RecordError(
      number,
      `line ${number}: expected an entry that ends in its hash "h", found ${excerpt(line)}`,
    );
  const expected = chainHash(previous, parts.body);
  if (expected !== parts.hash) {
    throw new RecordError(
      number,
      `line ${number}: the chain is broken: expected h ${expected}, found ${parts.hash}; this line or one before it was changed after it was written`,
    );
  }
  return parts.hash;
}

function parse(line: string, number: number): Entry {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    throw new RecordError(number, `line ${number}: expected one JSON object, found ${excerpt(line)}`);
  }
}

const excerpt = (line: string) => JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line);

interface PartEnd {
  readonly wholeBytes: number;
  /** Bytes after the last line feed. */
  readonly restBytes: number;
  /** A compressed part whose end is missing. */
  readonly cut: boolean;
}

function* linesOf(part: Part): Generator<string, PartEnd> {
  if (!part.compressed) return yield* linesOfFile(part.path);
  const { bytes, cut } = unpacked(part);
  let from = 0;
  for (let end = bytes.indexOf(10, from); end !== -1; end = bytes.indexOf(10, from)) {
    yield bytes.toString('utf8', from, end);
    from = end + 1;
  }
  return { wholeBytes: from, restBytes: bytes.length - from, cut };
}

function unpacked({ path }: Part): ReturnType<typeof unpack> {
  try {
    return unpack(path);
  } catch (error) {
    throw new RecordError(1, `${path} is damaged: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function* linesOfFile(path: string): Generator<string, PartEnd> {
  const descriptor = openSync(path, 'r');
  const chunk = Buffer.allocUnsafe(1 << 20);
  let rest: Buffer[] = [];
  let wholeBytes = 0;
  try {
    for (let got = readSync(descriptor, chunk); got > 0; got = readSync(descriptor, chunk)) {
      let from = 0;
      for (let end = chunk.indexOf(10, from); end !== -1 && end < got; end = chunk.indexOf(10, from)) {
        const bytes = rest.length > 0 ? Buffer.concat([...rest, chunk.subarray(from, end)]) : chunk.subarray(from, end);
        rest = [];
        wholeBytes += bytes.length + 1;
        yield bytes.toString('utf8');
        from = end + 1;
      }
      if (from < got) rest.push(Buffer.from(chunk.subarray(from, got)));
    }
  } finally {
    closeSync(descriptor);
  }
  return { wholeBytes, restBytes: rest.reduce((sum, part) => sum + part.length, 0), cut: false };
}
