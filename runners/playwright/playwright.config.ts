import { defineConfig } from '@playwright/test';

/**
 * One worker, because checks that run beside each other would measure each other. Time limits are those of the checks; the
 * runner's own come after them. Where the results go and how often a failed journey is looked at again, the command line says.
 */
export default defineConfig({
  testDir: import.meta.dirname,
  testMatch: 'checks.suite.ts',
  workers: 1,
  fullyParallel: false,
  timeout: 0,
  globalTimeout: 0,
  reporter: [['./reporter.ts']],
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure', video: 'off' },
});
