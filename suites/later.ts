import type { Check, Need } from './check.ts';

/** id without its suite → claim, what it will need, where it comes from. */
export type LaterRows = Readonly<
  Record<string, readonly [claim: string, needs: readonly Need[], source: string, targets?: readonly string[]]>
>;

/**
 * Promises that are made and have no body yet. They stand in the table so that nobody takes silence for a pass: `checks`
 * marks them as later, and a release manager sees what a green does not cover.
 */
export function laterChecks(suite: Check['suite'], prefix: string, rows: LaterRows): Record<string, Check> {
  return Object.fromEntries(
    Object.entries(rows).map(([name, [claim, needs, source, targets = []]]) => [
      name,
      {
        id: `${prefix}.${name}`,
        suite,
        claim,
        assertions: { holds: {}, ...Object.fromEntries(targets.map((target) => [target, { target }])) },
        needs,
        source,
        how: 'No body yet.',
        later: true,
      } satisfies Check,
    ]),
  );
}
