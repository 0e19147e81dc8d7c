/** Floor points of one resolution, kept for the tests of shape; at most `most`, the oldest half thinned when it is full. */
export class Points {
  t: Float64Array;
  y: Float64Array;
  x: Float64Array;
  life: Int32Array;
  length = 0;
  readonly #most: number;

  /** Room for `atFirst` is made at once, and for twice as many when they are more. */
  constructor(most: number, atFirst: number) {
    this.#most = most;
    this.t = new Float64Array(atFirst);
    this.y = new Float64Array(atFirst);
    this.x = new Float64Array(atFirst);
    this.life = new Int32Array(atFirst);
  }

  add(t: number, y: number, x: number, life: number): void {
    if (this.length === this.#most) this.#thin();
    else if (this.length === this.t.length) this.#grow();
    const i = this.length++;
    this.t[i] = t;
    this.y[i] = y;
    this.x[i] = x;
    this.life[i] = life;
  }

  #grow(): void {
    const size = Math.min(this.#most, 2 * this.length);
    const grown = (from: Float64Array) => {
      const to = new Float64Array(size);
      to.set(from);
      return to;
    };
    this.t = grown(this.t);
    this.y = grown(this.y);
    this.x = grown(this.x);
    const life = new Int32Array(size);
    life.set(this.life);
    this.life = life;
  }

  /** A week-long soak keeps the shape of its first days with every second point. */
  #thin(): void {
    const half = this.length >> 1;
    let to = 0;
    for (let from = 0; from < this.length; from += from < half ? 2 : 1) {
      this.t[to] = this.t[from]!;
      this.y[to] = this.y[from]!;
      this.x[to] = this.x[from]!;
      this.life[to++] = this.life[from]!;
    }
    this.length = to;
  }

  /** The longest stretch within one life at or after a time: indices [from, to). */
  longestLife(fromHours: number): readonly [number, number] {
    let from = 0;
    while (from < this.length && this.t[from]! < fromHours) from += 1;
    let best: readonly [number, number] = [from, from];
    for (let start = from; start < this.length; ) {
      let end = start;
      while (end < this.length && this.life[end] === this.life[start]) end += 1;
      if (this.t[end - 1]! - this.t[start]! >= (best[1] > best[0] ? this.t[best[1] - 1]! - this.t[best[0]]! : -1)) {
        best = [start, end];
      }
      start = end;
    }
    return best;
  }
}
