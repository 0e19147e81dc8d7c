import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { chainStart, hashWithin } from './chain.ts';
import type { Entry, RunEntry } from './entries.ts';
import { RecordError } from './errors.ts';
import { missingPart, type Part, partsOf, putWhole, release, unpack } from './parts.ts';
import { foldParts, foldRecordWhile, type RecordEnd } from './reader.ts';
import { lengthMs, outside, type Stretch } from './stretches.ts';

/** What is left of a record after its writer is gone, as far as going on needs it. */
export interface Survived {
  readonly run: RunEntry;
  /** Checks that are planned. */
  readonly planned: readonly string[];
  readonly lastHash: string;
  /** How much of the run was a gap, ms. */
  readonly gapsMs: number;
  /** The latest moment the end of the record speaks of, ms of the run. */
  readonly lastMs: number;
  readonly torn: { readonly bytes: number } | null;
  readonly ended: boolean;
}

/**
 * Reads the first line and the last parts only: going on must not wait for 48 h to be read. The chain of the parts before
 * is checked by whoever judges them.
 * @throws RecordError when there is no whole first line, or the last parts do not hang together.
 */
export function surviving(path: string): Survived {
  const parts = partsOf(path);
  if (missingPart(parts) !== null) throw new RecordError(1, `part ${missingPart(parts)} of the record is missing`);
  let lastMs = 0;
  let ended = false;
  const { lastHash, torn } = foldTail(parts, (entry) => {
    lastMs = Math.max(lastMs, timeOf(entry));
    ended = entry.kind === 'end';
  });
  return { ...beginningOf(path), gapsMs: gapsIn(parts), lastMs, ended, lastHash, torn };
}

const gapMark = Buffer.from('"kind":"ours","what":"gap"');

/** Looks for gaps by their words alone: parsing 48 h of entries would take longer than going on may. */
function gapsIn(parts: readonly Part[]): number {
  const gaps: Stretch[] = [];
  for (const { path, compressed } of parts) {
    const bytes = compressed ? unpack(path).bytes : readFileSync(path);
    for (let at = bytes.indexOf(gapMark); at >= 0; at = bytes.indexOf(gapMark, at + 1)) {
      const end = bytes.indexOf(10, at);
      if (end >= 0) gaps.push(...gapOf(bytes.toString('utf8', bytes.lastIndexOf(10, at) + 1, end), gaps));
    }
    release(bytes);
  }
  return lengthMs(gaps);
}

function gapOf(line: string, known: readonly Stretch[]): readonly Stretch[] {
  const entry = JSON.parse(line) as Entry;
  return entry.kind === 'ours' && entry.what === 'gap' ? outside(entry, known) : [];
}

/** Cuts off what is torn, so that the open part ends in a whole line. */
export function mended(path: string): { readonly lastHash: string; readonly torn: { readonly bytes: number } | null } {
  const parts = partsOf(path);
  const last = parts.at(-1);
  const reopened = last?.compressed === true && reopen(path, last);
  const { lastHash, wholeBytes, torn } = foldTail(partsOf(path), () => undefined);
  if (torn && existsSync(path)) cut(path, wholeBytes);
  return { lastHash, torn: torn ?? (reopened ? { bytes: 0 } : null) };
}

/**
 * A record whose last part is closed: whole, another part follows it; cut off within its compressed bytes, what can be
 * read of it becomes the open part again.
 */
function reopen(path: string, part: Part): boolean {
  const { bytes, cut: isCut } = unpack(part.path);
  if (!isCut) return false;
  putWhole(path, bytes);
  unlinkSync(part.path);
  return true;
}

function cut(path: string, bytes: number): void {
  const descriptor = openSync(path, 'r+');
  ftruncateSync(descriptor, bytes);
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** The open part with the one before it: after a part was closed the open one may be empty. */
function foldTail(parts: readonly Part[], take: (entry: Entry) => void): RecordEnd {
  const before = parts.at(-3);
  const from = before ? { hash: lastHashIn(before), number: 1 } : { hash: chainStart, number: 0 };
  return foldParts(parts.slice(-2), from, (entry) => {
    take(entry);
    return true;
  });
}

function lastHashIn({ path, compressed }: Part): string {
  const bytes = compressed ? unpack(path).bytes : readFileSync(path);
  const end = bytes.length - 1;
  const hash = hashWithin(bytes, bytes.lastIndexOf(10, end - 1) + 1, end);
  if (hash === null) throw new RecordError(1, `${path}: expected it to end in a whole line, found a torn one`);
  return hash;
}

/** What the first lines say; whatever is measured comes after the plan. */
function beginningOf(path: string): { readonly run: RunEntry; readonly planned: readonly string[] } {
  let run: RunEntry | undefined;
  const planned: string[] = [];
  foldRecordWhile(path, (entry) => {
    if (entry.kind === 'run') run ??= entry;
    if (run === undefined) return false;
    if (entry.kind === 'plan') planned.push(entry.check);
    return entry.kind === 'run' || isOfPlan(entry);
  });
  if (run === undefined)
    throw new RecordError(1, 'line 1: expected a record that starts with a "run" entry, found no whole line');
  return { run, planned };
}

const isOfPlan = ({ kind }: Entry): boolean => ['plan', 'excluded', 'unmet', 'waiver', 'note'].includes(kind);

/** The latest moment an entry speaks of. */
export function timeOf(entry: Entry): number {
  switch (entry.kind) {
    case 'measurement':
      return entry.startMs + (entry.tookMs ?? 0);
    case 'window':
      return entry.toMs;
    case 'ours':
      return Number.isFinite(entry.toMs) ? entry.toMs : entry.fromMs;
    case 'sample':
    case 'limit':
    case 'event':
      return entry.atMs;
    case 'end':
      return entry.atMs ?? 0;
    default:
      return 0;
  }
}
