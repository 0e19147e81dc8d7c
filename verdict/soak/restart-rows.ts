import { count } from '../text.ts';
import type { AssertionVerdict } from '../types.ts';
import { row } from './event-rows.ts';
import type { SoakFold } from './fold.ts';
import type { ServiceLives } from './lives.ts';
import { unseenShare } from './throughout.ts';
import { hourOf, span, spanOf } from './words.ts';

/** No copy of any service ended or was replaced. */
export function restartRows(fold: SoakFold): AssertionVerdict[] {
  return [...fold.lives.services()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, lives]) => livesRow(fold, service, lives));
}

/** A restart within this long of a deploy of the same service belongs to it. */
const deployMs = 10 * 60_000;

function livesRow(fold: SoakFold, service: string, lives: ServiceLives): AssertionVerdict {
  const base = row(service, 'the same process throughout', lives.looks);
  const own = lives.restarts.filter(
    ({ atMs }) =>
      !fold.deploys.some((deploy) => deploy.service === service && Math.abs(deploy.atMs - atMs) <= deployMs),
  );
  const [first] = own;
  if (first) {
    const times = own
      .slice(0, 5)
      .map(({ atMs }) => hourOf(atMs))
      .join(', ');
    const why = `${service} restarted ${count(own.length, 'time')}: at ${times}${own.length > 5 ? ', …' : ''}`;
    return { ...base, status: 'fail', observed: count(own.length, 'restart'), why };
  }
  if (lives.goneMs !== null) {
    return {
      ...base,
      status: 'fail',
      observed: 'not running',
      why: `${service} ended at ${hourOf(lives.goneMs)} and has not come back`,
    };
  }
  return { ...base, ...standing(fold, service, lives) };
}

function standing(fold: SoakFold, service: string, lives: ServiceLives) {
  if (lives.restarts.length > 0) {
    const why = `${service} was deployed at ${hourOf(lives.restarts[0]!.atMs)}; a soak of one revision would decide`;
    return { status: 'undecided' as const, observed: 'deployed meanwhile', why };
  }
  if (lives.unsettledMs !== null) {
    const why = `a process of ${service} began at ${hourOf(lives.unsettledMs)}; whether another had ended, further looks would decide`;
    return { status: 'undecided' as const, observed: 'one more process', why };
  }
  const unseenMs = fold.lastMs - lives.lastMs;
  if (lives.looks < 3 || unseenMs > unseenShare * fold.lastMs) {
    const why = `${service} was last seen at ${hourOf(lives.lastMs)}, ${spanOf(unseenMs)} before the end; seeing it again would decide`;
    return { status: 'undecided' as const, observed: `seen ${count(lives.looks, 'time')}`, why };
  }
  const why = `${service} was the same process in all of ${count(lives.looks, 'look')} over ${span(fold.lastMs / 3_600_000)}`;
  return { status: 'pass' as const, observed: 'no restart', why };
}
