import type { LimitEntry, SampleEntry } from '../../record/entries.ts';
import { Envelope } from './envelope.ts';
import { bendOf } from './hinge.ts';
import type { Copy } from './lives.ts';
import type { Looks } from './looks.ts';
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

/** The cloud tells changes, which are added up since the soak began: where nothing was, none were told. A first point may reach back to before. */
const toldAsChange = 'cloud';
const oneMinuteMs = 60_000;

/** So many samples of a series are folded at once: five hundred series take turns, and fetching one from memory takes longer than folding a sample. */
const atOnce = 32;

/** One series, a sample at a time; times are those of the soak, scaled. */
export class Watched {
  readonly series: string;
  unit: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly role: Role | null;
  limit: number | null = null;
  limitFrom: string | null = null;
  /** Which copy of its service it is of, once one was seen. */
  copy: Copy | null = null;
  /** When its source told anything of this kind of the service, of this copy or of another. */
  readonly looks: Looks;
  /** Its rise before this moment may be of data that expire by themselves, ms of the soak; its trend begins anew there. */
  settlesMs = 0;
  readonly #folded: Folded;
  readonly #atMs = new Float64Array(atOnce);
  readonly #value = new Float64Array(atOnce);
  readonly #load = new Float64Array(atOnce);
  readonly #life: string[] = [];
  #waiting = 0;

  constructor({ series, unit, labels = {} }: SampleEntry, looks: Looks) {
    this.looks = looks;
    this.series = series;
    this.unit = unit;
    this.labels = withoutLife(labels);
    this.role = roles[series] ?? null;
    this.#folded = new Folded(this.role, this.from);
  }

  get service(): string {
    return this.labels.service ?? '';
  }

  get from(): string {
    return this.labels.from ?? '';
  }

  /** Which copy of the service, in the words of whoever told of it: each source counts lives in its own. */
  get instance(): string {
    return `${this.labels.instance ?? ''} ${this.from}`.trim();
  }

  /** A limit may be told before its series. */
  get isUnseen(): boolean {
    return this.#waiting === 0 && this.#folded.samples === 0;
  }

  /** All samples so far, folded. */
  get seen(): Folded {
    for (let i = 0; i < this.#waiting; i++)
      this.#folded.add(this.#atMs[i]!, this.#value[i]!, this.#load[i]!, this.#life[i]!, this.settlesMs);
    this.#waiting = 0;
    return this.#folded;
  }

  add(atMs: number, value: number, load: number, life: string): void {
    this.looks.add(atMs);
    // A limit that was told before its series did not know its unit.
    if (this.limit !== null && this.isUnseen) this.#folded.limitAt(this.limit, this.unit);
    const i = this.#waiting++;
    this.#atMs[i] = atMs;
    this.#value[i] = value;
    this.#load[i] = load;
    this.#life[i] = life;
    if (this.#waiting === atOnce) void this.seen;
  }

  /** A limit that changes is held against what comes after it; what came before was judged by the one before. */
  bound({ value, from }: Pick<LimitEntry, 'value' | 'from'>): void {
    if (!(value > 0)) return;
    this.limitFrom = from;
    if (value === this.limit) return;
    this.limit = value;
    if (!this.isUnseen) this.seen.limitAt(value, this.unit);
  }
}

export const isTrendJudged = (role: Role | null): boolean => role?.kind === 'level' || role?.rises !== undefined;

/** What is kept of the samples of one series. */
class Folded {
  readonly envelope = new Envelope();
  samples = 0;
  firstMs = Number.NaN;
  lastMs = Number.NaN;
  first = Number.NaN;
  last = Number.NaN;
  readonly #role: Role | null;
  readonly #fromNothing: boolean;
  #trend: TrendFold | null;
  #trendFromMs = 0;
  #limit: number | null = null;
  readonly #share: GaugeBreaches | null;
  #saturation: SaturationFold | null = null;
  #counted = { rose: 0, firstMs: null as number | null };
  #life = '';
  #lives = 0;
  /** Of a series told as a share of its limit there is none. */
  #grain: number;

  constructor(role: Role | null, from: string) {
    this.#role = role;
    this.#fromNothing = role?.kind === 'counter' && from === toldAsChange;
    this.#grain = role?.grain ?? 0;
    this.#trend = isTrendJudged(role) ? new TrendFold() : null;
    const above = role?.above;
    this.#share =
      above === undefined ? null : new GaugeBreaches({ kind: 'gauge', name: '', severity: 'warning', above });
  }

  add(atMs: number, value: number, load: number, life: string, settlesMs: number): void {
    if (!Number.isFinite(value) || atMs <= this.lastMs) return;
    if (this.#trendFromMs < settlesMs && atMs >= settlesMs) this.#beginAnew(atMs);
    if (this.samples === 0) {
      this.firstMs = atMs;
      this.first = value;
      if (this.#fromNothing && atMs >= oneMinuteMs) this.#rise(atMs, value);
    } else if (this.#role?.kind === 'counter') this.#count(atMs, value);
    this.samples += 1;
    this.lastMs = atMs;
    this.last = value;
    this.envelope.add(atMs, value);
    this.#trend?.add(atMs / hourMs, value + this.#grain, load, this.#lifeOf(life));
    this.#share?.add(atMs, value);
    this.#saturation?.add(atMs, value);
  }

  /** A sample that does not say whose it is, is of the life that is known. */
  #lifeOf(life: string): number {
    if (life !== '' && life !== this.#life) {
      if (this.#life !== '') this.#lives += 1;
      this.#life = life;
    }
    return this.#lives;
  }

  #beginAnew(atMs: number): void {
    this.#trendFromMs = atMs;
    if (this.#trend === null) return;
    this.#trend = new TrendFold();
    if (this.#limit !== null) this.#trend.limitAt(this.#limit + this.#grain);
  }

  limitAt(limit: number, unit: string): void {
    if (!this.#role) return;
    this.#limit = limit;
    if (unit === '1' && this.#role.unit === 'By') this.#grain = 0;
    this.#saturation = new SaturationFold({
      limit,
      most: this.#role.most ?? 1.01,
      unit,
      pool: this.#role.pool ?? false,
    });
    this.#trend?.limitAt(limit + this.#grain);
    // The sample that stood when the limit was read counts against it.
    if (this.samples > 0) this.#saturation.add(this.lastMs, this.last);
  }

  trend(): Trend | null {
    const trend = this.#trend?.look();
    return trend?.kind === 'leak' ? { ...trend, since: this.#bend(trend) } : (trend ?? null);
  }

  /** Of the life that rises, and of its lowest values, as the trend is one of floors. */
  #bend({ since, bornHours }: Trend): number | null {
    const points = this.envelope.points().map(([atMs, low]) => [atMs / hourMs, low] as const);
    return bendOf(points.filter(([t]) => t >= bornHours)) ?? since;
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
    this.#rise(atMs, value >= this.last ? value - this.last : value);
  }

  #rise(atMs: number, rose: number): void {
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
