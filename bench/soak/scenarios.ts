import type { Scenario } from './model.ts';

const heap = { metric: 'heap', hours: 48 } as const;
const count = { metric: 'count', hours: 48 } as const;

/** Nothing leaks: at most one alarm in 190 000 series of each. */
export const healthy: readonly Scenario[] = [
  { ...heap, name: 'constant' },
  { ...heap, name: 'daily rhythm 10 %', dailyShare: 10 },
  { ...heap, name: 'red noise', slowSd: 2, slowTauHours: 6 },
  { ...heap, name: 'warm-up 25 %', warmUp: 25 },
  { ...heap, name: 'step 5 %', step: 5 },
  { ...heap, name: 'step 20 %', step: 20 },
  { ...heap, name: 'restarts', restartEveryHours: 12, warmUp: 8 },
  { ...count, name: 'count, constant' },
];

/** Harder than what is promised for, to be known. */
export const beyond: readonly Scenario[] = [
  { ...heap, name: 'red noise sd 3 %', slowSd: 3, slowTauHours: 6 },
  { ...heap, name: 'red noise sd 2 %, tau 24 h', slowSd: 2, slowTauHours: 24 },
  { ...heap, name: 'warm-up 50 %, tau 3 h', warmUp: 50, warmUpTauHours: 3 },
  { ...heap, name: 'step 20 % and daily rhythm 10 %', step: 20, dailyShare: 10 },
];

export interface PowerCell {
  readonly scenario: Scenario;
  readonly byHours: number;
  /** null: the frontier, shown and not promised. */
  readonly promised: number | null;
}

/** Called by the hour named, with the series as long as that. */
export const power: readonly PowerCell[] = [
  leak({ ...heap, name: 'heap 6 %/h', leakPerHour: 6 }, 6, 0.99),
  leak({ ...heap, name: 'heap 5 %/h', leakPerHour: 5 }, 8, 0.99),
  leak({ ...heap, name: 'heap 1 %/h', leakPerHour: 1 }, 28, 0.99),
  leak({ ...heap, name: 'heap 0.5 %/h', leakPerHour: 0.5 }, 44, 0.99),
  leak({ ...count, name: 'count 5 %/h', leakPerHour: 5 }, 6, 0.99),
  leak({ ...heap, name: 'heap 1 %/h', leakPerHour: 1 }, 24, null),
  leak({ ...heap, name: 'heap 0.5 %/h', leakPerHour: 0.5 }, 40, null),
  leak({ ...heap, name: 'heap 0.25 %/h', leakPerHour: 0.25 }, 48, null),
  leak({ ...count, name: 'count 0.25 %/h', leakPerHour: 0.25 }, 48, null),
  leak({ ...heap, name: 'heap 6 %/h, red noise', leakPerHour: 6, slowSd: 2, slowTauHours: 6 }, 6, null),
  leak({ ...heap, name: 'heap 1 %/h, red noise', leakPerHour: 1, slowSd: 2, slowTauHours: 6 }, 28, null),
  leak({ ...heap, name: 'heap 0.5 %/h, red noise', leakPerHour: 0.5, slowSd: 2, slowTauHours: 6 }, 44, null),
  leak({ ...heap, name: 'heap 5 %/h, daily rhythm', leakPerHour: 5, dailyShare: 10 }, 24, null),
  leak({ ...heap, name: 'heap 1 %/h, daily rhythm', leakPerHour: 1, dailyShare: 10 }, 36, null),
  leak({ ...heap, name: 'heap 2 %/h from hour 20', leakPerHour: 2, leakFromHours: 20 }, 44, null),
  leak({ ...heap, name: 'heap 2 %/h, restarted every 12 h', leakPerHour: 2, restartEveryHours: 12 }, 48, null),
];

function leak(scenario: Scenario, byHours: number, promised: number | null): PowerCell {
  return { scenario: { ...scenario, hours: byHours + 0.01 }, byHours, promised };
}
