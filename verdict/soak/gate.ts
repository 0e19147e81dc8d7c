import type { Fit } from './gls.ts';
import { type Jumps, lastingJump } from './jumps.ts';
import type { Resolution, Window } from './resolution.ts';
import { lineSlope, type Shape, shapeOf } from './shape.ts';

/** What a rise must show before it is called; `least…` and `tail` are explained in docs/decisions/0200. */
export interface Demands {
  /** The best estimate of the whole rise, as a share of the level. */
  readonly rise: number;
  /** The rise is at least `surely` but for this chance, over all noise models. */
  readonly surely: number;
  readonly tail: number;
  readonly overStep: number;
  readonly overPlateau: number;
  readonly leastHalf: number;
}

export const fewestPoints = 8;
export const shortestHours = 3.2;
/** A jump that makes up this share of the rise is the rise. */
export const mostJump = 0.2;
/** A slope that is mostly the load coefficient's doing is not one that was seen. */
export const mostOfSeen = 3;
/** Load that swings by this (one standard deviation, as a share) could be what rises: more certainty is asked for. */
export const swingingLoad = 0.02;

export const demands = {
  /** The first hours after warm-up, valleys only: few points, so only a steep rise is called. */
  steep: { rise: 0.135, surely: 0.05, tail: 4e-3, overStep: -4, overPlateau: -15, leastHalf: 0 },
  short: { rise: 0.17, surely: 0.05, tail: 7e-4, overStep: 6, overPlateau: -9, leastHalf: 0.15 },
  long: { rise: 0.165, surely: 0.03, tail: 5e-4, overStep: 6, overPlateau: -9, leastHalf: 0.15 },
  swinging: { rise: 0.15, surely: 0.03, tail: 1e-5, overStep: 6, overPlateau: -9, leastHalf: 0.15 },
  /** Windows that began later are many: each asks for more. */
  fresh: { rise: 0.2, surely: 0.05, tail: 1e-4, overStep: 6, overPlateau: -9, leastHalf: 0.15 },
  /** Series that hardly wander: a smaller rise, far beyond their noise. */
  quiet: { rise: 0.03, surely: 0.015, tail: 1e-7, overStep: 12, overPlateau: -9, leastHalf: 0.25 },
} as const satisfies Record<string, Demands>;

export interface Candidate {
  readonly fit: Fit;
  /** Looked at only where the rise itself would be called: it costs the most. */
  readonly shape: () => Shape;
  readonly rise: number;
  readonly spanHours: number;
  /** The chance, over all noise models, that the rise is under 1.5 %. */
  readonly tail: number;
  /** The rise of a plain line through the floors, nothing taken out. */
  readonly seenRise: number;
  readonly jumpShare: number;
  readonly loadSwing: number;
  readonly fromHours: number;
  readonly resolution: string;
}

/** null: nothing rises in this window. */
export function candidateOf(resolution: Resolution, window: Window, jumps: Jumps): Candidate | null {
  const { gls } = window;
  if (gls.points < fewestPoints) return null;
  const [from, to] = resolution.points.longestLife(window.fromHours);
  if (to - from < fewestPoints) return null;
  const t = resolution.points.t.subarray(from, to);
  const spanHours = t[t.length - 1]! - t[0]!;
  if (spanHours < shortestHours || gls.roughSlope() * spanHours < demands.quiet.rise / 2) return null;
  const fit = gls.fit();
  if (fit === null || fit.slope * spanHours < demands.quiet.rise) return null;
  if (farFromCalled(fit, spanHours)) return null;
  const tail = fit.below(demands.quiet.surely / spanHours);
  if (tail > demands.steep.tail) return null;
  const rise = fit.slope * spanHours;
  const y = resolution.points.y.subarray(from, to);
  const seenRise = (lineSlope(t, y) * spanHours) / fit.level;
  const jump = Math.min(jumps.excess(t[0]!, t[t.length - 1]!), lastingJump(y));
  return {
    fit,
    rise,
    spanHours,
    tail,
    shape: once(() => shapeOf(t, withoutLoad(resolution, fit, from, to))),
    // A load coefficient may make any rise of a step: what the floors themselves rose by is the measure.
    jumpShare: jump / (Math.min(rise, Math.max(seenRise, 1e-9)) * fit.level),
    seenRise,
    loadSwing: swing(resolution.points.x.subarray(from, to)),
    fromHours: t[0]!,
    resolution: resolution.plan.name,
  };
}

/** Most rises are ordinary: a glance at slope and spread saves the tails of six Student distributions. */
function farFromCalled({ slope, spread }: Fit, spanHours: number): boolean {
  const beyond = (slope - demands.quiet.surely / spanHours) / spread;
  return beyond < (slope * spanHours < demands.steep.rise ? 3.5 : 2);
}

/** What kind of rise it is; null when it is within what a healthy series does. */
export function classify(
  candidate: Candidate,
  window: 'first' | 'fresh',
  steepAllowed: boolean,
): 'leak' | 'level-shift' | 'warming-up' | null {
  const kinds = demandsFor(candidate, window, steepAllowed)
    .filter((asked) => rises(candidate, asked))
    .map((asked) => kindOf(candidate, asked));
  return kinds.includes('leak') ? 'leak' : (kinds[0] ?? null);
}

function demandsFor(
  { spanHours, loadSwing }: Candidate,
  window: 'first' | 'fresh',
  steepAllowed: boolean,
): readonly Demands[] {
  if (loadSwing > swingingLoad) return [demands.swinging, demands.quiet];
  if (window === 'fresh') return [demands.fresh, demands.quiet];
  if (spanHours < 4.3) return steepAllowed ? [demands.steep, demands.quiet] : [demands.quiet];
  return [spanHours < 8 ? demands.short : demands.long, demands.quiet];
}

function rises({ fit, rise, seenRise, spanHours }: Candidate, asked: Demands): boolean {
  if (seenRise < asked.rise / 2 || rise > mostOfSeen * seenRise) return false;
  return rise >= asked.rise && fit.below(asked.surely / spanHours) < asked.tail;
}

function kindOf({ shape, jumpShare, fit }: Candidate, asked: Demands): 'leak' | 'level-shift' | 'warming-up' {
  if (jumpShare >= mostJump) return 'level-shift';
  const { overStep, overPlateau, halves } = shape();
  if (overStep <= asked.overStep) return 'level-shift';
  const [first, second] = halves;
  if (overPlateau <= asked.overPlateau || second < asked.leastHalf * fit.slope) return 'warming-up';
  return first < asked.leastHalf * fit.slope ? 'level-shift' : 'leak';
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function swing(x: Float64Array): number {
  let sum = 0;
  for (const value of x) sum += value;
  const mean = sum / x.length;
  let squares = 0;
  for (const value of x) squares += (value - mean) ** 2;
  return mean === 0 ? 0 : Math.sqrt(squares / x.length) / Math.abs(mean);
}

function withoutLoad(resolution: Resolution, fit: Fit, from: number, to: number): Float64Array {
  const { y, x } = resolution.points;
  const adjusted = new Float64Array(to - from);
  for (let i = from; i < to; i++) {
    adjusted[i - from] = y[i]! / fit.level - fit.elasticity * (x[i]! / fit.load - 1);
  }
  return adjusted;
}
