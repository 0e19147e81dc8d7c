import type { Page, Request, Response } from 'playwright-core';
import { shown } from './find.ts';

/** Something that came to a browser: the words on a page, or an answer the page was given. */
export interface Found {
  readonly where: string;
  readonly text: string;
}

const mostPages = 25;
const mostAnswers = 400;
const mostLetters = 1_000_000;

/** Goes once through every page the navigation leads to; gives all that was shown and all that was answered meanwhile. */
export async function walkThrough(page: Page): Promise<readonly Found[]> {
  const found: Found[] = [];
  const answers: Promise<void>[] = [];
  const listen = (response: Response): void => {
    if (isData(response) && answers.length < mostAnswers) answers.push(keep(response, found));
  };
  page.on('response', listen);
  try {
    await look(page, found, () => page.reload());
    for (const path of await waysFrom(page)) await look(page, found, () => follow(page, path));
    await Promise.all(answers);
  } finally {
    page.off('response', listen);
  }
  return found;
}

async function look(page: Page, found: Found[], go: () => Promise<unknown>): Promise<void> {
  await untilQuiet(page, go);
  const [text = ''] = await page.locator('body').allInnerTexts();
  found.push({ where: `the page ${new URL(page.url()).pathname}`, text });
}

/** Where the navigation leads, on this site. */
async function waysFrom(page: Page): Promise<readonly string[]> {
  const links = page.getByRole('navigation').getByRole('link');
  const targets = await links.evaluateAll((all) => all.map((one) => (one as unknown as { href: string }).href));
  const here = new URL(page.url());
  const paths = targets
    .filter((target) => URL.canParse(target) && new URL(target).origin === here.origin)
    .map((target) => new URL(target).pathname)
    .filter((path) => !/(log|sign)-?(out|off)/i.test(path));
  return [...new Set(paths)].slice(0, mostPages);
}

/** By the navigation, as users go; by the address, where the link has gone. */
async function follow(page: Page, path: string): Promise<void> {
  const link = shown(page.getByRole('navigation').locator(`a[href$=${JSON.stringify(path)}]`));
  if (await link.isVisible()) await link.click();
  else await page.goto(new URL(path, page.url()).href);
}

const quietMs = 300;
const patienceMs = 4_000;

/** Does something and waits until the page has asked for nothing for a while, or goes on asking for ever. */
export async function untilQuiet(page: Page, act: () => Promise<unknown>): Promise<void> {
  const open = new Set<Request>();
  let lastMs = Date.now();
  const begun = (request: Request): void => {
    lastMs = Date.now();
    if (asks(request)) open.add(request);
  };
  const ended = (request: Request): void => {
    lastMs = Date.now();
    open.delete(request);
  };
  page.on('request', begun).on('requestfinished', ended).on('requestfailed', ended);
  try {
    await act();
    const until = Date.now() + patienceMs;
    while (Date.now() < until && (open.size > 0 || Date.now() - lastMs < quietMs)) await page.waitForTimeout(50);
  } finally {
    page.off('request', begun).off('requestfinished', ended).off('requestfailed', ended);
  }
}

const asks = (request: Request): boolean => ['fetch', 'xhr'].includes(request.resourceType());

/** What a page asked for; a stream that never ends has no text to wait for. */
const isData = (response: Response): boolean =>
  asks(response.request()) && !/event-stream/.test(response.headers()['content-type'] ?? '');

async function keep(response: Response, found: Found[]): Promise<void> {
  const text = await response.text().catch(() => '');
  found.push({ where: `an answer of ${new URL(response.url()).pathname}`, text: text.slice(0, mostLetters) });
}
