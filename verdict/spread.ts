import type { Bin } from './histogram.ts';

/** Everything that was answered, as value ranges with counts, and how many never were: slower than every value. */
export class Spread {
  readonly #bins = new Map<number, { high: number; count: number }>();
  #ascending: readonly Bin[] | null = null;
  answered = 0;
  lost = 0;

  get n(): number {
    return this.answered + this.lost;
  }

  add(low: number, high: number, count: number): void {
    const bin = this.#bins.get(low);
    if (bin) bin.count += count;
    else this.#bins.set(low, { high, count });
    this.answered += count;
    this.#ascending = null;
  }

  bins(): readonly Bin[] {
    this.#ascending ??= [...this.#bins].map(([low, bin]) => ({ low, ...bin })).sort((a, b) => a.low - b.low);
    return this.#ascending;
  }

  /** The value at a rank counted from 1, or null when that one never came. */
  atRank(rank: number): number | null {
    let seen = 0;
    for (const { low, high, count } of this.bins()) {
      seen += count;
      if (seen >= rank) return (low + high) / 2;
    }
    return null;
  }

  /** The smallest value that at least this share of all, lost ones included, do not exceed. */
  quantile(share: number): number | null {
    return this.n === 0 ? null : this.atRank(Math.max(1, Math.ceil(share * this.n - 1e-9)));
  }

  largestAnswered(): number | null {
    return this.bins().at(-1)?.high ?? null;
  }

  /** The smallest value x of which at most `count` are over x, or null when more than that never came. */
  smallestWithAtMostOver(count: number): number | null {
    let over = this.lost;
    if (over > count) return null;
    const bins = this.bins();
    for (let i = bins.length - 1; i >= 0; i--) {
      over += bins[i]!.count;
      if (over > count) return bins[i]!.high;
    }
    return bins[0]?.low ?? null;
  }
}
