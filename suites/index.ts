import type { Check } from './check.ts';
import { checks as e2e } from './e2e/checks.ts';
import { checks as load } from './load/checks.ts';
import { checks as ops } from './ops/checks.ts';
import { checks as security } from './security/checks.ts';
import { checks as smoke } from './smoke/checks.ts';
import { checks as soak } from './soak/checks.ts';

/** Every check there is, suites in the order a gate runs them, each in table order. */
export const allChecks: readonly Check[] = [smoke, e2e, security, load, soak, ops].flatMap((table) =>
  Object.values<Check>(table),
);

export const suiteNames = ['smoke', 'e2e', 'security', 'load', 'soak', 'ops'] as const;

export const checkById: ReadonlyMap<string, Check> = new Map(allChecks.map((check) => [check.id, check]));

export const isBuilt = (check: Check): boolean => check.later !== true;
