import { unzlibSync } from 'fflate';

export interface Inflated {
  /** Lent until the next call. */
  readonly bytes: Uint8Array;
  readonly length: number;
}

const mostBytes = 1 << 20;
/** A byte more than may be given: whoever fills it had more to say. */
const out = new Uint8Array(mostBytes + 1);

/**
 * Unpacks what is a few hundred bytes long (zlib, RFC 1950). A long record holds a hundred thousand such pieces; Node's own zlib makes an
 * object with native memory for each, which is not given back for minutes.
 * null: for Node's zlib, which unpacks it or says what is wrong.
 */
export function inflated(from: Uint8Array): Inflated | null {
  try {
    const { length } = unzlibSync(from, { out });
    return length <= mostBytes && isWhole(from, length) ? { bytes: out, length } : null;
  } catch {
    return null;
  }
}

/** Adler-32, RFC 1950 section 9, which the library leaves out. So many bytes fit in a sum before it must be reduced. */
const largestPrime = 65_521;
const atOnce = 3_800;

function isWhole(from: Uint8Array, length: number): boolean {
  let [a, b] = [1, 0];
  for (let at = 0; at < length; ) {
    const until = Math.min(length, at + atOnce);
    for (; at < until; at++) {
      a += out[at]!;
      b += a;
    }
    a %= largestPrime;
    b %= largestPrime;
  }
  const told = new DataView(from.buffer, from.byteOffset, from.length).getUint32(from.length - 4);
  return b * 65_536 + a === told;
}
