import { access } from '../../environment/access.ts';
import type { Environment } from '../../environment/types.ts';
import type { Entry } from '../../record/entries.ts';
import type { Check } from '../../suites/check.ts';
import { isBuilt } from '../../suites/index.ts';

export interface Plan {
  /** What the record begins with: one entry for each selected check, and the waivers that speak of it. */
  readonly entries: readonly Entry[];
  /** The checks whose bodies will run. */
  readonly runnable: readonly Check[];
}

/** Decides before anything is touched what is promised, what cannot be looked at and why. */
export function plan(environment: Environment, checks: readonly Check[]): Plan {
  const entries: Entry[] = [];
  const runnable: Check[] = [];
  for (const check of checks) {
    const gap = gapOf(environment, check);
    if (gap?.kind === 'excluded') entries.push(gap);
    else {
      const parts = gap ? { check, entries: [] } : assertionsWithin(environment, check);
      entries.push(planned(parts.check), ...parts.entries);
      if (gap) entries.push(gap);
      else runnable.push(parts.check);
    }
  }
  const ids = new Set(checks.map((check) => check.id));
  for (const waiver of environment.waivers) if (ids.has(waiver.check)) entries.push({ kind: 'waiver', ...waiver });
  for (const floor of environment.expect.relaxed) entries.push({ kind: 'note', what: 'relaxed floor', detail: floor });
  return { entries, runnable };
}

/** Assertions of parts that do not exist are left out with a note; of those that are not granted, not verified. */
function assertionsWithin(environment: Environment, check: Check): { check: Check; entries: Entry[] } {
  const entries: Entry[] = [];
  const kept = Object.entries(check.assertions).filter(([assertion, row]) => {
    const found = access(environment, row.needs ?? []);
    if (found.status === 'excluded')
      entries.push({ kind: 'note', check: check.id, what: `${assertion} left out`, detail: found.why });
    if (found.status === 'unmet') entries.push({ kind: 'unmet', check: check.id, assertion, needs: found.needs });
    return found.status !== 'excluded';
  });
  return { check: { ...check, assertions: Object.fromEntries(kept) }, entries };
}

function gapOf(environment: Environment, check: Check): Extract<Entry, { kind: 'excluded' | 'unmet' }> | null {
  const found = access(environment, check.needs);
  if (found.status === 'excluded') return { kind: 'excluded', check: check.id, why: found.why };
  if (!isBuilt(check))
    return { kind: 'unmet', check: check.id, needs: 'a body: this check is planned and not built yet' };
  if (found.status === 'unmet') return { kind: 'unmet', check: check.id, needs: found.needs };
  if (check.suite !== 'smoke' && !environment.allow.includes(check.suite)) {
    return { kind: 'unmet', check: check.id, needs: `"${check.suite}" in allow` };
  }
  if (check.needs.includes('accounts') && !canClean(environment))
    return { kind: 'unmet', check: check.id, needs: 'accounts.given, or accounts.create with a cleanup' };
  return null;
}

/** A guest makes nothing before it knows how it will remove it; `cleanup: none` is that knowledge too, said aloud as residue. */
const canClean = ({ accounts }: Environment): boolean =>
  accounts !== null && (accounts.given.length > 0 || accounts.create);

function planned(check: Check): Entry {
  const rows = Object.entries(check.assertions);
  const some = <T>(pick: (row: Check['assertions'][string]) => T | undefined) =>
    Object.fromEntries(rows.flatMap(([name, row]) => (pick(row) === undefined ? [] : [[name, pick(row)!]]))) as Record<
      string,
      T
    >;
  const optional = <T extends object>(key: string, value: T) => (Object.keys(value).length > 0 ? { [key]: value } : {});
  return {
    kind: 'plan',
    check: check.id,
    claim: check.claim,
    assertions: rows.map(([name]) => name),
    ...optional(
      'targets',
      some((row) => row.target),
    ),
    ...optional(
      'cells',
      some((row) => row.cells),
    ),
    ...optional(
      'atLeast',
      some((row) => row.atLeast),
    ),
  } as Entry;
}
