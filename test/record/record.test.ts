import { mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Entry } from '../../record/entries.ts';
import { mergeRecords } from '../../record/merge.ts';
import { RecordError, readRecord } from '../../record/reader.ts';
import { createRecord, RecordFull, resumeRecord } from '../../record/writer.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'shakedown-record-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const path = () => join(directory, 'run.ndjson');
const runEntry: Entry = {
  kind: 'run',
  schema: '1.0',
  id: 'r-1',
  environment: 'test',
  profile: 'readiness',
  suites: ['smoke'],
  partial: false,
  harness: '1.0.0',
  startedAt: '2026-01-02T03:04:05.678Z',
};
const measurement = (startMs: number): Entry => ({
  kind: 'measurement',
  check: 'smoke.api.health',
  assertion: 'form',
  startMs,
  ok: true,
});

function recorded(entries: readonly Entry[]): void {
  const writer = createRecord(directory);
  for (const entry of entries) writer.append(entry);
  writer.close();
}

const withoutHash = (entry: Entry) => {
  const { h: _, ...rest } = entry as Entry & { h?: string };
  return rest;
};

describe('a record', () => {
  test('gives back what was put in, in order, with a hash on every line', () => {
    const entries = [runEntry, measurement(1), measurement(2), { kind: 'end' } as const];
    recorded(entries);
    const read = readRecord(path());
    expect(read.entries.map(withoutHash)).toEqual(entries);
    expect(read.entries.every((entry) => /^[0-9a-f]{16}$/.test((entry as Entry & { h: string }).h))).toBe(true);
    expect(read.torn).toBeNull();
  });

  test('is not written over', () => {
    recorded([runEntry]);
    expect(() => createRecord(directory)).toThrow(/EEXIST/);
  });

  test('that is empty is no record', () => {
    writeFileSync(path(), '');
    expect(() => readRecord(path())).toThrow(
      /line 1: expected a record that starts with a "run" entry, found an empty file/,
    );
  });

  test('shows any flipped bit, with its line', () => {
    recorded([runEntry, measurement(1), measurement(2), { kind: 'end' }]);
    const whole = readFileSync(path());
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(whole);
        changed[at]! ^= 1 << bit;
        writeFileSync(path(), changed);
        // A flip of the very last line feed leaves a line without its end, which is torn, not whole.
        if (at === whole.length - 1) expect(readRecord(path()).torn).not.toBeNull();
        else expect(() => readRecord(path())).toThrow(RecordError);
      }),
      { numRuns: 300, seed: 8 },
    );
  });

  test('shows a line that was taken out', () => {
    recorded([runEntry, measurement(1), measurement(2), { kind: 'end' }]);
    const lines = readFileSync(path(), 'utf8').split('\n');
    writeFileSync(path(), [...lines.slice(0, 1), ...lines.slice(2)].join('\n'));
    expect(() => readRecord(path())).toThrow(/line 2: the chain is broken/);
  });

  test('that is cut anywhere gives every whole line before the cut', () => {
    const entries = [runEntry, ...Array.from({ length: 20 }, (_, index) => measurement(index))];
    recorded(entries);
    const whole = readFileSync(path());
    fc.assert(
      fc.property(fc.integer({ min: 1, max: whole.length }), (length) => {
        writeFileSync(path(), whole.subarray(0, length));
        const { entries: got, torn } = readRecord(path());
        expect(got).toHaveLength(whole.subarray(0, length).toString().split('\n').length - 1);
        expect(torn === null).toBe(whole[length - 1] === 10);
      }),
      { numRuns: 200, seed: 8 },
    );
  });
});

describe('a record that goes on', () => {
  test('loses its torn last line, says so, and keeps its chain', () => {
    recorded([runEntry, measurement(1)]);
    const whole = readFileSync(path());
    writeFileSync(path(), Buffer.concat([whole, Buffer.from('{"kind":"measurem')]));
    const writer = resumeRecord(directory, { now: () => 77 });
    writer.append(measurement(3));
    writer.close();
    const kinds = readRecord(path()).entries.map((entry) => entry.kind);
    expect(kinds).toEqual(['run', 'measurement', 'ours', 'measurement']);
    expect(readRecord(path()).entries[2]).toMatchObject({ what: 'torn-line', fromMs: 77, spoils: false });
  });
});

describe('a disk that fills', () => {
  test('is said in the record by the bytes set aside, and nothing before it is lost', () => {
    let room = 900;
    const writer = createRecord(directory, {
      write: limited(
        () => room,
        (used) => (room -= used),
      ),
    });
    let thrown: unknown;
    let put = 0;
    try {
      for (;;) {
        writer.append(measurement(put));
        put += 1;
      }
    } catch (error) {
      thrown = error;
      expect(error).toBeInstanceOf(RecordFull);
    }
    expect((thrown as RecordFull).noted).toBe(false);
    expect(readRecord(path()).entries).toHaveLength(put);
  });

  test('that has its reserve given back says so', () => {
    let calls = 0;
    const writer = createRecord(directory, {
      write: (descriptor, bytes) => {
        calls += 1;
        if (calls === 2) throw full();
        return plainWrite(descriptor, bytes);
      },
    });
    writer.append(runEntry);
    expect(() => writer.append(measurement(1))).toThrow(/the record says so/);
    expect(() => writer.append(measurement(2))).toThrow(RecordFull);
    expect(readRecord(path()).entries.map((entry) => entry.kind)).toEqual(['run', 'ours']);
  });
});

const full = () => Object.assign(new Error('no space left'), { code: 'ENOSPC' });

const plainWrite = (descriptor: number, bytes: Buffer) => writeSync(descriptor, bytes);

/** Writes as much as fits, as a filling disk does: a short write first, then the error. */
function limited(room: () => number, use: (bytes: number) => void) {
  return (descriptor: number, bytes: Buffer) => {
    if (room() === 0) throw full();
    const fits = Math.min(room(), bytes.length);
    writeSync(descriptor, bytes.subarray(0, fits));
    use(fits);
    return fits;
  };
}

describe('a merge', () => {
  const shard = (id: string, startedAt: string, at: number) => ({
    entries: [
      { ...runEntry, id, startedAt } as Entry,
      { kind: 'plan', check: 'a', assertions: ['form'] } as Entry,
      measurement(at),
      { kind: 'end' } as Entry,
    ],
    lastHash: `hash-${id}`,
    wholeBytes: 0,
    torn: null,
  });

  test('interleaves by time on the earliest clock and names what it was made from', () => {
    const lines = mergeRecords([
      shard('r-1', '2026-01-01T00:00:10.000Z', 5),
      shard('r-2', '2026-01-01T00:00:00.000Z', 20),
    ]);
    const entries = lines.map((line) => JSON.parse(line));
    expect(entries[0]).toMatchObject({
      kind: 'run',
      mergedFrom: ['hash-r-1', 'hash-r-2'],
      startedAt: '2026-01-01T00:00:00.000Z',
    });
    expect(entries.filter((entry) => entry.kind === 'plan')).toHaveLength(1);
    expect(entries.filter((entry) => entry.kind === 'measurement').map((entry) => entry.startMs)).toEqual([20, 10_005]);
    expect(entries.at(-1).kind).toBe('end');
  });

  test('is refused for records of different deployments', () => {
    const other = shard('r-2', '2026-01-01T00:00:00.000Z', 20);
    const elsewhere = {
      ...other,
      entries: [{ ...other.entries[0], environment: 'elsewhere' } as Entry, ...other.entries.slice(1)],
    };
    expect(() => mergeRecords([shard('r-1', '2026-01-01T00:00:10.000Z', 5), elsewhere])).toThrow(
      /expected environment test, found elsewhere/,
    );
  });

  test('has an end only when every part has one', () => {
    const open = shard('r-1', '2026-01-01T00:00:10.000Z', 5);
    const lines = mergeRecords([
      { ...open, entries: open.entries.slice(0, -1) },
      shard('r-2', '2026-01-01T00:00:00.000Z', 20),
    ]);
    expect(lines.some((line) => line.includes('"kind":"end"'))).toBe(false);
  });
});
