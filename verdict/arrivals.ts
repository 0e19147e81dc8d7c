/** How much of the asked load was sent. Users waiting for the deployment are lost, not unsent: that is not ours. */
export class Arrivals {
  asked = 0;
  unsent = 0;
  /** The smallest share that was sent in any stretch of 10 s. */
  worstTenSeconds = 1;
  readonly #recent: { from: number; to: number; asked: number; unsent: number }[] = [];

  add(from: number, to: number, asked: number, unsent: number): void {
    this.asked += asked;
    this.unsent += unsent;
    this.#recent.push({ from, to, asked, unsent });
    while (this.#recent.length > 1 && to - this.#recent[1]!.from >= tenSeconds) this.#recent.shift();
    if (to - this.#recent[0]!.from >= tenSeconds) this.worstTenSeconds = Math.min(this.worstTenSeconds, this.#sent());
  }

  get share(): number {
    return this.asked === 0 ? 1 : 1 - this.unsent / this.asked;
  }

  get spoilt(): boolean {
    return this.share < 0.99 || this.worstTenSeconds < 0.95;
  }

  #sent(): number {
    const asked = this.#recent.reduce((total, window) => total + window.asked, 0);
    const unsent = this.#recent.reduce((total, window) => total + window.unsent, 0);
    return asked === 0 ? 1 : 1 - unsent / asked;
  }
}

/** A hair under 10 s, so that windows whose edges were rounded still make up ten seconds. */
const tenSeconds = 10_000 - 1;
