/**
 * Whether the time between two samples is a gap. Series are looked at every minute or every five, and a busy machine
 * looks late: what is usual for a series is learnt from it, and nothing shorter than the least is ever a gap.
 */
export class Cadence {
  readonly #least: number;
  #last = Number.NaN;
  #usual = Number.NaN;

  constructor(least: number) {
    this.#least = least;
  }

  /** So long after the last sample the next is not missing yet. */
  get patienceMs(): number {
    return Math.max(this.#least, mostOfUsual * (Number.isNaN(this.#usual) ? startingAt * this.#least : this.#usual));
  }

  /** True when nothing is known of the time before this sample. The first sample is none. */
  isGap(at: number): boolean {
    const since = at - this.#last;
    this.#last = at;
    if (Number.isNaN(since)) return false;
    const gap = since > this.patienceMs;
    // A gap says nothing about what is usual.
    if (!gap) this.#usual = Number.isNaN(this.#usual) ? since : this.#usual + weight * (since - this.#usual);
    return gap;
  }
}

const mostOfUsual = 2.5;
const weight = 0.2;
/** Until two samples were seen, a series may be one that is looked at seldom. */
const startingAt = 1.5;
