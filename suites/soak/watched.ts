import { expectedOf } from '../../probes/watch/expected.ts';
import { refusedOf, watchersOf } from '../../probes/watch/index.ts';
import type { SoakBody, SoakContext } from '../../runners/soak/types.ts';

/** A check that needs nothing but watching: whatever tells of it is looked at as long as the soak lasts. */
export const watches =
  (check: string): SoakBody =>
  (soak) =>
    startWatchers(check, soak);

export function startWatchers(check: string, soak: SoakContext): void {
  const expected = expectedOf(check, soak);
  if (expected.length > 0) {
    const sources = Object.fromEntries(expected.map(({ row, source }) => [row, source]));
    soak.emit({ kind: 'plan', check, assertions: Object.keys(sources), sources });
  }
  for (const refused of refusedOf(check, soak)) soak.emit({ kind: 'unmet', ...refused });
  for (const watcher of watchersOf(check, soak)) soak.watch(watcher);
}
