/** The union of stretches of time, kept as few as they can be while they arrive roughly in order. */
export class Stretches {
  readonly #spans: { from: number; to: number }[] = [];

  add(from: number, to: number): void {
    const last = this.#spans.at(-1);
    if (last && from >= last.from && from <= last.to) last.to = Math.max(last.to, to);
    else this.#spans.push({ from, to });
  }

  get coveredMs(): number {
    return this.#union().reduce((total, { from, to }) => total + to - from, 0);
  }

  overlaps(fromMs: number, toMs: number): boolean {
    return this.#spans.some(({ from, to }) => from <= toMs && to >= fromMs);
  }

  #union(): { from: number; to: number }[] {
    const union: { from: number; to: number }[] = [];
    for (const span of this.#spans.toSorted((a, b) => a.from - b.from)) {
      const last = union.at(-1);
      if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
      else union.push({ ...span });
    }
    return union;
  }
}
