/** What the harness reads of its own surroundings, apart from the variables an environment file names. */

/** A CI job: nobody watches a line being redrawn. */
export const inCi = (): boolean => process.env.CI === 'true' || process.env.CI === '1';

const wire = 'SHAKEDOWN_WIRE';

/** The surroundings of a browser runner that this process starts: its own, and where to report. */
export const withWire = (address: string): NodeJS.ProcessEnv => ({
  ...process.env,
  [wire]: address,
  // Node runs our sources as they stand; a second compiler would make other code of them than the one that is tested.
  PW_DISABLE_TS_ESM: '1',
  PLAYWRIGHT_NO_COPY_PROMPT: '1',
});

/** Where a browser runner reports to; null when it was started by hand. */
export const wireAddress = (): string | null => process.env[wire] ?? null;

/** A worker of the browser runner, and not the process that only lists what there is to run. */
export const isBrowserWorker = (): boolean => process.env.TEST_WORKER_INDEX !== undefined;

/** Is there a screen on which a window could open? Only Linux has machines that say they have none. */
export const hasScreen = (): boolean =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
