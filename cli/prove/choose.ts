import type { Fault } from '../../reference/faults/fault.ts';
import { allChecks, checkById, isBuilt } from '../../suites/index.ts';
import { UsageError } from '../errors.ts';
import { globToRegExp, unmatched } from '../run/select.ts';

/**
 * All faults, those named, those that break a wanted check; with `quick` the fewest (greedily) that break every check once.
 * What is proven of a fault is that wanted checks with a body see it; that others would as well is no alarm.
 * @throws UsageError of every name and glob that names nothing.
 */
export function choose(
  faults: readonly Fault[],
  wanted: { readonly quick?: boolean; readonly fault: readonly string[]; readonly check: readonly string[] },
): Fault[] {
  refuseUnknown(faults, wanted);
  const globs = wanted.check.map(globToRegExp);
  const isWanted = (id: string) => hasBody(id) && (globs.length === 0 || globs.some((glob) => glob.test(id)));
  const named = faults
    .filter((fault) => wanted.fault.length === 0 || wanted.fault.includes(fault.name))
    .map((fault) => ({
      ...fault,
      catches: fault.catches.filter(isWanted),
      mayAlso: [...fault.mayAlso, ...fault.catches],
    }))
    .filter((fault) => fault.catches.length > 0);
  if (!wanted.quick || wanted.fault.length > 0) return named;
  const open = new Set(named.flatMap((fault) => fault.catches));
  return named.filter((fault) => {
    const useful = fault.catches.some((check) => open.has(check));
    for (const check of fault.catches) open.delete(check);
    return useful;
  });
}

function refuseUnknown(faults: readonly Fault[], wanted: Parameters<typeof choose>[1]): void {
  const names = wanted.fault.filter((name) => !faults.some((fault) => fault.name === name));
  const globs = unmatched(wanted.check, allChecks);
  const problems = [
    ...(names.length > 0 ? [`--fault: ${names.join(', ')} names no fault; "shakedown prove --list" lists them`] : []),
    ...(globs.length > 0 ? [`--check: ${globs.join(', ')} matches no check; "shakedown checks" lists them`] : []),
  ];
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
}

function hasBody(id: string): boolean {
  const check = checkById.get(id);
  return check !== undefined && isBuilt(check);
}
