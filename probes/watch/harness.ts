import type { Watcher } from './types.ts';

/** The harness is a process like any other: its own memory is one more series, judged alike. */
export function harnessWatcher(): Watcher {
  return {
    name: 'harness',
    everyMs: 60_000,
    sample: async () => [
      { series: 'harness.memory', unit: 'By', labels: { service: 'harness' }, value: process.memoryUsage.rss() },
    ],
  };
}
