import type { Check } from '../../check.ts';

/** Built checks of one part of the platform, by their id without `e2e.`. */
export type Rows = Readonly<Record<string, Omit<Check, 'suite' | 'id'>>>;
