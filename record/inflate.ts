/**
 * Unpacks what is a few hundred bytes long (zlib, RFC 1950 and 1951), allocating nothing. A long record holds a hundred thousand
 * such pieces; the library makes an object with native memory for each, which took longer than the unpacking and is not given back
 * for minutes. Whatever is unusual is left to the library.
 */
export interface Inflated {
  /** Lent until the next call. */
  readonly bytes: Uint8Array;
  readonly length: number;
}

const most = 1 << 20;
const longestCode = 15;
const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const backBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const backExtra = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
/** The order in which the lengths of the code lengths' own codes stand. */
const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Looked up by the next `bits` bits: the symbol, four bits up, and how many of the bits are its own; 0: none begins so. */
interface Codes {
  readonly table: Uint16Array;
  bits: number;
}

const room = (bits: number): Codes => ({ table: new Uint16Array(1 << bits), bits });
const literals = room(longestCode);
const backs = room(longestCode);
const lengthCodes = room(7);
const fixedLiterals = room(9);
const fixedBacks = room(5);
const lengths = new Uint8Array(320);

/** Something the library has to look at. */
class Unusual extends Error {}

let bytes: Uint8Array = new Uint8Array(0);
let at = 0;
let end = 0;
let hold = 0;
let held = 0;
let output = new Uint8Array(4096);
let length = 0;

/** null: for the library, which unpacks it or says what is wrong. */
export function inflated(from: Uint8Array): Inflated | null {
  bytes = from;
  at = 2;
  end = from.length;
  hold = 0;
  held = 0;
  length = 0;
  try {
    if (
      end < 6 ||
      (from[0]! & 15) !== 8 ||
      from[0]! >> 4 > 7 ||
      (from[1]! & 32) !== 0 ||
      (256 * from[0]! + from[1]!) % 31 !== 0
    )
      return null;
    while (block());
    toByte();
    return at + 4 <= end && checkSum() === sumAt(at) ? { bytes: output, length } : null;
  } catch (error) {
    if (error instanceof Unusual) return null;
    throw error;
  }
}

/** True while another one follows. */
function block(): boolean {
  const isLast = take(1) === 1;
  const kind = take(2);
  if (kind === 0) stored();
  else if (kind === 1) symbols(fixedLiterals, fixedBacks);
  else if (kind === 2) {
    readCodes();
    symbols(literals, backs);
  } else throw new Unusual();
  return !isLast;
}

function need(count: number): void {
  while (held < count) {
    // A code may seem to reach beyond the end; whether it did is seen when the sum is looked for.
    if (at >= end + 4) throw new Unusual();
    hold |= (at < end ? bytes[at]! : 0) << held;
    at += 1;
    held += 8;
  }
}

function take(count: number): number {
  need(count);
  const value = hold & ((1 << count) - 1);
  hold >>>= count;
  held -= count;
  return value;
}

function toByte(): void {
  at -= held >> 3;
  hold = 0;
  held = 0;
}

function next({ table, bits }: Codes): number {
  need(bits);
  const entry = table[hold & ((1 << bits) - 1)]!;
  const own = entry & 15;
  if (own === 0) throw new Unusual();
  hold >>>= own;
  held -= own;
  return entry >> 4;
}

function symbols(literal: Codes, back: Codes): void {
  for (;;) {
    const symbol = next(literal);
    if (symbol === 256) return;
    if (symbol < 256) {
      if (length === output.length) grow();
      output[length++] = symbol;
    } else repeat(symbol - 257, back);
  }
}

function repeat(symbol: number, back: Codes): void {
  if (symbol >= lengthBase.length) throw new Unusual();
  const count = lengthBase[symbol]! + take(lengthExtra[symbol]!);
  const far = next(back);
  if (far >= backBase.length) throw new Unusual();
  const distance = backBase[far]! + take(backExtra[far]!);
  if (distance > length) throw new Unusual();
  while (length + count > output.length) grow();
  for (let i = 0; i < count; i++, length++) output[length] = output[length - distance]!;
}

function stored(): void {
  toByte();
  const count = bytes[at]! + 256 * bytes[at + 1]!;
  if (!(at + 4 + count <= end) || count + bytes[at + 2]! + 256 * bytes[at + 3]! !== 0xffff) throw new Unusual();
  while (length + count > output.length) grow();
  output.set(bytes.subarray(at + 4, at + 4 + count), length);
  length += count;
  at += 4 + count;
}

function grow(): void {
  if (output.length >= most) throw new Unusual();
  const grown = new Uint8Array(2 * output.length);
  grown.set(output);
  output = grown;
}

/** The codes of one block, themselves written in codes. */
function readCodes(): void {
  const literalCount = 257 + take(5);
  const backCount = 1 + take(5);
  const orderCount = 4 + take(4);
  if (literalCount > 286 || backCount > 30) throw new Unusual();
  lengths.fill(0, 0, 19);
  for (let i = 0; i < orderCount; i++) lengths[order[i]!] = take(3);
  build(lengthCodes, 0, 19, false);
  const all = literalCount + backCount;
  for (let i = 0; i < all; ) {
    const symbol = next(lengthCodes);
    if (symbol < 16) {
      lengths[i++] = symbol;
      continue;
    }
    if (symbol === 16 && i === 0) throw new Unusual();
    const value = symbol === 16 ? lengths[i - 1]! : 0;
    const count = symbol === 16 ? 3 + take(2) : symbol === 17 ? 3 + take(3) : 11 + take(7);
    if (i + count > all) throw new Unusual();
    lengths.fill(value, i, i + count);
    i += count;
  }
  if (lengths[256] === 0) throw new Unusual();
  build(literals, 0, literalCount, true);
  build(backs, literalCount, all, true);
}

const counts = new Uint16Array(longestCode + 1);
const firsts = new Uint16Array(longestCode + 2);

/** Canonical codes from the lengths [from, to). A set that is not complete is unusual, but for one of a single bit. */
function build(codes: Codes, from: number, to: number, mayBeOne: boolean): void {
  counts.fill(0);
  for (let i = from; i < to; i++) counts[lengths[i]!]! += 1;
  counts[0] = 0;
  let longest = longestCode;
  while (longest > 1 && counts[longest] === 0) longest -= 1;
  if (1 << longest > codes.table.length) throw new Unusual();
  let free = 1;
  firsts[1] = 0;
  for (let bits = 1; bits <= longest; bits++) {
    firsts[bits + 1] = (firsts[bits]! + counts[bits]!) << 1;
    free = 2 * free - counts[bits]!;
    if (free < 0) throw new Unusual();
  }
  if (free > 0 && !(mayBeOne && longest === 1)) throw new Unusual();
  codes.bits = longest;
  codes.table.fill(0, 0, 1 << longest);
  for (let i = from; i < to; i++) if (lengths[i]! > 0) place(codes, i - from, lengths[i]!);
}

/** Codes are read from their highest bit on, so the table is looked up by their mirror image. */
function place({ table, bits }: Codes, symbol: number, own: number): void {
  const code = firsts[own]!;
  firsts[own] = code + 1;
  let mirrored = 0;
  for (let i = 0; i < own; i++) mirrored |= ((code >> i) & 1) << (own - 1 - i);
  for (let i = mirrored; i < 1 << bits; i += 1 << own) table[i] = (symbol << 4) | own;
}

/** Adler-32. */
function checkSum(): number {
  let a = 1;
  let b = 0;
  for (let i = 0; i < length; ) {
    // As many as fit before a sum of 32 bits runs over.
    const until = Math.min(length, i + 3800);
    for (; i < until; i++) {
      a += output[i]!;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b * 65536 + a;
}

const sumAt = (place: number): number =>
  bytes[place]! * 2 ** 24 + bytes[place + 1]! * 2 ** 16 + bytes[place + 2]! * 2 ** 8 + bytes[place + 3]!;

lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280, 288);
build(fixedLiterals, 0, 288, false);
lengths.fill(5, 0, 32);
build(fixedBacks, 0, 32, false);
