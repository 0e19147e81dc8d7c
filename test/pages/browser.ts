import { type Browser, chromium } from 'playwright-core';
import { toolPaths } from '../../setup/tools.mjs';

/** The browser that set-up found. Where there is none the tests of pages fail and say what is missing: they do not vanish. */
export function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  const executablePath: string | null = toolPaths().chromium;
  if (executablePath === null)
    throw new Error('no Chromium was found: as root, apt-get install -y chromium, then node setup/setup.mjs');
  return chromium.launch({ executablePath, args: [...args] });
}
