/**
 * The largest rise between two neighbouring samples, by the hour. A level that shifts leaves one jump in the samples that
 * stands out from every other hour; a leak leaves none, however few floors there are to tell them apart by shape.
 */
export class Jumps {
  readonly #largest: number[] = [];
  #firstHour = 0;
  #hourEnds = Number.NEGATIVE_INFINITY;
  #last = Number.NaN;
  #most = 0;

  add(tHours: number, value: number): void {
    if (tHours >= this.#hourEnds) this.#turn(tHours);
    const jump = value - this.#last;
    this.#last = value;
    if (jump > this.#most) {
      this.#most = jump;
      this.#largest[this.#largest.length - 1] = jump;
    }
  }

  /** Neighbours across a gap or a restart are none. */
  cut(): void {
    this.#last = Number.NaN;
  }

  #turn(tHours: number): void {
    const hour = Math.floor(tHours);
    if (this.#largest.length === 0) this.#firstHour = hour;
    while (this.#largest.length <= hour - this.#firstHour) this.#largest.push(0);
    this.#hourEnds = hour + 1;
    this.#most = 0;
  }

  /** How much the largest jump of a stretch exceeds that of its middle hour. */
  excess(fromHours: number, toHours: number): number {
    const from = Math.max(0, Math.floor(fromHours) - this.#firstHour);
    return largestOverMiddle(this.#largest.slice(from, Math.floor(toHours) - this.#firstHour + 1));
  }
}

/**
 * By how much the largest rise from the mean of two neighbouring floors to that of the next two exceeds the middle one. A
 * peak of the samples (one costly request) jumps and is gone again: no floor moves with it.
 */
export function lastingJump(floors: ArrayLike<number>): number {
  const rises: number[] = [];
  for (let i = 1; i < floors.length; i++) {
    const before = (floors[i - 1]! + floors[Math.max(0, i - 2)]!) / 2;
    const after = (floors[i]! + floors[Math.min(i + 1, floors.length - 1)]!) / 2;
    rises.push(after - before);
  }
  return largestOverMiddle(rises);
}

/** Sorts them in place. */
function largestOverMiddle(values: number[]): number {
  values.sort((a, b) => a - b);
  return values.length === 0 ? 0 : values.at(-1)! - values[(values.length - 1) >> 1]!;
}
