import { defineConfig } from '@playwright/test';

/**
 * One worker, because checks that run beside each other would measure each other. Time limits are those of the checks; the
 * runner's own come after them. Where the results go and how often a failed journey is looked at again, the command line says.
 */

/**
 * Without its film: painting each frame of pages in a call a second time took two cores a tenth of the suite's time, and half
 * of a meeting's where they were busy. What the page held at each step, what it asked for and its last picture are there.
 */
const trace = { mode: 'retain-on-failure', screenshots: false, snapshots: true, sources: true } as const;

export default defineConfig({
  testDir: import.meta.dirname,
  testMatch: 'checks.suite.ts',
  workers: 1,
  fullyParallel: false,
  timeout: 0,
  globalTimeout: 0,
  reporter: [['./reporter.ts']],
  use: { trace, screenshot: 'only-on-failure', video: 'off' },
});
