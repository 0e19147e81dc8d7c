import { type Breach, GaugeBreaches } from './thresholds.ts';

/** What a bounded resource may be used up to, as shares of its limit. */
export interface SaturationPlan {
  /** Where the limit was read, for people: container limit, max_connections, maxmemory. */
  readonly limit: number;
  /** Above this it is used too much; 0.8 for a disk, 0.75 for Redis. */
  readonly most: number;
  readonly unit?: string;
  /** It hands out what it has, and nothing more once it is used up: being used up once is being used up. */
  readonly pool?: boolean;
}

export interface Saturation {
  readonly kind: 'ample' | 'high' | 'exhausted' | 'undecided';
  /** Largest share of the limit seen, however briefly. */
  readonly peak: number;
  /** Stretches above `most`, each sustained for two minutes. */
  readonly high: readonly Breach[];
  readonly exhausted: readonly Breach[];
  readonly why: string;
}

/** At this share of its limit a pool hands nothing more out. */
const exhaustedShare = 0.98;

/** Use of a bounded resource, a sample at a time. */
export class SaturationFold {
  readonly #plan: SaturationPlan;
  readonly #high: GaugeBreaches;
  readonly #exhausted: GaugeBreaches;
  #peak = 0;
  #usedUp: Breach | null = null;
  #samples = 0;

  constructor(plan: SaturationPlan) {
    this.#plan = plan;
    const rule = { kind: 'gauge', name: '', severity: 'warning' } as const;
    this.#high = new GaugeBreaches({ ...rule, above: plan.most });
    this.#exhausted = new GaugeBreaches({ ...rule, above: exhaustedShare });
  }

  add(atMs: number, value: number): void {
    if (!Number.isFinite(value) || !(this.#plan.limit > 0)) return;
    const share = value / this.#plan.limit;
    this.#samples += 1;
    this.#peak = Math.max(this.#peak, share);
    if (this.#plan.pool && share >= exhaustedShare) this.#usedUpAt(atMs, share);
    this.#high.add(atMs, share);
    this.#exhausted.add(atMs, share);
  }

  look(): Saturation {
    const sustained = this.#exhausted.end();
    const exhausted = sustained.length === 0 && this.#usedUp ? [this.#usedUp] : sustained;
    const seen = { peak: this.#peak, high: this.#high.end(), exhausted };
    if (this.#samples === 0) return { ...seen, kind: 'undecided', why: 'no sample, or no limit to hold it against' };
    const peak =
      `${(100 * this.#peak).toFixed(0)} % of its limit of ${this.#plan.limit} ${this.#plan.unit ?? ''}`.trim();
    if (seen.exhausted.length > 0) return { ...seen, kind: 'exhausted', why: `it was used up: ${peak}` };
    if (seen.high.length > 0) return { ...seen, kind: 'high', why: `it stayed above its share: up to ${peak}` };
    return { ...seen, kind: 'ample', why: `at most ${peak}` };
  }

  #usedUpAt(atMs: number, worst: number): void {
    this.#usedUp ??= { fromMs: atMs, calledAtMs: atMs, toMs: atMs, worst };
  }
}
