import type { Watched } from './watched.ts';

/** A copy that has not told for so many of its usual intervals is gone; its users are counted where they went. */
const staleAfter = 1.6;
const usualMs = 60_000;
const mostMs = 300_000;

interface Told {
  readonly atMs: number;
  /** Until when it counts. */
  readonly untilMs: number;
  readonly value: number;
}

/**
 * Connections of the whole deployment: what each copy of each service told last, added up. Where several sources tell of
 * one service, the first of them counts.
 */
export class Connections {
  readonly #source = new Map<string, string>();
  readonly #told = new Map<string, Told>();

  /** null: another source tells of this service already. */
  sum({ service, labels, instance }: Watched, atMs: number, value: number): number | null {
    const from = labels.from ?? '';
    if (!this.#source.has(service)) this.#source.set(service, from);
    if (this.#source.get(service) !== from) return null;
    const key = `${service}\u0000${instance}`;
    const everyMs = Math.min(mostMs, atMs - (this.#told.get(key)?.atMs ?? atMs - usualMs));
    this.#told.set(key, { atMs, untilMs: atMs + staleAfter * everyMs, value });
    let sum = 0;
    for (const [other, told] of this.#told) {
      if (atMs > told.untilMs) this.#told.delete(other);
      else sum += told.value;
    }
    return sum;
  }
}
