import type { Check } from './check.ts';
import { checks as load } from './load/checks.ts';
import { checks as smoke } from './smoke/checks.ts';

/** Suites in the order a gate runs them; `gate` is smoke, e2e, security and of load only `load.users`. */
export const suiteNames = ['smoke', 'e2e', 'security', 'load', 'soak', 'ops'] as const;

/** Every check there is, in table order. */
export const allChecks: readonly Check[] = [...Object.values<Check>(smoke), ...Object.values<Check>(load)];

export const checkById = new Map(allChecks.map((check) => [check.id, check]));

/** Ids of check families that are promised and stand in no table yet; `checks` lists them as later. */
export const isBuilt = (check: Check): boolean => check.later !== true;
