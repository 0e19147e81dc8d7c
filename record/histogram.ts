import { inflateSync } from 'node:zlib';
import { type Inflated, inflated } from './inflate.ts';

/** The filled buckets of a histogram, ascending: `count[i]` values somewhere in [`low[i]`, `high[i]`], both ends included. */
export interface Bins {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly count: Float64Array;
  readonly length: number;
}

const compressedCookie = 0x1c849304;
const plainCookie = 0x1c849303;
const compressedHead = 8;
const plainHead = 40;

const startSize = 1024;
const lent = {
  index: new Int32Array(startSize),
  low: new Float64Array(startSize),
  high: new Float64Array(startSize),
  count: new Float64Array(startSize),
  length: 0,
};

/**
 * Decodes an HdrHistogram, V2, compressed and in base64, as the window entries carry it. A long record holds a hundred
 * thousand of them, so what is answered is lent until the next call, and empty buckets cost nothing. The format is that of
 * `AbstractHistogram.encodeIntoCompressedByteBuffer` of HdrHistogram.
 * @throws Error when it is none.
 */
export function binsOf(encoded: string): Bins {
  const packed = Buffer.from(encoded, 'base64');
  if (packed.length < compressedHead || cookieOf(packed) !== compressedCookie)
    throw new Error('expected a compressed HdrHistogram V2, found something else');
  const { bytes, length } = unpacked(packed.subarray(compressedHead, compressedHead + packed.readInt32BE(4)));
  const head = new DataView(bytes.buffer, bytes.byteOffset, length);
  if (length < plainHead || cookieIn(head) !== plainCookie)
    throw new Error('expected an HdrHistogram V2 within it, found something else');
  const end = plainHead + head.getInt32(4);
  if (end < plainHead || end > length) throw new Error(`expected ${end} bytes, found ${length}`);
  fill(bytes, end, gridOf(head.getInt32(12), int64(head, 16), int64(head, 24)));
  return lent;
}

function unpacked(packed: Buffer): Inflated {
  const known = inflated(packed);
  if (known) return known;
  const bytes = inflateSync(packed);
  return { bytes, length: bytes.length };
}

/** Its lowest bits say how wide a word is, of which V2 makes no use. */
const cookieOf = (bytes: Buffer): number => bytes.readInt32BE(0) & ~0xf0;
const cookieIn = (head: DataView): number => head.getInt32(0) & ~0xf0;
const int64 = (head: DataView, at: number): number => head.getUint32(at) * 2 ** 32 + head.getUint32(at + 4);

/** How the values are divided: `half` buckets for each power of two, and as many again below the first. */
interface Grid {
  readonly halfMagnitude: number;
  readonly unitMagnitude: number;
  readonly buckets: number;
}

function gridOf(digits: number, lowest: number, highest: number): Grid {
  if (!(digits >= 0 && digits <= 5 && lowest >= 1 && highest >= 2 * lowest))
    throw new Error(`expected a range and 0 to 5 digits, found ${lowest} to ${highest} with ${digits} digits`);
  const halfMagnitude = Math.max(1, Math.ceil(Math.log2(2 * 10 ** digits))) - 1;
  const unitMagnitude = Math.floor(Math.log2(lowest));
  let octaves = 1;
  for (let covered = 2 ** (halfMagnitude + 1 + unitMagnitude); covered <= highest; covered *= 2) octaves += 1;
  return { halfMagnitude, unitMagnitude, buckets: (octaves + 1) * 2 ** halfMagnitude };
}

/**
 * Numbers of seven bits a byte, lowest first, the sign in the lowest of all (LEB128 and ZigZag): a positive one is the count
 * of the next bucket, a negative one says how many empty ones follow. One loop without calls: this is where a long record
 * spends its time.
 */
function fill(bytes: Uint8Array, end: number, grid: Grid): void {
  let index = 0;
  let found = 0;
  for (let at = plainHead; at < end; ) {
    let byte = bytes[at++]!;
    let number = byte & 0x7f;
    for (let scale = 0x80; byte >= 0x80; scale *= 0x80) {
      if (at >= end) throw new Error('expected it to end with a whole number, found a part of one');
      byte = bytes[at++]!;
      number += (byte & 0x7f) * scale;
    }
    if (number % 2 !== 0) index += (number + 1) / 2;
    else {
      if (number > 0) {
        if (index >= grid.buckets) throw new Error(`expected ${grid.buckets} buckets at most, found one more`);
        if (found === lent.index.length) grow();
        lent.index[found] = index;
        lent.count[found++] = number / 2;
      }
      index += 1;
    }
  }
  lent.length = found;
  place(grid);
}

/** The values each filled bucket stands for. */
function place({ halfMagnitude, unitMagnitude }: Grid): void {
  const { index: indices, low, high, length } = lent;
  const half = 2 ** halfMagnitude;
  for (let i = 0; i < length; i++) {
    const index = indices[i]!;
    const octave = index < half ? 0 : (index >> halfMagnitude) - 1;
    const within = index < half ? index : (index & (half - 1)) + half;
    const size = 2 ** (octave + unitMagnitude);
    low[i] = within * size;
    high[i] = within * size + size - 1;
  }
}

function grow(): void {
  for (const name of ['low', 'high', 'count'] as const) {
    const grown = new Float64Array(2 * lent[name].length);
    grown.set(lent[name]);
    lent[name] = grown;
  }
  const grown = new Int32Array(2 * lent.index.length);
  grown.set(lent.index);
  lent.index = grown;
}
