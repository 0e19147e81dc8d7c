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
  return digest('sha256', previous + body, 'hex').slice(0, 16);
}

const tailLength = `,"h":"${chainStart}"}`.length;
const tail = /^,"h":"([0-9a-f]{16})"\}$/;

/** Splits a line into its body and its hash; null when it does not end in one. */
export function splitLine(line: string): { body: string; hash: string } | null {
  const match = tail.exec(line.slice(-tailLength));
  if (!match) return null;
  return { body: `${line.slice(0, -tailLength)}}`, hash: match[1]! };
}
