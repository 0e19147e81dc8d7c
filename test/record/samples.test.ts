import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chainLine, chainStart } from '../../record/chain.ts';
import type { Entry, SampleEntry } from '../../record/entries.ts';
import { readRecord } from '../../record/reader.ts';
import { SampleReader } from '../../record/samples.ts';

const h = '0123456789abcdef';
/** As a line of a record is: the body with its hash. */
const lineOf = (body: string): string => `${body.slice(0, -1)},"h":"${h}"}`;

function read(reader: SampleReader, line: string): SampleEntry | null {
  // Somewhere in a larger piece, as it lies there in earnest.
  const bytes = Buffer.from(`{"kind":"end"}\n${line}\n`);
  return reader.read(bytes, 15, bytes.length - 1, h);
}

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"', '\\', ',"atMs":1', '\u2028'),
);
const anyNumber = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.tuple(fc.integer(), fc.nat(6)).map(([n, digits]) => n / 10 ** digits),
  fc.constantFrom(0, -0, 0.1, 1e21, 5e-7, 2 ** 53, 123456789012345, 0.30000000000000004),
);
const anySample: fc.Arbitrary<SampleEntry> = fc
  .record({
    series: anyText,
    unit: anyText,
    labels: fc.option(fc.dictionary(anyText, anyText, { maxKeys: 4 }), { nil: undefined }),
    atMs: anyNumber,
    value: anyNumber,
  })
  .map(({ labels, series, unit, atMs, value }) => ({
    kind: 'sample' as const,
    series,
    unit,
    ...(labels ? { labels } : {}),
    atMs,
    value,
  }));

describe('samples that are read without parsing each', () => {
  test('are what parsing gives, to the last bit and in the same order', () => {
    const reader = new SampleReader();
    fc.assert(
      fc.property(fc.array(anySample, { minLength: 1, maxLength: 5 }), (samples) => {
        for (const sample of [...samples, ...samples]) {
          const line = lineOf(JSON.stringify(sample));
          const found = read(reader, line);
          if (found === null) continue;
          const wanted = JSON.parse(line) as SampleEntry;
          expect(found).toEqual(wanted);
          expect(Object.keys(found)).toEqual(Object.keys(wanted));
          expect(Object.is(found.value, wanted.value) && Object.is(found.atMs, wanted.atMs)).toBe(true);
        }
      }),
      { numRuns: 400, seed: 5 },
    );
  });

  test('are those of every watcher: none of them has to be parsed', () => {
    const reader = new SampleReader();
    const labels = { service: 'api', instance: 'a', life: '1' };
    for (const value of [0, 41, -3, 125829120, 0.312, 99.95, 1234567.25])
      expect(
        read(
          reader,
          lineOf(JSON.stringify({ kind: 'sample', series: 'a.b', unit: 'By', labels, atMs: 60_000, value })),
        ),
      ).toMatchObject({ labels, value });
  });

  test('share the labels of their series, which nobody can change', () => {
    const reader = new SampleReader();
    const of = (service: string) =>
      read(
        reader,
        lineOf(JSON.stringify({ kind: 'sample', series: 's', unit: '1', labels: { service }, atMs: 1, value: 2 })),
      )!;
    expect(of('a').labels).toBe(of('a').labels);
    expect(of('b').labels).not.toBe(of('a').labels);
    expect(Object.isFrozen(of('a').labels)).toBe(true);
  });

  test.each([
    { name: 'another kind', body: '{"kind":"samples","series":"s","unit":"1","atMs":1,"value":2}' },
    { name: 'another order', body: '{"kind":"sample","series":"s","unit":"1","value":2,"atMs":1}' },
    {
      name: 'more than there is in a sample',
      body: '{"kind":"sample","series":"s","unit":"1","note":1,"atMs":1,"value":2}',
    },
    { name: 'a member twice', body: '{"kind":"sample","series":"t","series":"s","unit":"1","atMs":1,"value":2}' },
    { name: 'a time twice', body: '{"kind":"sample","series":"s","unit":"1","atMs":0,"atMs":1,"value":2}' },
    { name: 'no labels', body: '{"kind":"sample","series":"s","unit":"1","labels":null,"atMs":1,"value":2}' },
    { name: 'an exponent', body: '{"kind":"sample","series":"s","unit":"1","atMs":1,"value":2e-7}' },
    { name: 'a number that is none', body: '{"kind":"sample","series":"s","unit":"1","atMs":1,"value":01}' },
    { name: 'two points', body: '{"kind":"sample","series":"s","unit":"1","atMs":1,"value":1.2.3}' },
    { name: 'a point without digits', body: '{"kind":"sample","series":"s","unit":"1","atMs":1.,"value":2}' },
    { name: 'a sign without digits', body: '{"kind":"sample","series":"s","unit":"1","atMs":-,"value":2}' },
    { name: 'no value', body: '{"kind":"sample","series":"s","unit":"1","atMs":1,"value":}' },
    { name: 'a bracket too few', body: '{"kind":"sample","series":{"a":1,"atMs":1,"value":2}' },
    { name: 'half of what it begins with', body: '{"kind":"sample"}' },
  ])('leave $name to the parser', ({ body }) => {
    expect(read(new SampleReader(), lineOf(body))).toBeNull();
  });
});

describe('a record of samples and of other things', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'shakedown-samples-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('is read as it was written, also lines that are longer than the window it is read through', () => {
    const long = { kind: 'note', what: 'long', detail: 'ä€🙂'.repeat(400_000) } as const;
    const sample = (atMs: number): Entry => ({ kind: 'sample', series: 'a', unit: '1', atMs, value: atMs / 8 });
    const entries: Entry[] = [sample(1), long, sample(2), sample(3), long, { kind: 'end' }];
    let hash = chainStart;
    const lines = entries.map((entry) => {
      const next = chainLine(hash, entry);
      hash = next.hash;
      return next.line;
    });
    const path = join(directory, 'run.ndjson');
    writeFileSync(path, `${lines.join('\n')}\n`);
    const { entries: found, lastHash, wholeBytes, torn } = readRecord(path);
    expect(found).toEqual(lines.map((line) => JSON.parse(line)));
    expect({ lastHash, wholeBytes, torn }).toEqual({
      lastHash: hash,
      wholeBytes: Buffer.byteLength(lines.join('\n')) + 1,
      torn: null,
    });
    writeFileSync(path, `${lines.join('\n')}`);
    expect(readRecord(path).torn).toEqual({ line: 6, bytes: Buffer.byteLength(lines.at(-1)!) });
  });
});
