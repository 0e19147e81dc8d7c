import type { Fault } from '../../reference/faults/fault.ts';

/** All faults, those named, those that break a named check; with `quick` the fewest (greedily) that break every check once. */
export function choose(
  faults: readonly Fault[],
  wanted: { readonly quick?: boolean; readonly fault: readonly string[]; readonly check: readonly string[] },
): Fault[] {
  const named = faults.filter(
    (fault) =>
      (wanted.fault.length === 0 || wanted.fault.includes(fault.name)) &&
      (wanted.check.length === 0 || fault.catches.some((check) => wanted.check.includes(check))),
  );
  if (!wanted.quick || wanted.fault.length > 0) return named;
  const open = new Set(named.flatMap((fault) => fault.catches));
  return named.filter((fault) => {
    const useful = fault.catches.some((check) => open.has(check));
    for (const check of fault.catches) open.delete(check);
    return useful;
  });
}
