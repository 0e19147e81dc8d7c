import type { Fault } from '../../reference/faults/fault.ts';
import { globToRegExp } from '../run/select.ts';

/** All faults, those named, those that break a named check; with `quick` the fewest (greedily) that break every check once. */
export function choose(
  faults: readonly Fault[],
  wanted: { readonly quick?: boolean; readonly fault: readonly string[]; readonly check: readonly string[] },
): Fault[] {
  const globs = wanted.check.map(globToRegExp);
  const isWanted = (check: string) => globs.length === 0 || globs.some((glob) => glob.test(check));
  const named = faults.filter(
    (fault) => (wanted.fault.length === 0 || wanted.fault.includes(fault.name)) && fault.catches.some(isWanted),
  );
  if (!wanted.quick || wanted.fault.length > 0) return named;
  const open = new Set(named.flatMap((fault) => fault.catches).filter(isWanted));
  return named.filter((fault) => {
    const useful = fault.catches.some((check) => open.has(check));
    for (const check of fault.catches) open.delete(check);
    return useful;
  });
}
