import type { SoakContext } from '../../runners/soak/types.ts';

/** Of so many connections the fastest says what the network and the handshakes cost. */
const kept = 60;
const tellEveryMs = 60_000;

/**
 * A question every five seconds has to connect anew where idle connections are closed sooner, and its answer then takes
 * three round trips in place of the one that is promised. What the fastest of the last connections took is left out; a
 * connection that took longer than that was held up, by the deployment perhaps, and that stays in.
 */
export class Handshakes {
  readonly #soak: SoakContext;
  readonly #recent: number[] = [];
  #latestMs = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(soak: SoakContext) {
    this.#soak = soak;
  }

  took(ms: number): void {
    this.#recent.push(ms);
    if (this.#recent.length > kept) this.#recent.shift();
    this.#latestMs = ms;
    this.#tell(ms);
  }

  /** Milliseconds of the question that has just been answered; 0: it went over a connection that was there. */
  leftOut(): number {
    const own = this.#latestMs;
    this.#latestMs = 0;
    return own === 0 ? 0 : Math.min(own, ...this.#recent);
  }

  #tell(value: number): void {
    const { now, emit, timeScale } = this.#soak;
    const atMs = Math.round(now());
    if ((atMs - this.#toldAtMs) * timeScale < tellEveryMs) return;
    this.#toldAtMs = atMs;
    const rounded = Math.round(value * 1000) / 1000;
    emit({ kind: 'sample', series: 'health.connect', unit: 'ms', labels: { service: 'api' }, atMs, value: rounded });
  }
}
