import { rows } from './rows.ts';
import type { Compare, Profile, ProfileName, Target, TargetValue } from './types.ts';
import { profileNames } from './types.ts';

export * from './types.ts';

export const targets: Readonly<Record<string, Target>> = Object.fromEntries(rows.map((row) => [row.id, row]));

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  readiness: {
    name: 'readiness',
    source: 'R',
    failsFrom: 'high',
    description: 'what the readiness papers promise before a release',
  },
  preparation: {
    name: 'preparation',
    source: 'P',
    failsFrom: 'high',
    description: 'what the preparation papers ask of the platform',
  },
  staging: {
    name: 'staging',
    source: 'I-staging',
    failsFrom: 'high',
    description: 'what the implementation papers ask of the staging environment',
  },
  production: {
    name: 'production',
    source: 'I-production',
    failsFrom: 'medium',
    description: 'what the implementation papers ask of production',
  },
  strictest: { name: 'strictest', source: 'all', failsFrom: 'medium', description: 'the tightest value of each row' },
};

export interface TargetInProfile {
  readonly target: Target;
  /** null: the profile has no value for this row, so it is measured and shown, not judged. */
  readonly limit: TargetValue | null;
}

export function isProfile(name: string): name is ProfileName {
  return (profileNames as readonly string[]).includes(name);
}

/** undefined when there is no such target row. */
export function targetFor(profile: ProfileName, id: string): TargetInProfile | undefined {
  const target = Object.hasOwn(targets, id) ? targets[id] : undefined;
  return target && { target, limit: limitIn(profile, target) };
}

function limitIn(profile: ProfileName, target: Target): TargetValue | null {
  const { source } = profiles[profile];
  if (source !== 'all') return target.values[source] ?? null;
  return Object.values(target.values).reduce<TargetValue | null>(
    (tightest, next) => (tightest === null || isTighter(target.compare, next, tightest) ? next : tightest),
    null,
  );
}

function isTighter(compare: Compare, next: TargetValue, than: TargetValue): boolean {
  return compare === 'below' || compare === 'at-most' ? next.value < than.value : next.value > than.value;
}
