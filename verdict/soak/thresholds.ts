import { dyadicEffect, fewestBatches } from '../autocorrelation.ts';
import { lnEvidenceAbove } from '../proportion.ts';
import { Cadence } from './cadence.ts';

export type AlertSeverity = 'critical' | 'warning';

interface RuleBase {
  readonly name: string;
  readonly severity: AlertSeverity;
}

/** A quantity that must not stay above (or, for `down`, at or below) a value. */
export interface GaugeRule extends RuleBase {
  readonly kind: 'gauge';
  readonly above: number;
}

/** A share of requests that must not stay above a value. */
export interface ShareRule extends RuleBase {
  readonly kind: 'share';
  readonly above: number;
}

export type AlertRule = GaugeRule | ShareRule;

/** Watched during load and soak (readiness). "P95 > 500 ms" says that more than 5 % take longer. */
export const alertRules = {
  'api.errors': { kind: 'share', name: 'API errors > 5 %', severity: 'critical', above: 0.05 },
  'database.connections': { kind: 'gauge', name: 'database connections exhausted', severity: 'critical', above: 0.98 },
  'redis.exhausted': { kind: 'gauge', name: 'Redis out of memory', severity: 'critical', above: 0.98 },
  'livekit.down': { kind: 'gauge', name: 'LiveKit down', severity: 'critical', above: 0.5 },
  'api.latency': { kind: 'share', name: 'API P95 > 500 ms', severity: 'warning', above: 0.05 },
  'database.disk': { kind: 'gauge', name: 'database disk > 80 %', severity: 'warning', above: 0.8 },
  'redis.memory': { kind: 'gauge', name: 'Redis memory > 75 %', severity: 'warning', above: 0.75 },
  'realtime.connections': { kind: 'gauge', name: 'WebSocket connections > 1 000', severity: 'warning', above: 1000 },
} as const satisfies Record<string, AlertRule>;

export interface Breach {
  readonly fromMs: number;
  /** When it was called; at most five minutes after `fromMs` while samples come at least once a minute. */
  readonly calledAtMs: number;
  /** null: not over when the record ended. */
  readonly toMs: number | null;
  readonly worst: number;
}

/** A breach is sustained, and over, after two minutes of nothing else, seen at least three times. */
const sustainedMs = 120_000;
const fewestSamples = 3;
/** Between samples further apart than this nothing is known, so nothing is sustained across. */
const gapMs = 150_000;

/** Breaches of a gauge, a sample at a time. */
export class GaugeBreaches {
  readonly #above: number;
  readonly #cadence = new Cadence(gapMs);
  readonly breaches: Breach[] = [];
  #open: { fromMs: number; calledAtMs: number; worst: number } | null = null;
  #runFrom = 0;
  #runCount = 0;
  #runOver = false;
  #runWorst = Number.NEGATIVE_INFINITY;

  constructor(rule: GaugeRule) {
    this.#above = rule.above;
  }

  add(atMs: number, value: number): void {
    const over = value > this.#above;
    const gap = this.#cadence.isGap(atMs);
    if (over !== this.#runOver || this.#runCount === 0 || gap) this.#turn(atMs, over);
    this.#runCount += 1;
    this.#runWorst = Math.max(this.#runWorst, value);
    if (this.#open && over) this.#open.worst = Math.max(this.#open.worst, value);
    if (this.#runCount >= fewestSamples && atMs - this.#runFrom >= sustainedMs) this.#settle(atMs);
  }

  end(): readonly Breach[] {
    return this.#open ? [...this.breaches, { ...this.#open, toMs: null }] : this.breaches;
  }

  #turn(atMs: number, over: boolean): void {
    this.#runFrom = atMs;
    this.#runCount = 0;
    this.#runOver = over;
    this.#runWorst = Number.NEGATIVE_INFINITY;
  }

  #settle(atMs: number): void {
    if (this.#runOver) this.#open ??= { fromMs: this.#runFrom, calledAtMs: atMs, worst: this.#runWorst };
    else if (this.#open) {
      this.breaches.push({ ...this.#open, toMs: this.#runFrom });
      this.#open = null;
    }
  }
}

/** Requests of some seconds: how many, and how many of them errors or late. */
export interface ShareWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly n: number;
  readonly k: number;
}

const memoryMs = 300_000;
const shortestMs = 60_000;
/** Some 17 280 windows of 10 s in 48 h, each a look; a false call in a thousand runs. */
const lnEnough = Math.log(1000 * 17_280);

/**
 * Breaches of a share. Called when the last minutes prove that the true share is above the value, correlation between
 * windows counted, so that a handful of slow requests in a quiet minute is none. Over when the last minute is below it.
 */
export class ShareBreaches {
  readonly #above: number;
  readonly breaches: Breach[] = [];
  #recent: ShareWindow[] = [];
  #open: { fromMs: number; calledAtMs: number; worst: number } | null = null;

  constructor(rule: ShareRule) {
    this.#above = rule.above;
  }

  add(window: ShareWindow): void {
    if (window.fromMs - (this.#recent.at(-1)?.toMs ?? window.fromMs) > gapMs) this.#recent = [];
    this.#recent.push(window);
    const lastMinute = this.#forget(window.toMs);
    if (lastMinute.n === 0) return;
    const share = lastMinute.k / lastMinute.n;
    if (this.#open) this.#go(window, share);
    else if (share > this.#above) this.#open = this.#called(window.toMs, share);
  }

  end(): readonly Breach[] {
    return this.#open ? [...this.breaches, { ...this.#open, toMs: null }] : this.breaches;
  }

  /** Keeps what may still speak, in place: a hundred thousand windows come in 48 h. Answers the total of the last minute. */
  #forget(nowMs: number): { readonly k: number; readonly n: number } {
    let kept = 0;
    let k = 0;
    let n = 0;
    for (const window of this.#recent) {
      const ageMs = nowMs - window.toMs;
      if (ageMs >= memoryMs) continue;
      this.#recent[kept++] = window;
      if (ageMs >= shortestMs) continue;
      k += window.k;
      n += window.n;
    }
    this.#recent.length = kept;
    return { k, n };
  }

  #go(window: ShareWindow, share: number): void {
    const open = this.#open!;
    open.worst = Math.max(open.worst, share);
    if (share > this.#above || window.toMs - open.calledAtMs < shortestMs) return;
    this.breaches.push({ ...open, toMs: window.toMs });
    this.#open = null;
    this.#recent = [];
  }

  /** Only the stretch since the share went over the value speaks for a breach. */
  #called(nowMs: number, worst: number) {
    let from = this.#recent.length;
    while (from > 0 && over(this.#recent[from - 1]!, this.#above)) from -= 1;
    const stretch = this.#recent.slice(from);
    const fromMs = stretch[0]?.fromMs ?? nowMs;
    if (nowMs - fromMs >= shortestMs && proven(stretch, this.#above)) return { fromMs, calledAtMs: nowMs, worst };
    return proven(this.#recent, this.#above) ? { fromMs: this.#recent[0]!.fromMs, calledAtMs: nowMs, worst } : null;
  }
}

/** An empty window says nothing against a breach that goes on. */
const over = ({ k, n }: ShareWindow, above: number): boolean => n === 0 || k > above * n;

function proven(windows: readonly ShareWindow[], above: number): boolean {
  const { k, n } = totalOf(windows);
  if (n === 0 || k <= above * n) return false;
  const used = windows.filter((window) => window.n > 0);
  const ks = Float64Array.from(used, (window) => window.k);
  const ns = Float64Array.from(used, (window) => window.n);
  const effect = used.length >= fewestBatches ? dyadicEffect(ks, ns) : shortEffect(n, used.length);
  return lnEvidenceAbove({ k: k / effect, n: n / effect }, above) >= lnEnough;
}

/** With few windows correlation cannot be estimated: each counts for at most twenty requests. */
const shortEffect = (n: number, windows: number): number => Math.max(1, n / (20 * windows));

function totalOf(windows: readonly ShareWindow[]): { k: number; n: number } {
  return windows.reduce((sum, { k, n }) => ({ k: sum.k + k, n: sum.n + n }), { k: 0, n: 0 });
}

/** Breaches of several sources as one list: those that overlap are one, called when the first of them was. */
export function merged(breaches: readonly Breach[]): readonly Breach[] {
  const found: Breach[] = [];
  for (const next of breaches.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = found.at(-1);
    if (last && next.fromMs <= (last.toMs ?? Number.POSITIVE_INFINITY)) found[found.length - 1] = joined(last, next);
    else found.push(next);
  }
  return found;
}

const joined = (one: Breach, other: Breach): Breach => ({
  fromMs: one.fromMs,
  calledAtMs: Math.min(one.calledAtMs, other.calledAtMs),
  toMs: one.toMs === null || other.toMs === null ? null : Math.max(one.toMs, other.toMs),
  worst: Math.max(one.worst, other.worst),
});

export interface AlertDelay {
  readonly breach: Breach;
  /** From the breach to the environment's first notification of it; null: it never came. */
  readonly delayMs: number | null;
}

/** An alert that lasts, from when it was told to when it was said to be over. */
export interface Firing {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Which breaches the environment's own alerting told of, and how late. A notification before the breach is of another, unless its alert still fires. */
export function alertDelays(
  breaches: readonly Breach[],
  notifiedAtMs: readonly number[],
  graceMs: number,
  /** We see a breach up to one sample late, so its notification may come that much before it. */
  betweenSamplesMs = 0,
  firing: readonly Firing[] = [],
): AlertDelay[] {
  return breaches.map((breach) => {
    if (firing.some(({ fromMs, toMs }) => fromMs <= breach.fromMs && breach.fromMs < toMs))
      return { breach, delayMs: 0 };
    const from = breach.fromMs - betweenSamplesMs;
    const until = (breach.toMs ?? Infinity) + graceMs;
    const first = notifiedAtMs.filter((at) => at >= from && at <= until).sort((a, b) => a - b)[0];
    return { breach, delayMs: first === undefined ? null : Math.max(0, first - breach.fromMs) };
  });
}
