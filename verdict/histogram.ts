import { decodeFromCompressedBase64, JsHistogram } from 'hdr-histogram-js';
import { RecordError } from './errors.ts';

/** `count` values somewhere in [low, high], both ends included. */
export interface Bin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** The filled buckets of an encoded HdrHistogram, ascending, with the whole range of values each stands for (µs). */
export function decodeBins(encoded: string): readonly Bin[] {
  const histogram = decoded(encoded);
  const bins: Bin[] = [];
  let left = histogram.totalCount;
  if (left === 0) return bins;
  // Below the smallest value everything is empty, which is most of it.
  const first = histogram.getCountAtIndex(0) > 0 ? 0 : histogram.countsArrayIndex(histogram.minNonZeroValue);
  for (let index = first; index < histogram.countsArrayLength && left > 0; index++) {
    const count = histogram.getCountAtIndex(index);
    if (count === 0) continue;
    const low = histogram.valueFromIndex(index);
    bins.push({ low, high: histogram.highestEquivalentValue(low), count });
    left -= count;
  }
  return bins;
}

function decoded(encoded: string): JsHistogram {
  try {
    const histogram = decodeFromCompressedBase64(encoded);
    if (histogram instanceof JsHistogram) return histogram;
  } catch (error) {
    throw new RecordError(`the record holds a histogram that cannot be read: ${(error as Error).message}`);
  }
  throw new RecordError('the record holds a histogram of an unknown make');
}
