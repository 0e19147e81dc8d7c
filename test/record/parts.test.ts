import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import { compressPart, leftovers, partsOf } from '../../record/parts.ts';
import { RecordError, readRecord } from '../../record/reader.ts';
import { surviving } from '../../record/survive.ts';
import { createRecord, resumeRecord } from '../../record/writer.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'shakedown-parts-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const record = (at = directory) => join(at, 'run.ndjson');
const runEntry: Entry = {
  kind: 'run',
  schema: '1.1',
  id: 'r-1',
  environment: 'test',
  profile: 'readiness',
  suites: ['soak'],
  partial: false,
  harness: '1.0.0',
  startedAt: '2026-01-02T03:04:05.678Z',
};
const sample = (atMs: number): Entry => ({ kind: 'sample', series: 'a.b', unit: '1', atMs, value: atMs / 7 });
const ofAll = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => sample(from + i));
const kinds = (at = directory) => readRecord(record(at)).entries.map(({ kind }) => kind);

/** Two closed parts, one of them compressed, and an open one. */
async function threeParts(): Promise<void> {
  const writer = createRecord(directory);
  for (const entry of [runEntry, ...ofAll(0, 30)]) writer.append(entry);
  await compressPart(writer.nextPart());
  for (const entry of ofAll(30, 60)) writer.append(entry);
  writer.nextPart();
  for (const entry of ofAll(60, 90)) writer.append(entry);
  writer.close();
}

describe('a record in parts', () => {
  test('reads as one, in order, with one chain', async () => {
    await threeParts();
    expect(readdirSync(directory).sort()).toEqual(['run.ndjson', 'run.ndjson.1.gz', 'run.ndjson.2']);
    const { entries, torn } = readRecord(record());
    expect(entries.map((entry) => (entry.kind === 'sample' ? entry.atMs : -1))).toEqual([
      -1,
      ...Array.from({ length: 90 }, (_, i) => i),
    ]);
    expect(torn).toBeNull();
  });

  test('names a part that is missing', async () => {
    await threeParts();
    rmSync(`${record()}.1.gz`);
    expect(() => readRecord(record())).toThrow('part 1 of the record is missing');
  });

  test('shows a part that was changed', async () => {
    await threeParts();
    const text = readFileSync(`${record()}.2`, 'utf8');
    writeFileSync(`${record()}.2`, text.replace('"atMs":40', '"atMs":41'));
    expect(() => readRecord(record())).toThrow(/the chain is broken/);
  });

  test('is whole while a part is being compressed, whenever we are ended', async () => {
    await threeParts();
    const before = kinds();
    writeFileSync(`${record()}.2.gz.tmp`, 'half a file');
    expect(kinds()).toEqual(before);
    copyFileSync(`${record()}.2`, join(directory, 'kept'));
    await compressPart(`${record()}.2`);
    copyFileSync(join(directory, 'kept'), `${record()}.2`);
    expect(kinds()).toEqual(before);
    expect(leftovers(record())).toEqual([`${record()}.2`]);
    expect(readdirSync(directory)).not.toContain('run.ndjson.2.gz.tmp');
  });

  test('goes on when it was ended between closing a part and opening the next', async () => {
    await threeParts();
    rmSync(record());
    expect(partsOf(record()).map(({ number }) => number)).toEqual([1, 2]);
    const writer = resumeRecord(directory);
    writer.append(sample(99));
    writer.close();
    expect(kinds()).toHaveLength(62);
  });

  test('says what survived from its last parts alone', async () => {
    await threeParts();
    expect(surviving(record())).toMatchObject({ run: { id: 'r-1' }, lastMs: 89, torn: null, ended: false });
  });
});

describe('a record in parts that is cut at any byte', () => {
  test('gives what is before the cut, and goes on from there', async () => {
    await threeParts();
    await compressPart(`${record()}.2`);
    const whole = readRecord(record()).entries;
    const parts = partsOf(record()).map(({ path }) => ({ path, bytes: readFileSync(path) }));
    const total = parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
    let at = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: total }), (length) => {
        const cut = join(directory, `cut-${at++}`);
        mkdirSync(cut);
        cutTo(parts, length, cut);
        const first = firstLineLost(cut);
        if (first) return;
        const left = readRecord(record(cut));
        expect(left.entries).toEqual(whole.slice(0, left.entries.length));
        const writer = resumeRecord(cut, { now: () => 1_000 });
        writer.append(sample(1_001));
        writer.close();
        const after = readRecord(record(cut));
        expect(after.torn).toBeNull();
        expect(after.entries).toHaveLength(left.entries.length + (left.torn ? 2 : 1));
      }),
      { numRuns: 120, seed: 11 },
    );
  });
});

/** The bytes of all parts, one after the other, up to a length: later parts are not there at all. */
function cutTo(parts: readonly { path: string; bytes: Buffer }[], length: number, to: string): void {
  let left = length;
  for (const { path, bytes } of parts) {
    if (left <= 0) return;
    const copy = path.replace(directory, to);
    writeFileSync(copy, bytes);
    if (left < bytes.length) truncateSync(copy, left);
    left -= bytes.length;
  }
}

function firstLineLost(cut: string): boolean {
  try {
    return readRecord(record(cut)).entries.length === 0;
  } catch (error) {
    expect(error).toBeInstanceOf(RecordError);
    expect(() => resumeRecord(cut)).toThrow();
    return true;
  }
}
