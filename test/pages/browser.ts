import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { toolPaths } from '../../setup/tools.mjs';
import { deployment } from '../environment/deployment.ts';

/** Where pages of tests are; they are answered by a route, and nothing listens there. */
export const base = 'http://pages.test/';
export const environment = deployment(`api: { url: ${base} }\nweb: { dashboard: ${base} }\ntls: { allowPlain: true }`);

/** The browser that set-up found. Where there is none the tests of pages fail and say what is missing: they do not vanish. */
export function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  const executablePath: string | null = toolPaths().chromium;
  if (executablePath === null)
    throw new Error('no Chromium was found: as root, apt-get install -y chromium, then node setup/setup.mjs');
  return chromium.launch({ executablePath, args: [...args] });
}

/** One browser for the tests of a file, or of a group of them; it is there once they run. */
export function browserOfTests(args: readonly string[] = []): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launchBrowser(args);
  }, 60_000);
  afterAll(() => browser?.close());
  return () => browser!;
}

/** What Playwright waits by itself. */
const patientMs = 30_000;

/** A page at `base`, whose bodies are told by their path; it is closed with its test. */
export async function servedPage(
  browser: Browser,
  bodyAt: (pathname: string) => string,
  timeoutMs = patientMs,
): Promise<Page> {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  page.setDefaultTimeout(timeoutMs);
  await page.route('**', (route) => {
    const body = bodyAt(new URL(route.request().url()).pathname);
    return route.fulfill({ contentType: 'text/html', body: `<!doctype html><body>${body}` });
  });
  await page.goto(base);
  return page;
}
