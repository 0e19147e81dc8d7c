import { existsSync } from 'node:fs';
import type { FromRunner } from '../../runners/playwright/messages.ts';
import { type PlaywrightResult, type PlaywrightRun, runOnPlaywright } from '../../runners/playwright/run.ts';
import type { FromWorker } from '../../runners/vitest/messages.ts';
import { installed } from '../../setup/tools.mjs';

export interface JourneyRun extends Omit<PlaywrightRun, 'chromium' | 'onMessage'> {
  onMessage(message: FromWorker): void;
}

/** The end-to-end suite, with the browser that set-up found. */
export function runJourneys({ onMessage, ...run }: JourneyRun): Promise<PlaywrightResult> {
  return runOnPlaywright({
    ...run,
    chromium: chromiumPath(),
    onMessage: (message) => {
      if (isShown(message)) onMessage(message);
    },
  });
}

const isShown = (message: FromRunner): message is Extract<FromRunner, FromWorker> =>
  message.type === 'entry' || message.type === 'started' || message.type === 'finished';

function chromiumPath(): string | null {
  const path = (installed()?.paths as Record<string, string | null> | undefined)?.chromium;
  return typeof path === 'string' && existsSync(path) ? path : null;
}
