import { targetFor } from '../../targets/index.ts';
import {
  type Counts,
  decide,
  furtherSamples,
  interval,
  lnEnough,
  lnEnoughToFail,
  lnEvidenceBelow,
} from '../proportion.ts';
import type { RowContext } from '../row-base.ts';
import { count, expectation, listed, percent } from '../text.ts';
import type { AssertionVerdict } from '../types.ts';
import type { SoakFold } from './fold.ts';
import type { Lost } from './losses.ts';
import { throughout } from './throughout.ts';
import { hourOf } from './words.ts';

const nouns = { answers: 'answer', messages: 'message' } as const;
export type LossKind = keyof typeof nouns;

/**
 * How much of what was asked for, or sent, was lost or wrong, held against the error rate that may be. What was lost while
 * the deployment was away is counted with the outage.
 */
export function lossRow(fold: SoakFold, kind: LossKind, { profile, judgedTargets }: RowContext): AssertionVerdict[] {
  const seen = seenOf(fold, kind);
  if (seen.n === 0) return [];
  const { target, limit } = targetFor(profile, 'T-errors')!;
  // Two rows of this kind stand beside those that are counted already.
  const lnFail = lnEnoughToFail(judgedTargets + 2);
  const counts = countsOf(seen);
  const [low, high] = interval(counts, lnFail);
  const base = {
    name: `lost ${kind}`,
    target: 'T-errors',
    statistic: 'proportion',
    expected: limit ? expectation(target, limit) : `no value in the profile ${profile}`,
    observed: percent(seen.k / seen.n),
    samples: seen.n,
    interval: [low * 100, high * 100] as const,
    intervalUnit: '%',
  };
  const said = words(seen, nouns[kind]);
  if (!limit) return [{ ...base, status: 'shown', why: said }];
  const allowed = limit.value / 100;
  const isProven = [counts, ...seen.after].some((then) => decide(then, allowed, lnFail) === 'fail');
  const decided = isProven ? 'fail' : decide(counts, allowed, lnFail);
  const status = decided === 'fail' && !isBeyond(seen, allowed, fold) ? 'undecided' : decided;
  const looks = kind === 'messages' ? fold.messageLooks : fold.answerLooks;
  if (status !== 'undecided') return [throughout({ ...base, status, why: said }, fold, [looks], undefined)];
  const other = seenOf(fold, others[kind]);
  const both = decided === 'undecided' ? together(seen, other, allowed, lnFail) : null;
  if (both !== null) {
    const [from, to] = interval(both, lnFail);
    const [k, n] = [seen.k + other.k, seen.n + other.n];
    const all = `all that was asked for or sent, ${count(n, 'answer or message', 'answers and messages')}`;
    const why = `${said}; too few to tell by themselves, and of ${all}, no more than may be was lost`;
    const pooled = { observed: percent(k / n), samples: n, interval: [from * 100, to * 100] as const };
    return [throughout({ ...base, ...pooled, status: 'pass', why }, fold, [looks], undefined)];
  }
  // Seconds that stand for hours send too little to prove a share of a thousandth.
  if (fold.scale !== 1) return [{ ...base, status: 'shown', why: `${said}, in scaled time` }];
  const ahead = decided === 'fail' ? null : furtherSamples(counts, allowed, lnFail);
  const more = ahead ? `${count(Math.ceil(ahead.further * seen.effect), nouns[kind])} more` : 'a longer soak';
  return [{ ...base, status, why: `${said}; ${more} would decide` }];
}

const others = { answers: 'messages', messages: 'answers' } as const;

const seenOf = (fold: SoakFold, kind: LossKind): Lost => fold.losses[kind].apart(fold.slots.outages(), fold.scale);

const countsOf = ({ k, n, effect }: Lost): Counts => ({ k: k / effect, n: n / effect });

/** A loss of so many times what may be is seen of each kind by itself. */
const timesAlone = 10;

/**
 * The error rate is one of everything that is asked for or sent, and an hour of messages is too short to prove a thousandth.
 * So what was lost of one kind no oftener than it may be is decided with the other; null: it is not decided so either.
 */
function together(own: Lost, other: Lost, allowed: number, lnFail: number): Counts | null {
  const [mine, theirs] = [countsOf(own), countsOf(other)];
  if (own.k > allowed * own.n) return null;
  if (lnEvidenceBelow(mine, Math.min(0.5, timesAlone * allowed)) < lnEnough) return null;
  const both = { k: mine.k + theirs.k, n: mine.n + theirs.n };
  return decide(both, allowed, lnFail) === 'pass' ? both : null;
}

/**
 * What the whole soak may lose is known from its length, as with availability: a few at its beginning, however many of the
 * first they are, are few of all.
 */
function isBeyond({ k, n }: Lost, allowed: number, { run, scale, coveredMs }: SoakFold): boolean {
  const plannedMs = (run.soak?.plannedMs ?? 0) * scale;
  return k > allowed * n * Math.max(1, plannedMs / Math.max(1, coveredMs));
}

function words({ k, n, causes, firstMs, away }: Lost, noun: string): string {
  const beside = away > 0 ? `; ${count(away, 'further one')} while the deployment was away` : '';
  if (k === 0) return `none of ${count(n, noun)} was lost or wrong${beside}`;
  const why = listed(
    causes.map(([cause, times]) => `${cause} (${times})`),
    3,
  );
  return `${k} of ${count(n, noun)} ${k === 1 ? 'was' : 'were'} lost or wrong, the first at ${hourOf(firstMs)}: ${why}${beside}`;
}
