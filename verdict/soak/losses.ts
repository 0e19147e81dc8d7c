import type { WindowEntry } from '../../record/entries.ts';
import type { Counts } from '../proportion.ts';
import type { Outage } from './outage.ts';

/** Of one kind (answers, or messages): how many there should have been, and how many went wrong in whatever way. */
export interface Lost extends Counts {
  /** How many are lost together, on average over those that are lost: what comes in bursts says less than as many apart. */
  readonly effect: number;
  /** Most frequent first. */
  readonly causes: readonly (readonly [cause: string, count: number])[];
  /** When the first was lost, ms of the soak. */
  readonly firstMs: number;
  /** How many were lost while the deployment was away; these are told with the outage. */
  readonly away: number;
  /** As it stood after each of the first losses, divided by the effect then: what was proven once stays proven. */
  readonly after: readonly Counts[];
}

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly n: number;
  readonly lost: Readonly<Record<string, number>>;
  readonly k: number;
  /** How many there had been by then. */
  readonly total: number;
}

/** Later a few answers more change nothing. */
const mostLookedBack = 200;

/** Windows with a loss that are kept one by one; of further ones nobody can say whether they were in an outage. */
const mostKept = 5_000;
/** What was under way when an outage began, and what comes back after it, is lost with it; slots are five seconds apart. */
const besideMs = 15_000;

/** Everything that was asked for or sent, a window at a time. */
export class Losses {
  readonly #kept: Window[] = [];
  #n = 0;

  add({ good = 0, lost = {} }: WindowEntry, fromMs: number, toMs: number): void {
    const k = Object.values(lost).reduce((sum, count) => sum + count, 0);
    this.#n += good + k;
    const last = this.#kept.at(-1);
    if (k > 0 && this.#kept.length < mostKept) this.#kept.push({ fromMs, toMs, n: good + k, lost, k, total: this.#n });
    else if (k > 0 && last)
      this.#kept[mostKept - 1] = together(last, { fromMs, toMs, n: good + k, lost, k, total: this.#n });
  }

  /** `scale`: how many ms of the soak one of the clock stands for. */
  apart(outages: readonly Outage[], scale: number): Lost {
    const isAway = ({ fromMs, toMs }: Window) =>
      outages.some(
        (outage) =>
          fromMs < (outage.toMs ?? Number.POSITIVE_INFINITY) + besideMs * scale &&
          toMs > outage.fromMs - besideMs * scale,
      );
    const away = this.#kept.filter(isAway);
    const other = this.#kept.filter((window) => !isAway(window));
    const k = sum(other.map((window) => window.k));
    return {
      k,
      n: this.#n - sum(away.map((window) => window.n)),
      effect: k === 0 ? 1 : sum(other.map((window) => window.k ** 2)) / k,
      causes: causesOf(other),
      firstMs: other[0]?.fromMs ?? Number.NaN,
      away: sum(away.map((window) => window.k)),
      after: afterEach(other.slice(0, mostLookedBack), away),
    };
  }
}

function afterEach(windows: readonly Window[], away: readonly Window[]): readonly Counts[] {
  let [k, squares] = [0, 0];
  return windows.map((window) => {
    k += window.k;
    squares += window.k ** 2;
    const earlier = away.filter(({ total }) => total < window.total).map(({ n }) => n);
    return { k: k ** 2 / squares, n: (Math.max(k, window.total - sum(earlier)) * k) / squares };
  });
}

const together = (a: Window, b: Window): Window => ({
  fromMs: a.fromMs,
  toMs: b.toMs,
  n: a.n + b.n,
  lost: Object.fromEntries(causesOf([a, b])),
  k: a.k + b.k,
  total: b.total,
});

function causesOf(windows: readonly Window[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { lost } of windows)
    for (const [cause, count] of Object.entries(lost)) counts.set(cause, (counts.get(cause) ?? 0) + count);
  return [...counts].sort(([, a], [, b]) => b - a);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
