import { chainHashOf, chainStart, hashAt, hashWithin, isHashAt } from './chain.ts';
import type { Entry } from './entries.ts';
import { RecordError } from './errors.ts';
import { eachLine, type PartEnd } from './lines.ts';
import { missingPart, type Part, partsOf } from './parts.ts';
import { SampleReader } from './samples.ts';

export { RecordError } from './errors.ts';

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
  return foldRecordWhile(path, (entry, line) => {
    take(entry, line);
    return true;
  });
}

/** False: no entry after this one is wanted. */
type TakeWhile = (entry: Entry, line: number) => boolean;

/** The same as far as it is wanted, through all closed parts and the open one; returns where the record ends, or was left. */
export function foldRecordWhile(path: string, take: TakeWhile): RecordEnd {
  const parts = partsOf(path);
  const missing = missingPart(parts);
  if (missing !== null) throw new RecordError(1, `part ${missing} of the record is missing`);
  return foldParts(parts, { hash: chainStart, number: 0 }, take);
}

/** Where in a chain one stands. */
export interface ChainPlace {
  readonly hash: string;
  /** Lines before. */
  readonly number: number;
}

/** Entries of some parts, from a known place in the chain. */
export function foldParts(parts: readonly Part[], from: ChainPlace, take: TakeWhile): RecordEnd {
  let { hash, number } = from;
  let wanted = true;
  let end: PartEnd = { wholeBytes: 0, restBytes: 0, cut: false };
  const samples = new SampleReader();
  for (const part of parts) {
    if (end.restBytes > 0 || end.cut) throw tornWithin(number + 1, part);
    end = eachLine(part, (bytes, start, stop) => {
      number += 1;
      hash = follow(hash, bytes, start, stop, number);
      wanted = take(
        samples.read(bytes, start, stop, hash) ?? parse(bytes.toString('utf8', start, stop), number),
        number,
      );
      return wanted;
    });
    if (!wanted) break;
  }
  if (number === 0 && end.restBytes === 0)
    throw new RecordError(1, 'line 1: expected a record that starts with a "run" entry, found an empty file');
  const torn = wanted && (end.restBytes > 0 || end.cut) ? { line: number + 1, bytes: end.restBytes } : null;
  return { lastHash: hash, wholeBytes: end.wholeBytes, torn };
}

const tornWithin = (line: number, { path }: Part): RecordError =>
  new RecordError(line, `line ${line}: the chain is broken: the part before ${path} was cut off`);

/** The hash of this line, which must follow from the one before. */
function follow(previous: string, bytes: Buffer, from: number, end: number, number: number): string {
  const at = hashAt(bytes, from, end);
  const expected = at < 0 ? '' : chainHashOf(previous, bytes, from, end);
  if (at >= 0 && isHashAt(bytes, at, expected)) return expected;
  const found = hashWithin(bytes, from, end);
  const line = bytes.toString('utf8', from, end);
  throw new RecordError(
    number,
    found === null
      ? `line ${number}: expected an entry that ends in its hash "h", found ${excerpt(line)}`
      : `line ${number}: the chain is broken: expected h ${expected}, found ${found}; this line or one before it was changed after it was written`,
  );
}

function parse(line: string, number: number): Entry {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    throw new RecordError(number, `line ${number}: expected one JSON object, found ${excerpt(line)}`);
  }
}

const excerpt = (line: string) => JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line);
