import { type Bins, binsOf } from '../record/histogram.ts';
import { RecordError } from './errors.ts';

/** `count` values somewhere in [low, high], both ends included. */
export interface Bin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** The filled buckets of an encoded HdrHistogram, ascending, with the whole range of values each stands for (µs). */
export function decodeBins(encoded: string): readonly Bin[] {
  const { low, high, count, length } = lentBins(encoded);
  return Array.from({ length }, (_, i) => ({ low: low[i]!, high: high[i]!, count: count[i]! }));
}

/** The same, lent until the next call: for records that hold a hundred thousand of them. */
export function lentBins(encoded: string): Bins {
  try {
    return binsOf(encoded);
  } catch (error) {
    throw new RecordError(`the record holds a histogram that cannot be read: ${(error as Error).message}`);
  }
}
