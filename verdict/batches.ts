import type { Batch } from './autocorrelation.ts';
import type { Bin } from './histogram.ts';

/** More than this many are merged in pairs: the finest batch doubles, memory stays where it is however long the run. */
const most = 4096;
/** Levels are 0.5 % apart; enough to say who is over a quantile, in two bytes. */
const perOctave = 128;
const lostLevel = 65_535;

/** What the design effect needs of a run, in time order. */
export class Batches {
  #batches: Batch[] = [];
  /** How many added stretches make up one batch. */
  #each = 1;
  #open: Batch | null = null;
  #inOpen = 0;

  /** `late`: at or over the target, or errors; `bins` in the unit of the row; `lost` never came. */
  add(n: number, late: number, bins: readonly Bin[], lost: number): void {
    const batch = batchOf(n, late, bins, lost);
    this.#open = this.#open ? merged(this.#open, batch) : batch;
    this.#inOpen++;
    if (this.#inOpen < this.#each) return;
    this.#batches.push(this.#open);
    this.#open = null;
    this.#inOpen = 0;
    if (this.#batches.length > most) this.#pairUp();
  }

  get all(): readonly Batch[] {
    return this.#batches;
  }

  #pairUp(): void {
    const pairs: Batch[] = [];
    for (let i = 0; i + 1 < this.#batches.length; i += 2) pairs.push(merged(this.#batches[i]!, this.#batches[i + 1]!));
    if (this.#batches.length % 2 === 1) {
      this.#open = this.#batches.at(-1)!;
      this.#inOpen = this.#each;
    }
    this.#batches = pairs;
    this.#each *= 2;
  }
}

function batchOf(n: number, late: number, bins: readonly Bin[], lost: number): Batch {
  const counts = new Map<number, number>();
  for (const { low, count } of bins) {
    const level = levelOf(low);
    counts.set(level, (counts.get(level) ?? 0) + count);
  }
  if (lost > 0) counts.set(lostLevel, lost);
  return { n, late, levels: Uint16Array.from(counts.keys()), counts: Uint32Array.from(counts.values()) };
}

/** 1 µs, when the unit is ms, is level 1; whatever is smaller is level 0. */
export function levelOf(value: number): number {
  if (!(value > 0.001)) return 0;
  return Math.min(lostLevel - 1, 1 + Math.floor(perOctave * Math.log2(value * 1000)));
}

/** Where a level begins; the inverse of `levelOf`. */
export const valueAt = (level: number): number => (level < 1 ? 0 : 2 ** ((level - 1) / perOctave) / 1000);

function merged(a: Batch, b: Batch): Batch {
  const counts = new Map<number, number>();
  for (const { levels, counts: each } of [a, b]) {
    for (let i = 0; i < levels.length; i++) counts.set(levels[i]!, (counts.get(levels[i]!) ?? 0) + each[i]!);
  }
  return {
    n: a.n + b.n,
    late: a.late + b.late,
    levels: Uint16Array.from(counts.keys()),
    counts: Uint32Array.from(counts.values()),
  };
}
