import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import type { Entry, WindowEntry } from '../../record/entries.ts';

interface Options {
  readonly check: string;
  readonly assertion: string;
  readonly lengthMs: number;
  readonly emit: (entry: Entry) => void;
  /** Only how many were right, not how long they took. */
  readonly countsOnly?: boolean;
}

interface Open {
  readonly answers: { readonly fromDueUs: number; readonly fromSentUs: number }[];
  readonly merged: string[];
  readonly mergedSent: string[];
  good: number;
  readonly lost: Map<string, number>;
  unsent: number;
  readonly lateMs: number[];
}

/**
 * Answers of one stream, folded into windows of their due times. What is known of a window when its time is over is
 * recorded then; answers that come later are another window of the same stretch. So nothing waits in memory for long.
 */
export class WindowFold {
  readonly #options: Options;
  readonly #open = new Map<number, Open>();

  constructor(options: Options) {
    this.#options = options;
  }

  answered(dueMs: number, sentMs: number, doneMs: number): void {
    const window = this.#at(dueMs);
    window.good += 1;
    window.lateMs.push(Math.max(0, sentMs - dueMs));
    window.answers.push({ fromDueUs: toUs(doneMs - dueMs), fromSentUs: toUs(doneMs - sentMs) });
  }

  good(dueMs: number, count = 1): void {
    this.#at(dueMs).good += count;
  }

  lost(dueMs: number, cause: string, count = 1): void {
    const { lost } = this.#at(dueMs);
    lost.set(cause, (lost.get(cause) ?? 0) + count);
  }

  unsent(dueMs: number, count = 1): void {
    this.#at(dueMs).unsent += count;
  }

  /** A window of a shorter length, of k6's. */
  take(entry: WindowEntry): void {
    const window = this.#at(entry.fromMs);
    if (entry.histogram !== undefined) window.merged.push(entry.histogram);
    if (entry.histogram !== undefined) window.mergedSent.push(entry.sentHistogram ?? entry.histogram);
    window.good += entry.good ?? 0;
    for (const [cause, count] of Object.entries(entry.lost ?? {})) this.lost(entry.fromMs, cause, count);
    window.unsent += entry.unsent ?? 0;
    if (entry.late) window.lateMs.push(entry.late.p99Ms, entry.late.maxMs ?? entry.late.p99Ms);
  }

  /** Records every window that is over. */
  flush(nowMs: number): void {
    const { lengthMs, emit } = this.#options;
    for (const [index, window] of this.#open) {
      if ((index + 1) * lengthMs > nowMs) continue;
      this.#open.delete(index);
      emit(this.#entry(index, window));
    }
  }

  #at(dueMs: number): Open {
    const index = Math.floor(dueMs / this.#options.lengthMs);
    const known = this.#open.get(index);
    if (known) return known;
    const made = { answers: [], merged: [], mergedSent: [], good: 0, lost: new Map(), unsent: 0, lateMs: [] };
    this.#open.set(index, made);
    return made;
  }

  #entry(index: number, window: Open): WindowEntry {
    const { check, assertion, lengthMs, countsOnly } = this.#options;
    const timed = !countsOnly && window.answers.length + window.merged.length > 0;
    const late = window.lateMs.toSorted((a, b) => a - b);
    const maxMs = late.at(-1) ?? 0;
    return {
      kind: 'window',
      check,
      assertion,
      fromMs: round(index * lengthMs),
      toMs: round((index + 1) * lengthMs),
      ...(timed
        ? {
            histogram: encoded(
              window.answers.map((one) => one.fromDueUs),
              window.merged,
            ),
          }
        : {}),
      ...(timed && maxMs > lateEnoughMs
        ? {
            sentHistogram: encoded(
              window.answers.map((one) => one.fromSentUs),
              window.mergedSent,
            ),
          }
        : {}),
      ...(timed ? {} : { good: window.good }),
      ...(window.lost.size > 0 ? { lost: Object.fromEntries(window.lost) } : {}),
      ...(window.unsent > 0 ? { unsent: window.unsent } : {}),
      ...(timed && late.length > 0
        ? { late: { p99Ms: round(late[Math.ceil(late.length * 0.99) - 1]!), maxMs: round(maxMs) } }
        : {}),
    };
  }
}

/** Timers are late by a millisecond or two; what was sent later than this is counted from then as well. */
const lateEnoughMs = 5;

const toUs = (ms: number): number => Math.max(1, Math.round(ms * 1000));
const round = (ms: number): number => Math.round(ms * 1000) / 1000;

/** Longer than any time-out of ours. */
const longestUs = 600_000_000;
/** From here upwards by powers of two: whoever reads a histogram sets aside as much memory as its range may take. */
const shortestRangeUs = 2 ** 15;
const scratch = new Map<number, Histogram>();

/** One histogram a range is used over and over: it is large, and what is recorded of it is small. */
function encoded(values: readonly number[], merged: readonly string[]): string {
  const others = merged.map((one) => decodeFromCompressedBase64(one));
  const most = Math.max(1, ...values, ...others.map(({ maxValue }) => maxValue));
  const histogram = ofRange(Math.min(longestUs, most));
  for (const value of values) histogram.recordValue(Math.min(value, longestUs));
  for (const other of others) histogram.add(other);
  return encodeIntoCompressedBase64(histogram);
}

function ofRange(mostUs: number): Histogram {
  const range = Math.max(shortestRangeUs, 2 ** Math.ceil(Math.log2(mostUs + 1)));
  const known = scratch.get(range);
  known?.reset();
  if (known) return known;
  const made = build({ lowestDiscernibleValue: 1, highestTrackableValue: range, numberOfSignificantValueDigits: 3 });
  scratch.set(range, made);
  return made;
}
