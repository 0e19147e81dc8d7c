const mostBuckets = 240;
const startWidthMs = 30_000;

/** The lowest and highest value of each stretch of a series, for its picture: at most 240 stretches, however long it is. */
export class Envelope {
  readonly #low = new Float32Array(mostBuckets);
  readonly #high = new Float32Array(mostBuckets);
  #width = startWidthMs;
  #from = Number.NaN;
  #used = 0;

  constructor() {
    this.#low.fill(Number.NaN);
    this.#high.fill(Number.NaN);
  }

  add(atMs: number, value: number): void {
    if (Number.isNaN(this.#from)) this.#from = atMs;
    let index = Math.floor((atMs - this.#from) / this.#width);
    while (index >= mostBuckets) {
      this.#halve();
      index = Math.floor((atMs - this.#from) / this.#width);
    }
    if (index < 0) return;
    const low = this.#low[index]!;
    const high = this.#high[index]!;
    // Comparing with NaN is never true: an empty stretch takes whatever comes first.
    if (!(low <= value)) this.#low[index] = value;
    if (!(high >= value)) this.#high[index] = value;
    this.#used = Math.max(this.#used, index + 1);
  }

  /** `[middle of the stretch in ms, lowest, highest]`; a stretch without a sample is left out, so a gap stays one. */
  points(): (readonly [number, number, number])[] {
    const points: (readonly [number, number, number])[] = [];
    for (let i = 0; i < this.#used; i++) {
      const low = this.#low[i]!;
      if (!Number.isNaN(low)) points.push([this.#from + (i + 0.5) * this.#width, low, this.#high[i]!]);
    }
    return points;
  }

  get widthMs(): number {
    return this.#width;
  }

  #halve(): void {
    const half = mostBuckets / 2;
    for (let i = 0; i < half; i++) {
      this.#low[i] = lesser(this.#low[2 * i]!, this.#low[2 * i + 1]!);
      this.#high[i] = -lesser(-this.#high[2 * i]!, -this.#high[2 * i + 1]!);
    }
    this.#low.fill(Number.NaN, half);
    this.#high.fill(Number.NaN, half);
    this.#used = Math.ceil(this.#used / 2);
    this.#width *= 2;
  }
}

const lesser = (a: number, b: number): number => (Number.isNaN(a) || b < a ? b : a);
