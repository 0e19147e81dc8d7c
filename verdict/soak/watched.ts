import type { LimitEntry, SampleEntry } from '../../record/entries.ts';
import { Envelope } from './envelope.ts';
import { type Role, roles } from './roles.ts';
import { type Saturation, SaturationFold } from './saturation.ts';
import { type Breach, GaugeBreaches } from './thresholds.ts';
import { type Trend, TrendFold } from './trend.ts';

const hourMs = 3_600_000;

/** How much a counter rose, and when first. A counter that falls was reset and counts from zero again. */
export interface Counted {
  readonly rose: number;
  readonly firstMs: number | null;
}

/** One series, a sample at a time; times are those of the soak, scaled. */
export class Watched {
  readonly series: string;
  unit: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly role: Role | null;
  readonly envelope = new Envelope();
  samples = 0;
  firstMs = Number.NaN;
  lastMs = Number.NaN;
  first = Number.NaN;
  last = Number.NaN;
  limit: number | null = null;
  limitFrom: string | null = null;
  readonly #trend: TrendFold | null;
  readonly #share: GaugeBreaches | null;
  #saturation: SaturationFold | null = null;
  #counted = { rose: 0, firstMs: null as number | null };

  constructor({ series, unit, labels = {} }: SampleEntry) {
    this.series = series;
    this.unit = unit;
    this.labels = withoutLife(labels);
    this.role = roles[series] ?? null;
    this.#trend = this.role?.kind === 'level' ? new TrendFold() : null;
    const above = this.role?.above;
    this.#share =
      above === undefined ? null : new GaugeBreaches({ kind: 'gauge', name: '', severity: 'warning', above });
  }

  get service(): string {
    return this.labels.service ?? '';
  }

  add(atMs: number, value: number, load: number, life: string): void {
    if (!Number.isFinite(value) || atMs <= this.lastMs) return;
    if (this.samples === 0) {
      this.firstMs = atMs;
      this.first = value;
    } else if (this.role?.kind === 'counter') this.#count(atMs, value);
    this.samples += 1;
    this.lastMs = atMs;
    this.last = value;
    this.envelope.add(atMs, value);
    this.#trend?.add(atMs / hourMs, value + (this.role?.grain ?? 0), load, life);
    this.#share?.add(atMs, value);
    this.#saturation?.add(atMs, value);
  }

  /** A limit that changes is held against what comes after it; what came before was judged by the one before. */
  bound({ value, from }: LimitEntry): void {
    if (!(value > 0)) return;
    this.limitFrom = from;
    if (value === this.limit) return;
    this.limit = value;
    if (!this.role) return;
    this.#saturation = new SaturationFold({ limit: value, most: this.role.most ?? 1.01, unit: this.unit });
    this.#trend?.limitAt(value + this.role.grain);
    // The sample that stood when the limit was read counts against it.
    if (this.samples > 0) this.#saturation.add(this.lastMs, this.last);
  }

  trend(): Trend | null {
    return this.#trend?.look() ?? null;
  }

  /** Free of everything that is only shown: for looks on the way. */
  isLeak(): boolean {
    return this.#trend?.isLeak() ?? false;
  }

  saturation(): Saturation | null {
    return this.#saturation?.look() ?? null;
  }

  breaches(): readonly Breach[] {
    return this.#share?.end() ?? [];
  }

  counted(): Counted {
    return this.#counted;
  }

  #count(atMs: number, value: number): void {
    const rose = value >= this.last ? value - this.last : value;
    if (rose <= 0) return;
    this.#counted.rose += rose;
    this.#counted.firstMs ??= atMs;
  }
}

export function withoutLife(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (labels.life === undefined) return labels;
  const { life: _life, ...rest } = labels;
  return rest;
}

/** What tells one series from another. */
export function seriesKey(series: string, labels: Readonly<Record<string, string>> | undefined): string {
  let key = series;
  if (labels) {
    for (const name in labels) if (name !== 'life') key += `\u0000${name}=${labels[name]}`;
  }
  return key;
}
