import { dyadicEffect, fewestBatches } from '../../verdict/autocorrelation.ts';
import { decide, interval, lnEnoughToFail } from '../../verdict/proportion.ts';
import { decideShare, type ShareDecision, scaled } from '../../verdict/share.ts';
import type { Kind, Stream } from './streams.ts';

/** How a run is taken and looked at. */
export interface Plan {
  readonly p0: number;
  readonly load: boolean;
  readonly perWindow: number;
  /** Windows are a second long under load. */
  readonly windows: number;
  readonly ownQuantiles: boolean;
  /** 1 is the harshest on false failures. */
  readonly judgedTargets: number;
  /** After which windows the run is judged, and stopped when that decides. */
  looksAt(window: number): boolean;
}

export interface RunOutcome {
  readonly decision: ShareDecision['status'];
  /** Samples at the decision, or all of them. */
  readonly n: number;
  readonly covered: boolean;
}

/** One run with optional stopping: judged at every look by the rules of the verdict, ended by the first decision. */
export function simulateRun(plan: Plan, kind: Kind, seed: number, buffers: Buffers): RunOutcome {
  const next = kind.stream(seed);
  let late = 0;
  for (let window = 0; window < plan.windows; window++) {
    late += fill(buffers, window, plan.perWindow, next);
    if (!plan.looksAt(window + 1) && window + 1 < plan.windows) continue;
    const decision = look(plan, buffers, window + 1, late);
    const last = window + 1 === plan.windows;
    if (decision === null && !last) continue;
    if (decision && decision.status !== 'undecided') return outcome(plan, kind, window + 1, late, decision);
    if (last) return outcome(plan, kind, window + 1, late, fullLook(plan, buffers, window + 1, late));
  }
  throw new Error('a run has at least one window');
}

function outcome(plan: Plan, kind: Kind, windows: number, late: number, decision: ShareDecision): RunOutcome {
  const n = windows * plan.perWindow;
  const [low, high] = interval(scaled(late, n, decision.effect), lnEnoughToFail(plan.judgedTargets));
  return { decision: decision.status, n, covered: low <= kind.share && kind.share <= high };
}

/** null when not even independent samples would decide: dividing by a design effect only weakens evidence. */
function look(plan: Plan, buffers: Buffers, windows: number, late: number): ShareDecision | null {
  const n = windows * plan.perWindow;
  if (decide({ k: late, n }, plan.p0, lnEnoughToFail(plan.judgedTargets)) === 'undecided') return null;
  return fullLook(plan, buffers, windows, late);
}

function fullLook(plan: Plan, buffers: Buffers, windows: number, late: number): ShareDecision {
  const judged = (effect: number | null) =>
    decideShare(
      { n: windows * plan.perWindow, high: late, low: late, effect, load: plan.load, coveredMs: windows * 1000 },
      plan.p0,
      plan.judgedTargets,
    );
  if (windows < fewestBatches) return judged(null);
  const byTarget = judged(dyadicEffect(buffers.late.subarray(0, windows), buffers.of.subarray(0, windows)));
  // A larger effect only weakens evidence, so the own quantiles are looked at only where they could matter.
  const matters = byTarget.status !== 'undecided' || windows === plan.windows;
  return matters ? judged(effectOf(plan, buffers, windows)) : byTarget;
}

/** Values and late counts of a run, reused from run to run. */
export interface Buffers {
  readonly values: Float32Array;
  readonly late: Float64Array;
  readonly of: Float64Array;
  readonly over: Float64Array;
}

export function buffersFor(plan: Plan): Buffers {
  return {
    values: new Float32Array(plan.windows * plan.perWindow),
    late: new Float64Array(plan.windows),
    of: new Float64Array(plan.windows).fill(plan.perWindow),
    over: new Float64Array(plan.windows),
  };
}

function fill({ values, late }: Buffers, window: number, perWindow: number, next: Stream): number {
  let count = 0;
  for (let i = window * perWindow; i < (window + 1) * perWindow; i++) {
    const value = next();
    values[i] = value;
    if (value >= 0) count++;
  }
  late[window] = count;
  return count;
}

/** As `designEffect` does, on plain arrays; a test holds the two together. */
export function effectOf(plan: Plan, buffers: Buffers, windows: number): number {
  const of = buffers.of.subarray(0, windows);
  let most = dyadicEffect(buffers.late.subarray(0, windows), of);
  if (!plan.ownQuantiles) return most;
  const [quickest, ...own] = levelsOf(buffers.values, windows * plan.perWindow);
  for (const level of own.filter((one) => one >= floorFrom(quickest!))) {
    most = Math.max(most, dyadicEffect(countOver(plan, buffers, windows, level), of));
  }
  return most;
}

/** A quarter of the way from the quickest answer to the limit, in logarithms of latency / limit: own quantiles below it stand in for nothing. */
export const floorFrom = (quickest: number): number => Math.log(0.75 * Math.exp(quickest) + 0.25);

const perUnit = 64;
const counts = new Uint32Array(64 * perUnit);

/** The run's quickest, its P60, P80, P90 and P95 to a 64th of a factor e, by counting instead of sorting. */
export function levelsOf(values: Float32Array, n: number): readonly number[] {
  counts.fill(0);
  for (let i = 0; i < n; i++) counts[binOf(values[i]!)]!++;
  const levels: number[] = [];
  let seen = 0;
  let bin = -1;
  for (const quantile of [1 / n, 0.6, 0.8, 0.9, 0.95]) {
    while (seen < quantile * n) seen += counts[++bin]!;
    levels.push(bin / perUnit - 32);
  }
  return levels;
}

const binOf = (value: number): number => Math.min(counts.length - 1, Math.max(0, Math.floor((value + 32) * perUnit)));

function countOver(plan: Plan, { values, over }: Buffers, windows: number, level: number): Float64Array {
  for (let window = 0; window < windows; window++) {
    let count = 0;
    for (let i = window * plan.perWindow; i < (window + 1) * plan.perWindow; i++) if (values[i]! >= level) count++;
    over[window] = count;
  }
  return over.subarray(0, windows);
}

export interface CellResult {
  readonly runs: number;
  readonly passed: number;
  readonly failed: number;
  readonly undecided: number;
  readonly covered: number;
  readonly medianN: number;
}

export function simulateCell(plan: Plan, kind: Kind, runs: number, seed: number): CellResult {
  const buffers = buffersFor(plan);
  const tally = { pass: 0, fail: 0, undecided: 0 };
  let covered = 0;
  const lengths: number[] = [];
  for (let run = 0; run < runs; run++) {
    const result = simulateRun(plan, kind, Math.imul(seed + run, 2654435761) >>> 0, buffers);
    tally[result.decision]++;
    if (result.covered) covered++;
    lengths.push(result.n);
  }
  lengths.sort((a, b) => a - b);
  const medianN = lengths[Math.floor(lengths.length / 2)]!;
  return { runs, passed: tally.pass, failed: tally.fail, undecided: tally.undecided, covered, medianN };
}

/** Under load: a second a window, a look every second for two minutes, then every twenty. */
export const underLoad = (seconds: number, perSecond: number, p0 = 0.05): Plan => ({
  p0,
  load: true,
  perWindow: perSecond,
  windows: seconds,
  ownQuantiles: p0 === 0.05,
  judgedTargets: 1,
  looksAt: (window) => window >= 20 && (window <= 120 || window % 20 === 0),
});

/** Paced serial probes: one sample a window, a look every ten. */
export const serial = (samples: number, p0 = 0.05): Plan => ({
  p0,
  load: false,
  perWindow: 1,
  windows: samples,
  ownQuantiles: p0 === 0.05,
  judgedTargets: 1,
  looksAt: (window) => window >= 20 && window % 10 === 0,
});
