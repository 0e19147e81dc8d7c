import { Cadence } from './cadence.ts';
import { FloorBins } from './floors.ts';
import { type Candidate, candidateOf, classify } from './gate.ts';
import type { Fit } from './gls.ts';
import { Jumps } from './jumps.ts';
import { finestPerHour, Resolution, resolutionPlans, type Window, warmUpHours } from './resolution.ts';

export type TrendKind = 'steady' | 'leak' | 'level-shift' | 'warming-up' | 'undecided';

export interface Exhaustion {
  /** Hours from now until the limit, at the best estimate and at both ends of the slope's band. Infinity: not at that slope. */
  readonly atHours: number;
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

export interface Trend {
  readonly kind: TrendKind;
  /** In the unit of the series, by hour. */
  readonly slopePerHour: number;
  /** Holds the slope with 95 %, over all noise models. */
  readonly band: readonly [number, number];
  /** Where the window in which it rises begins, in hours of the run; for a level shift the shift. null: no rise. */
  readonly since: number | null;
  readonly projectedExhaustion?: Exhaustion;
  /** When the process behind the series was first seen, hours of the run. */
  readonly bornHours: number;
  /** How often the process behind the series was another one. */
  readonly restarts: number;
  readonly resolution: string | null;
  readonly why: string;
}

export interface TrendOptions {
  /** Where the series ends badly: container limit, max_connections, maxmemory. */
  readonly limit?: number;
  readonly unit?: string;
  /** A slope that must be excluded before a series is called steady, as a share of its level by hour. */
  readonly materialPerHour?: number;
}

/** No sample for this long, or for much longer than is usual for the series, is a gap: no floor is taken across it. */
const gapHours = 0.1;
const steadyTail = 0.01;
/** A slope that is this surely above the least is not steady, even where the whole rise is too small to be called. */
const leastSlopePerHour = 0.001;
const surelyTail = 0.001;
const defaultMaterial = 0.005;

/**
 * The trend of one series, a sample at a time: constant work and memory per sample, whatever its length. Looking is free
 * of consequences, so look as often as you like; docs/decisions/0200 says how often a healthy series was called.
 */
export class TrendFold {
  #options: TrendOptions;
  readonly #resolutions = resolutionPlans.map((plan) => new Resolution(plan));
  readonly #jumps = new Jumps();
  readonly #cadence = new Cadence(gapHours);
  readonly #finest = new FloorBins(finestPerHour, (t, floor, load) => {
    for (const resolution of this.#resolutions) resolution.add(t, floor, load);
  });
  #instance: string | number | null = null;
  #last = Number.NEGATIVE_INFINITY;
  #born = 0;
  #value = 0;
  #restarts = 0;

  constructor(options: TrendOptions = {}) {
    this.#options = options;
  }

  /** Where it ends badly, once that is known. */
  limitAt(limit: number): void {
    this.#options = { ...this.#options, limit };
  }

  /** In order of time. `load` is what the harness sent then; `instance` changes with every restart. */
  add(tHours: number, value: number, load = 1, instance: string | number = 0): void {
    if (!Number.isFinite(value) || tHours <= this.#last) return;
    const gap = this.#cadence.isGap(tHours);
    if (instance !== this.#instance) this.#restart(tHours, instance);
    else if (gap) this.#gap();
    this.#last = tHours;
    this.#value = value;
    this.#jumps.add(tHours, value);
    this.#finest.add(tHours, value, load);
  }

  /** Whether it is called a leak now; all that a look on the way needs to know. */
  isLeak(): boolean {
    return this.#rises().some(({ kind }) => kind === 'leak');
  }

  look(): Trend {
    const seen = this.#rises();
    const leak = seen.filter(({ kind }) => kind === 'leak').sort((a, b) => a.candidate.tail - b.candidate.tail)[0];
    const rise = leak ?? seen.find(({ kind }) => kind === 'warming-up') ?? seen[0];
    return rise ? this.#risen(rise.kind, rise.candidate) : this.#flat();
  }

  #rises() {
    return this.#resolutions.flatMap((resolution) =>
      resolution.windows.flatMap((window, index) => {
        const candidate = candidateOf(resolution, window, this.#jumps);
        if (candidate === null) return [];
        const kind = classify(candidate, index === 0 ? 'first' : 'fresh', resolution.plan.valleys);
        return kind === null ? [] : [{ kind, candidate }];
      }),
    );
  }

  #restart(tHours: number, instance: string | number): void {
    if (this.#instance === null) for (const resolution of this.#resolutions) resolution.begin(tHours);
    else {
      this.#restarts += 1;
      for (const resolution of this.#resolutions) resolution.restart(tHours);
    }
    this.#finest.cut();
    this.#jumps.cut();
    this.#instance = instance;
    this.#born = tHours;
  }

  #gap(): void {
    this.#finest.cut();
    this.#jumps.cut();
    for (const resolution of this.#resolutions) resolution.gap();
  }

  #risen(kind: Exclude<TrendKind, 'steady' | 'undecided'>, candidate: Candidate): Trend {
    const { fit } = candidate;
    const [low, high] = bandOf(fit);
    const exhaustion = kind === 'leak' ? this.#exhaustion(fit.slope * fit.level, low, high) : undefined;
    return {
      kind,
      slopePerHour: fit.slope * fit.level,
      band: [low, high],
      since: kind === 'level-shift' ? candidate.shape().stepAt : candidate.fromHours,
      ...(exhaustion ? { projectedExhaustion: exhaustion } : {}),
      bornHours: this.#born,
      restarts: this.#restarts,
      resolution: candidate.resolution,
      why: risenWords(kind, candidate, exhaustion),
    };
  }

  #exhaustion(slope: number, low: number, high: number): Exhaustion | undefined {
    const { limit } = this.#options;
    if (limit === undefined) return undefined;
    const room = Math.max(0, limit - this.#value);
    return { limit, atHours: hoursTo(room, slope), from: hoursTo(room, high), to: hoursTo(room, low) };
  }

  /** Nothing rises; steady only when a material slope is excluded as well. */
  #flat(): Trend {
    const material = this.#options.materialPerHour ?? defaultMaterial;
    const fits = this.#resolutions.flatMap((resolution) => fitOf(resolution.windows[0]));
    const tightest = fits.sort((a, b) => a.spread - b.spread)[0];
    const base = { since: null, bornHours: this.#born, restarts: this.#restarts, resolution: null };
    if (!tightest) {
      const kind = this.#last - this.#born < warmUpHours ? 'warming-up' : 'undecided';
      const why = `too few floors after the first ${warmUpHours} h of this process; some 4 h of one life would begin to tell`;
      return { ...base, kind, slopePerHour: Number.NaN, band: [-Infinity, Infinity], why };
    }
    const band = bandOf(tightest);
    return { ...base, ...flatWords(tightest, material), slopePerHour: tightest.slope * tightest.level, band };
  }
}

function flatWords(fit: Fit, material: number): { readonly kind: TrendKind; readonly why: string } {
  if (fit.below(leastSlopePerHour) < surelyTail) {
    const why = `it rises by ${percent(fit.slope)} of its level an hour, too little in all to be told from wandering; a longer run would decide`;
    return { kind: 'undecided', why };
  }
  if (fit.above(material) < steadyTail) {
    return { kind: 'steady', why: `it rises by less than ${percent(material)} of its level an hour` };
  }
  const why = `a rise of ${percent(material)} of its level an hour cannot be excluded yet; a longer run would decide`;
  return { kind: 'undecided', why };
}

export interface TrendSample {
  readonly tHours: number;
  readonly value: number;
  readonly load?: number;
  readonly instance?: string;
}

export interface JudgedTrend extends Trend {
  /** The first look at which it was a leak; null: at none. */
  readonly calledAtHours: number | null;
}

/** When the next look is due: every hour of the first twelve, then every second. */
export const nextLookAfter = (tHours: number): number =>
  tHours < 12 ? Math.floor(tHours) + 1 : 2 * Math.floor(tHours / 2) + 2;

/** A whole series, looked at as it goes. The last look counts; the first call is told beside it. */
export function judgeTrend(series: readonly TrendSample[], options: TrendOptions = {}): JudgedTrend {
  const fold = new TrendFold(options);
  let nextLook = 1;
  let calledAtHours: number | null = null;
  for (const { tHours, value, load, instance } of series) {
    if (tHours >= nextLook && calledAtHours === null) {
      if (fold.isLeak()) calledAtHours = tHours;
      nextLook = nextLookAfter(tHours);
    }
    fold.add(tHours, value, load, instance);
  }
  const last = fold.look();
  const called = calledAtHours ?? (last.kind === 'leak' ? (series.at(-1)?.tHours ?? null) : null);
  return { ...last, calledAtHours: called };
}

const fitOf = (window: Window | undefined): Fit[] => {
  const fit = window?.gls.fit();
  return fit && fit.points >= 8 ? [fit] : [];
};

/** The slopes below and above which 2.5 % of the posterior lie, in the unit of the series. */
function bandOf(fit: Fit): readonly [number, number] {
  const reach = 8 * fit.spread + 1e-12;
  const low = bisect(fit.slope - reach, fit.slope, (slope) => fit.below(slope) >= 0.025);
  const high = bisect(fit.slope + reach, fit.slope, (slope) => fit.above(slope) >= 0.025);
  return [low * fit.level, high * fit.level];
}

function bisect(outside: number, inside: number, within: (slope: number) => boolean): number {
  let no = outside;
  let yes = inside;
  for (let i = 0; i < 40; i++) {
    const middle = (no + yes) / 2;
    if (within(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

const hoursTo = (room: number, slope: number): number => (slope > 0 ? room / slope : Infinity);

function risenWords(kind: TrendKind, { fit, rise, spanHours, shape }: Candidate, exhaustion?: Exhaustion): string {
  const slope = `${percent(fit.slope)} of its level an hour over ${spanHours.toFixed(1)} h, ${percent(rise)} in all`;
  if (kind === 'level-shift') {
    const { stepHeight, stepAt } = shape();
    return `its level moved by ${percent(stepHeight)} at hour ${stepAt.toFixed(1)} and a single step explains that better than a slope`;
  }
  if (kind === 'warming-up') return `it rose by ${percent(rise)} and is levelling off; a longer run would show where`;
  if (!exhaustion) return `it rises steadily by ${slope}`;
  return `it rises steadily by ${slope}; it reaches its limit in ${hours(exhaustion.atHours)} (${hours(exhaustion.from)} to ${hours(exhaustion.to)})`;
}

const hours = (h: number): string => (h === Infinity ? 'never' : `${h < 10 ? h.toFixed(1) : h.toFixed(0)} h`);
const percent = (share: number): string => `${(100 * share).toPrecision(2)} %`;
