import { lengthMs, outside, type Stretch } from '../../record/stretches.ts';
import { Cadence } from './cadence.ts';

/** Stretches without a look that are kept one by one; of more only the sum is. */
const mostKept = 500;

/** When a source told something, and for how much of the soak it did not: what was not looked at is no evidence. */
export class Looks {
  firstMs = Number.NaN;
  lastMs = Number.NaN;
  readonly #cadence: Cadence;
  readonly #silent: Stretch[] = [];
  #moreMs = 0;

  /** A silence no longer than this is none, whatever is usual. */
  constructor(leastMs: number) {
    this.#cadence = new Cadence(leastMs);
  }

  add(atMs: number): void {
    if (atMs <= this.lastMs) return;
    const silent = this.#cadence.isGap(atMs);
    if (Number.isNaN(this.firstMs)) this.firstMs = atMs;
    else if (silent && this.#silent.length < mostKept) this.#silent.push({ fromMs: this.lastMs, toMs: atMs });
    else if (silent) this.#moreMs += atMs - this.lastMs;
    this.lastMs = atMs;
  }

  /** From the beginning to `endMs`, what lies in gaps of ours left out. */
  unseenMs(endMs: number, ours: readonly Stretch[]): number {
    if (Number.isNaN(this.firstMs)) return endMs;
    // The last look before a gap of ours and the first after it are apart by up to two intervals more than the gap.
    const unseen = this.#silences(endMs).map((each) => lengthMs(outside(each, ours)));
    return unseen.filter((ms) => ms > this.#cadence.patienceMs).reduce((sum, ms) => sum + ms, this.#moreMs);
  }

  /** Whether nothing is missing between two moments. */
  covers(fromMs: number, toMs: number, endMs: number): boolean {
    if (Number.isNaN(this.firstMs)) return false;
    return this.#silences(endMs).every((each) => each.toMs <= fromMs || each.fromMs >= toMs);
  }

  #silences(endMs: number): readonly Stretch[] {
    const ends = [
      { fromMs: 0, toMs: this.firstMs },
      { fromMs: this.lastMs, toMs: endMs },
    ].filter(({ fromMs, toMs }) => toMs - fromMs > this.#cadence.patienceMs);
    return [...this.#silent, ...ends];
  }
}
