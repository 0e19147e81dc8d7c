import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type JsHistogram } from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import { binsOf } from '../../record/histogram.ts';

type Found = readonly (readonly [low: number, high: number, count: number])[];

const ours = (encoded: string): Found => {
  const { low, high, count, length } = binsOf(encoded);
  return Array.from({ length }, (_, i) => [low[i]!, high[i]!, count[i]!]);
};

/** The slow and obvious way: the library's own decoder, and a walk over every bucket. */
function theirs(encoded: string): Found {
  const histogram = decodeFromCompressedBase64(encoded) as JsHistogram;
  const found: (readonly [number, number, number])[] = [];
  for (let index = 0; index < histogram.countsArrayLength; index++) {
    const count = histogram.getCountAtIndex(index);
    const low = histogram.valueFromIndex(index);
    if (count > 0) found.push([low, histogram.highestEquivalentValue(low), count]);
  }
  return found;
}

const made = ({ digits, lowest, octaves, values }: Made): string => {
  const highest = lowest * 2 ** octaves;
  const histogram = build({
    lowestDiscernibleValue: lowest,
    highestTrackableValue: highest,
    numberOfSignificantValueDigits: digits as 1 | 2 | 3 | 4 | 5,
  });
  for (const [share, count] of values) histogram.recordValueWithCount(Math.floor(share * highest), count);
  return encodeIntoCompressedBase64(histogram);
};

interface Made {
  readonly digits: number;
  readonly lowest: number;
  readonly octaves: number;
  readonly values: readonly (readonly [share: number, count: number])[];
}

const anyMade: fc.Arbitrary<Made> = fc.record({
  digits: fc.integer({ min: 1, max: 4 }),
  lowest: fc.constantFrom(1, 2, 3, 1000),
  octaves: fc.integer({ min: 1, max: 30 }),
  values: fc.array(
    fc.tuple(
      // Small shares are where the buckets are narrow.
      fc
        .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(30))
        .map(([share, halvings]) => share / 2 ** halvings),
      fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 31 })),
    ),
    { maxLength: 60 },
  ),
});

describe('a histogram', () => {
  test('is decoded as HdrHistogramJS decodes it, whatever its range, digits and counts', () => {
    fc.assert(
      fc.property(anyMade, (one) => {
        // Counts beyond 32 bits are cut off by the library.
        fc.pre(one.values.reduce((sum, [, count]) => sum + count, 0) < 2 ** 32);
        const encoded = made(one);
        expect(ours(encoded)).toEqual(theirs(encoded));
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  test('of a thousand times and more is decoded whole', () => {
    const values = Array.from({ length: 6_000 }, (_, i) => [i / 6_000, 1 + (i % 300)] as const);
    const encoded = made({ digits: 3, lowest: 1, octaves: 29, values });
    expect(ours(encoded).length).toBeGreaterThan(1_024);
    expect(ours(encoded)).toEqual(theirs(encoded));
  });

  test('without a value has no bucket, and none of the one before', () => {
    ours(made({ digits: 3, lowest: 1, octaves: 20, values: [[0.5, 7]] }));
    expect(ours(made({ digits: 3, lowest: 1, octaves: 20, values: [] }))).toEqual([]);
  });
});

describe('what is no histogram is an error', () => {
  const encoded = made({
    digits: 3,
    lowest: 1,
    octaves: 20,
    values: [
      [0.1, 5],
      [0.5, 70_000],
    ],
  });
  const packed = Buffer.from(encoded, 'base64');
  const plain = inflateSync(packed.subarray(8));
  const packedAgain = (bytes: Buffer): string => {
    const body = deflateSync(bytes);
    const head = Buffer.from(packed.subarray(0, 8));
    head.writeInt32BE(body.length, 4);
    return Buffer.concat([head, body]).toString('base64');
  };
  const changed = (change: (bytes: Buffer) => void): string => {
    const bytes = Buffer.from(plain);
    change(bytes);
    return packedAgain(bytes);
  };

  test('but for a whole one', () => expect(ours(packedAgain(plain))).toEqual(theirs(encoded)));

  test.each([
    { name: 'nothing', text: '', says: /compressed HdrHistogram V2/ },
    { name: 'something else', text: 'bm90IG9uZSBhdCBhbGw=', says: /compressed HdrHistogram V2/ },
    { name: 'one that is cut off', text: packed.subarray(0, -3).toString('base64'), says: /unexpected end/ },
    { name: 'another make within', text: changed((bytes) => bytes.writeInt32BE(1, 0)), says: /within it/ },
    {
      name: 'more bytes than there are',
      text: changed((bytes) => bytes.writeInt32BE(9_999, 4)),
      says: /expected \d+ bytes/,
    },
    {
      name: 'a part of a number',
      text: changed((bytes) => bytes.writeInt32BE(plain.length - 41, 4)),
      says: /a part of one/,
    },
    { name: 'no range', text: changed((bytes) => bytes.writeInt32BE(0, 28)), says: /expected a range/ },
    { name: 'more digits than there may be', text: changed((bytes) => bytes.writeInt32BE(9, 12)), says: /9 digits/ },
    {
      name: 'a bucket beyond its range',
      text: changed((bytes) => bytes.writeInt32BE(2_000, 28)),
      says: /buckets at most/,
    },
  ])('$name', ({ text, says }) => {
    expect(() => binsOf(text)).toThrow(says);
  });

  test('and never one that does not end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const bytes = Buffer.concat([plain.subarray(0, 40), noise]);
        bytes.writeInt32BE(noise.length, 4);
        try {
          for (const [low, high, count] of ours(packedAgain(bytes))) {
            expect(low).toBeLessThanOrEqual(high);
            expect(count).toBeGreaterThan(0);
          }
        } catch (error) {
          expect((error as Error).message).toMatch(/expected/);
        }
      }),
      { numRuns: 300, seed: 4 },
    );
  });
});
