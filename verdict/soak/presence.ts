import type { AssertionVerdict } from '../types.ts';
import type { SoakFold } from './fold.ts';
import { unseenShare } from './throughout.ts';
import { span } from './words.ts';

/** The users of the background: `of` says whether they were asked for, refused by the deployment, or present. */
export const usersSeries = 'harness.users';

/** For how much of the soak the background's users were there, a sample at a time: a load that was never sent is no evidence. */
export class Presence {
  readonly #leastMs: number;
  #asked = 0;
  #refused = 0;
  #lastMs = Number.NaN;
  presentMs = 0;
  refusedMs = 0;

  /** Between samples further apart than this nobody knows who was there. */
  constructor(leastMs: number) {
    this.#leastMs = leastMs;
  }

  get isTold(): boolean {
    return !Number.isNaN(this.#lastMs);
  }

  /** Those who are present are told last of the three, and stand for the time since they were told before. */
  sample(of: string | undefined, atMs: number, value: number): void {
    if (of === 'asked') this.#asked = value;
    if (of === 'refused') this.#refused = value;
    if (of !== 'present') return;
    const sinceMs = atMs - (this.isTold ? this.#lastMs : atMs);
    this.#lastMs = atMs;
    if (sinceMs < 0 || sinceMs > this.#leastMs || this.#asked === 0) return;
    this.presentMs += sinceMs * Math.min(1, value / this.#asked);
    this.refusedMs += sinceMs * Math.min(1, this.#refused / this.#asked);
  }
}

/** Fails where the deployment did not take them; whatever else kept them away leaves it open. */
export function loadRow(fold: SoakFold): AssertionVerdict[] {
  const { presence, coveredMs } = fold;
  if (!presence.isTold) return [];
  const share = coveredMs > 0 ? Math.min(1, presence.presentMs / coveredMs) : 0;
  const there = `the users of the background were there for ${percent(share)} of ${span(coveredMs / 3_600_000)}`;
  const row = {
    name: 'load',
    statistic: 'exact',
    expected: `≥ ${percent(1 - unseenShare)} of the load that was asked for`,
    observed: percent(share),
    samples: 1,
    interval: null,
  };
  if (share >= 1 - unseenShare) return [{ ...row, status: 'pass', why: there }];
  const because = fold.unseen.get('background');
  const why = because === undefined ? there : `${there} (${because})`;
  if (presence.refusedMs > unseenShare * coveredMs) {
    const refused = percent(presence.refusedMs / coveredMs);
    return [{ ...row, status: 'fail', why: `${why}; for ${refused} of it the deployment did not take them` }];
  }
  // Coming up takes seconds, which in scaled time are hours.
  if (fold.scale !== 1) return [{ ...row, status: 'shown', why: `${why}, in scaled time` }];
  return [{ ...row, status: 'undecided', why: `${why}; a soak with its load throughout would decide` }];
}

const percent = (share: number): string => `${(100 * share).toFixed(share >= 0.9995 ? 0 : 1)} %`;
