import type { WindowEntry } from '../../record/entries.ts';

/** The load beside which every series is seen, in requests a second. */
export class Load {
  #told = false;
  readonly #rates = new Map<string, number>();
  perSecond = 1;

  is(perSecond: number): void {
    this.#told = true;
    // A minute without load would make any floor of that minute an outlier of the load column.
    if (perSecond > 0) this.perSecond = perSecond;
  }

  /** Where nobody says what was sent, the rate of what was measured stands in for it. */
  window({ check, assertion, fromMs, toMs, histogram, good, lost }: WindowEntry): void {
    if (this.#told || check !== 'soak.critical' || histogram !== undefined || !(toMs > fromMs)) return;
    const n = (good ?? 0) + Object.values(lost ?? {}).reduce((sum, each) => sum + each, 0);
    this.#rates.set(assertion, (1000 * n) / (toMs - fromMs));
    const sum = [...this.#rates.values()].reduce((all, rate) => all + rate, 0);
    this.perSecond = Math.max(1e-9, sum);
  }
}
