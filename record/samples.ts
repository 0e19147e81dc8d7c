import { standsAt, tailLength } from './chain.ts';
import type { SampleEntry } from './entries.ts';

/** What all samples of a series have in common: their line up to the time. */
interface Head {
  readonly bytes: Buffer;
  readonly series: string;
  readonly unit: string;
  readonly labels: SampleEntry['labels'];
  /** Which came after it last time: watchers look at the same things in the same order. */
  next: Head | null;
}

const start = Buffer.from('{"kind":"sample",');
const beforeTime = Buffer.from(',"atMs":');
const beforeValue = Buffer.from(',"value":');
/** More series than this are read like any other line, so that a record cannot fill the memory. */
const mostHeads = 20_000;

/**
 * Reads samples, of which a long record holds millions, without parsing again what all of a series have in common.
 * Samples of one series share their labels, which are therefore frozen. A line of any other form is for `JSON.parse`.
 */
export class SampleReader {
  readonly #heads = new Map<string, Head | null>();
  #last: Head | null = null;

  /** The same as parsing the line; null: parse it. */
  read(bytes: Buffer, from: number, end: number, h: string): SampleEntry | null {
    if (!standsAt(bytes, from, start)) return null;
    const valueEnd = end - tailLength;
    const valueAt = numberBefore(bytes, valueEnd, from);
    const timeEnd = valueAt - beforeValue.length;
    if (timeEnd < from || !standsAt(bytes, timeEnd, beforeValue)) return null;
    const timeAt = numberBefore(bytes, timeEnd, from);
    const headEnd = timeAt - beforeTime.length;
    if (headEnd < from || !standsAt(bytes, headEnd, beforeTime)) return null;
    const atMs = numberIn(bytes, timeAt, timeEnd);
    const value = numberIn(bytes, valueAt, valueEnd);
    if (Number.isNaN(atMs) || Number.isNaN(value)) return null;
    const head = this.#head(bytes, from, headEnd);
    if (head === null) return null;
    const { series, unit, labels } = head;
    const entry = labels
      ? { kind: 'sample' as const, series, unit, labels, atMs, value, h }
      : { kind: 'sample' as const, series, unit, atMs, value, h };
    return entry;
  }

  #head(bytes: Buffer, from: number, end: number): Head | null {
    const guess = this.#last?.next;
    if (guess && guess.bytes.compare(bytes, from, end) === 0) {
      this.#last = guess;
      return guess;
    }
    const head = this.#known(bytes.toString('utf8', from, end));
    if (this.#last) this.#last.next = head;
    this.#last = head;
    return head;
  }

  #known(text: string): Head | null {
    const known = this.#heads.get(text);
    if (known !== undefined) return known;
    if (this.#heads.size >= mostHeads) return null;
    const head = headOf(text);
    this.#heads.set(text, head);
    return head;
  }
}

/** null: it holds more, or other things, than the head of a sample does. */
function headOf(text: string): Head | null {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(`${text}}`) as Record<string, unknown>;
  } catch {
    return null;
  }
  const { series, unit, labels } = parsed as unknown as SampleEntry;
  const keys = Object.keys(parsed).join();
  if (keys !== 'kind,series,unit' && keys !== 'kind,series,unit,labels') return null;
  // A member that is named twice would be gone unnoticed.
  if (JSON.stringify(parsed) !== `${text}}`) return null;
  if (labels !== undefined && (typeof labels !== 'object' || labels === null)) return null;
  if (labels) Object.freeze(labels);
  return { bytes: Buffer.from(text), series, unit, labels, next: null };
}

const zero = 48;
const dot = 46;
const minus = 45;

/** Where the digits, dots and signs before `end` begin. */
function numberBefore(bytes: Buffer, end: number, from: number): number {
  let at = end;
  while (at > from && isOfNumber(bytes[at - 1]!)) at -= 1;
  return at;
}

const isOfNumber = (byte: number): boolean => (byte >= zero && byte <= zero + 9) || byte === dot || byte === minus;

/** So many digits are whole numbers that a double holds exactly, and so is the power of ten they are divided by: one rounding. */
const mostDigits = 15;

/** A number as JSON writes it, without an exponent; NaN: it is another, or none, and is for `JSON.parse`. */
function numberIn(bytes: Buffer, from: number, end: number): number {
  const negative = bytes[from] === minus;
  const first = negative ? from + 1 : from;
  let digits = 0;
  let point = -1;
  for (let at = first; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === dot && point < 0) point = at;
    else if (byte >= zero && byte <= zero + 9) digits = 10 * digits + (byte - zero);
    else return Number.NaN;
  }
  const wholeEnd = point < 0 ? end : point;
  if (wholeEnd === first || point === end - 1 || end - first > mostDigits) return Number.NaN;
  if (bytes[first] === zero && wholeEnd - first > 1) return Number.NaN;
  const size = point < 0 ? digits : digits / 10 ** (end - 1 - point);
  return negative ? -size : size;
}
