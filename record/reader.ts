import { closeSync, openSync, readSync } from 'node:fs';
import { chainHash, chainStart, splitLine } from './chain.ts';
import type { Entry } from './entries.ts';

/** The record cannot be trusted, or is none: names the line and what was expected of it. */
export class RecordError extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.name = 'RecordError';
    this.line = line;
  }
}

export interface ReadRecord {
  readonly entries: readonly Entry[];
  readonly lastHash: string;
  /** Bytes up to and including the last whole line. */
  readonly wholeBytes: number;
  /** A last line without its end: the run was cut off while writing it. */
  readonly torn: { readonly line: number; readonly bytes: number } | null;
}

/**
 * Reads a whole record and checks its chain.
 * @throws RecordError naming the first line whose hash does not follow from the one before: a byte was changed, or a line lost.
 */
export function readRecord(path: string): ReadRecord {
  const entries: Entry[] = [];
  const state = foldRecord(path, (entry) => entries.push(entry));
  return { entries, ...state };
}

/** The same with an entry at a time, for records that do not fit into memory. */
export function foldRecord(path: string, take: (entry: Entry, line: number) => void): Omit<ReadRecord, 'entries'> {
  let hash = chainStart;
  let whole = 0;
  let number = 0;
  const rest = forEachLine(path, (line, bytes) => {
    number += 1;
    hash = follow(hash, line, number);
    take(parse(line, number), number);
    whole += bytes;
  });
  if (number === 0 && rest === 0)
    throw new RecordError(1, 'line 1: expected a record that starts with a "run" entry, found an empty file');
  return { lastHash: hash, wholeBytes: whole, torn: rest > 0 ? { line: number + 1, bytes: rest } : null };
}

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

/** Calls back for every line that ends in a line feed; returns how many bytes follow the last one. */
function forEachLine(path: string, take: (line: string, bytes: number) => void): number {
  const descriptor = openSync(path, 'r');
  const chunk = Buffer.allocUnsafe(1 << 20);
  let rest: Buffer[] = [];
  try {
    for (let got = readSync(descriptor, chunk); got > 0; got = readSync(descriptor, chunk)) {
      let from = 0;
      for (let end = chunk.indexOf(10, from); end !== -1 && end < got; end = chunk.indexOf(10, from)) {
        const bytes = Buffer.concat([...rest, chunk.subarray(from, end)]);
        rest = [];
        take(bytes.toString('utf8'), bytes.length + 1);
        from = end + 1;
      }
      if (from < got) rest.push(Buffer.from(chunk.subarray(from, got)));
    }
  } finally {
    closeSync(descriptor);
  }
  return rest.reduce((sum, part) => sum + part.length, 0);
}
