import { constants, deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inflated } from '../../record/inflate.ts';

const ours = (bytes: Uint8Array): Buffer | null => {
  const found = inflated(bytes);
  return found && Buffer.from(found.bytes.subarray(0, found.length));
};

const theirs = (bytes: Uint8Array): Buffer | null => {
  try {
    return inflateSync(bytes);
  } catch {
    return null;
  }
};

/** Noise, few values, long runs and repeats: each is packed in another way. */
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 3_000 }),
  fc.array(fc.nat(3), { maxLength: 3_000 }).map((values) => Uint8Array.from(values)),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 400 }))
    .map(([bytes, times]) => Uint8Array.from({ length: bytes.length * times }, (_, i) => bytes[i % bytes.length]!)),
);
const anyWay = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FILTERED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
    constants.Z_FIXED,
  ),
  windowBits: fc.integer({ min: 9, max: 15 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
});

describe('unpacking a few hundred bytes', () => {
  test('gives what was packed, in whatever way', () => {
    fc.assert(
      fc.property(anyBytes, anyWay, (bytes, how) => {
        expect(ours(deflateSync(bytes, how))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 400, seed: 6 },
    );
  });

  test('gives what was packed, or leaves it to Node, whatever bytes are changed', () => {
    let given = 0;
    fc.assert(
      fc.property(anyBytes, anyWay, fc.nat(), fc.nat(7), fc.boolean(), (bytes, how, place, bit, cut) => {
        const packed = deflateSync(bytes, how);
        const at = place % packed.length;
        packed[at]! ^= 1 << bit;
        const changed = cut ? packed.subarray(0, at) : packed;
        const found = ours(changed);
        if (found === null) return;
        given += 1;
        // What says a thing twice may be wrong once, as the length of a stored block; the sum is over what was packed.
        expect([theirs(changed), Buffer.from(bytes)]).toContainEqual(found);
      }),
      { numRuns: 600, seed: 7 },
    );
    // Most changes break the sum; a few change nothing that counts.
    expect(given).toBeLessThan(100);
  });

  test('leaves what is large to Node', () => {
    expect(ours(deflateSync(Buffer.alloc((1 << 20) + 1, 7)))).toBeNull();
    expect(ours(deflateSync(Buffer.alloc(1 << 20, 7)))?.length).toBe(1 << 20);
  });
});
