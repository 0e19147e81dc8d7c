import type { Facts } from './fold.ts';
import type { CheckVerdict, Status } from './types.ts';

/** One line a release manager reads first: the verdict, how much stands behind it, and what nobody looked at. */
export function headline(facts: Facts, checks: readonly CheckVerdict[], verdict: Status): string {
  const opening = facts.partial
    ? `partial: ${verdict}, ${scope(facts, checks)}`
    : `${verdict}: ${scope(facts, checks)}`;
  return [`${opening}${counts(facts, checks)}`, ...asides(facts)].join('; ');
}

/** A partial run leads with how much of the whole it looked at, a whole run with how many checks hold. */
function scope(facts: Facts, checks: readonly CheckVerdict[]): string {
  const total = facts.run.of ?? checks.length;
  if (facts.partial) return `${checks.length} of ${Math.max(total, checks.length)} checks`;
  return `${numberOf(checks, 'pass')} of ${checks.length} checks hold`;
}

const words: readonly (readonly [Status, (n: number) => string])[] = [
  ['fail', (n) => `${n} ${n === 1 ? 'fails' : 'fail'}`],
  ['invalid', (n) => `${n} invalid`],
  ['undecided', (n) => `${n} undecided`],
  ['not-verified', (n) => `${n} not verified`],
  ['waived', (n) => `${n} waived`],
  ['excluded', (n) => `${n} excluded`],
  ['shown', (n) => `${n} only shown`],
];

function counts(facts: Facts, checks: readonly CheckVerdict[]): string {
  const told = words.flatMap(([status, say]) => {
    const n = numberOf(checks, status);
    return n > 0 ? [say(n)] : [];
  });
  const holding = facts.partial ? [`${numberOf(checks, 'pass')} hold`] : [];
  return [...holding, ...told].map((each) => `, ${each}`).join('');
}

function asides(facts: Facts): string[] {
  const { notBuilt = [] } = facts.run;
  const spoilt = facts.ours.some(({ what, spoils }) => what === 'disk-full' && spoils);
  return [
    ...(facts.ended ? [] : ['the run did not end']),
    ...(spoilt ? ['the disk filled during the run'] : []),
    ...facts.skipped.map(({ suite, why }) => `${suite} skipped: ${why}`),
    ...(notBuilt.length > 0 ? [`${joined(notBuilt)} ${notBuilt.length === 1 ? 'is' : 'are'} not built yet`] : []),
  ];
}

const numberOf = (checks: readonly CheckVerdict[], status: Status): number =>
  checks.filter((check) => check.status === status).length;

function joined(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
