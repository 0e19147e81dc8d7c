import { type ProfileName, targetFor } from '../../targets/index.ts';
import { expectation } from '../text.ts';
import type { AssertionVerdict } from '../types.ts';
import { type RuleName, ruleNames, ruleNeeds } from './alerts.ts';
import type { SoakFold } from './fold.ts';
import { type AlertDelay, alertRules } from './thresholds.ts';
import { throughout } from './throughout.ts';
import { hourOf, span } from './words.ts';

/** One row for each threshold: watched, crossed or not, and whether the deployment's own alert told of it in time. */
export function alertRows(fold: SoakFold, profile: ProfileName): AssertionVerdict[] {
  return ruleNames.map((rule) => {
    const row = { ...base(rule, profile), ...verdictOf(rule, fold, profile) };
    return throughout(
      row,
      fold,
      fold.alerts.looks(rule, fold.streams.get('T-api')?.looks, fold.answerLooks),
      undefined,
    );
  });
}

const base = (rule: RuleName, profile: ProfileName) => {
  const { target, limit } = targetFor(profile, 'T-alert')!;
  return {
    name: rule,
    target: 'T-alert',
    statistic: 'census',
    expected: limit
      ? `an alert ${expectation(target, limit)} after ${alertRules[rule].name}`
      : `an alert after ${alertRules[rule].name}`,
    samples: 0,
    interval: null,
  };
};

type Found = Pick<AssertionVerdict, 'status' | 'why' | 'observed'> & {
  readonly needs?: string;
  readonly samples?: number;
};

function verdictOf(rule: RuleName, fold: SoakFold, profile: ProfileName): Found {
  const breaches = fold.alerts.breaches(rule, fold.streams.get('T-api')?.late);
  if (breaches === null) return notVerified('not watched', ruleNeeds[rule]);
  const watched = span(fold.coveredMs / 3_600_000);
  if (breaches.length === 0) {
    return {
      status: 'pass',
      observed: 'never crossed',
      why: `${alertRules[rule].name} was never sustained in ${watched}`,
    };
  }
  const crossed = `${alertRules[rule].name} from ${hourOf(breaches[0]!.fromMs)}`;
  if (fold.alerts.read === null) return { ...notVerified(`crossed: ${crossed}`, 'alerts'), samples: breaches.length };
  const graceMs = 300_000 * Math.max(1, fold.scale);
  const delays = fold.alerts.delays(rule, breaches, graceMs);
  const perhaps = delays.map(({ delayMs, breach }) =>
    delayMs === null ? fold.alerts.perhaps(rule, breach, graceMs) : [],
  );
  return { ...told(delays, perhaps, crossed, fold, profile), samples: breaches.length };
}

/** The delay is one of the deployment's own clock, so it is not scaled. */
function told(
  delays: readonly AlertDelay[],
  /** Of each: names nobody knows that were told instead. */
  perhaps: readonly (readonly string[])[],
  crossed: string,
  fold: SoakFold,
  profile: ProfileName,
): Found {
  const limitMs = targetFor(profile, 'T-alert')!.limit?.value ?? null;
  const missing = delays.filter(({ delayMs }) => delayMs === null).length;
  const unread = delays.filter(({ delayMs, breach }) => delayMs === null && !fold.alerts.wereRead(breach, fold.lastMs));
  if (unread.length > 0 && unread.length === missing) {
    const why = `${crossed}, and no alert came, but the alerts could not be read at ${hourOf(unread[0]!.breach.fromMs)}`;
    return { status: 'undecided', observed: 'not told', why: `${why}; reading them throughout would decide` };
  }
  const unknown = perhaps.filter((names) => names.length > 0);
  if (missing > 0 && unknown.length === missing) {
    const names = [...new Set(unknown.flat())].slice(0, 5).join(', ');
    const why = `${crossed}, and no alert of that name came; what came is called ${names}`;
    return { status: 'undecided', observed: 'told, or swallowed', why: `${why}: watch.alertRules would decide` };
  }
  if (missing > 0) {
    const why = `${crossed}, and no alert came for ${missing === delays.length ? 'it' : `${missing} of ${delays.length} times`}`;
    return { status: 'fail', observed: 'swallowed', why };
  }
  const slowest = Math.max(...delays.map(({ delayMs }) => delayMs! / fold.scale));
  const observed = `told after ${seconds(slowest)}`;
  if (limitMs === null)
    return { status: 'shown', observed, why: `${crossed}, told after ${seconds(slowest)}; this profile has no value` };
  const status = slowest < limitMs ? ('pass' as const) : ('fail' as const);
  return {
    status,
    observed,
    why: `${crossed}; its alert came after ${seconds(slowest)}, ${seconds(limitMs)} may pass`,
  };
}

const notVerified = (observed: string, needs: string): Found => ({
  status: 'not-verified',
  observed,
  why: `not verified, needs ${needs}`,
  needs,
});

const seconds = (ms: number): string => `${Number((ms / 1000).toPrecision(3))} s`;
