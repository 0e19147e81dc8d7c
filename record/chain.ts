import { hash as digest } from 'node:crypto';
import type { Entry } from './entries.ts';

/** What the first line's hash is chained to. */
export const chainStart = '0000000000000000';

/**
 * One line of the record: the entry's JSON with `h` as its last member. `h` is the first 16 hex digits of SHA-256 over
 * the previous line's `h` followed by the bytes of this line without its `h` member.
 */
export function chainLine(previous: string, entry: Entry): { line: string; hash: string } {
  const body = JSON.stringify(entry);
  const hash = chainHash(previous, body);
  return { line: `${body.slice(0, -1)},"h":"${hash}"}`, hash };
}

export function chainHash(previous: string, body: string): string {
  return digest('sha256', previous + body, 'hex').slice(0, hashLength);
}

const hashLength = chainStart.length;
const beforeHash = Buffer.from(',"h":"');
const afterHash = Buffer.from('"}');
/** What a line ends in besides its body: its hash as the last member, and the bracket that closes it. */
export const tailLength = beforeHash.length + hashLength + afterHash.length;
const closing = afterHash.at(-1)!;

/** Where the hash begins that a line ends in; -1 when it ends in something else. */
export function hashAt(bytes: Buffer, from: number, end: number): number {
  const at = end - tailLength;
  if (at < from || !standsAt(bytes, at, beforeHash) || !standsAt(bytes, end - afterHash.length, afterHash)) return -1;
  const first = at + beforeHash.length;
  for (let i = first; i < first + hashLength; i++) if (!isHexDigit(bytes[i]!)) return -1;
  return first;
}

/** The hash a line ends in, as it stands there; null when it does not end in one. */
export function hashWithin(bytes: Buffer, from: number, end: number): string | null {
  const at = hashAt(bytes, from, end);
  return at < 0 ? null : bytes.toString('latin1', at, at + hashLength);
}

/** Small letters only. */
const isHexDigit = (byte: number): boolean => (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102);

export function standsAt(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

/** Whether the hash stands there. */
export function isHashAt(bytes: Buffer, at: number, hash: string): boolean {
  for (let i = 0; i < hashLength; i++) if (bytes[at + i] !== hash.charCodeAt(i)) return false;
  return true;
}

let scratch = Buffer.allocUnsafe(4096);

/** The hash a line ought to end in: the same as `chainHash`, from the bytes as they are. */
export function chainHashOf(previous: string, bytes: Buffer, from: number, end: number): string {
  const bodyLength = end - from - tailLength;
  const length = hashLength + bodyLength + 1;
  if (scratch.length < length) scratch = Buffer.allocUnsafe(2 * length);
  for (let i = 0; i < hashLength; i++) scratch[i] = previous.charCodeAt(i);
  bytes.copy(scratch, hashLength, from, from + bodyLength);
  scratch[length - 1] = closing;
  return digest('sha256', scratch.subarray(0, length), 'hex').slice(0, hashLength);
}
