import type { Page } from 'playwright-core';

/** What a person can read on a page, line by line; what stands on things to press says what one may do, not what became of it. */
export async function linesOn(page: Page): Promise<readonly string[]> {
  const [[all = ''], pressables, alerts] = await Promise.all([
    page.locator('body').allInnerTexts(),
    page.locator('button, a, summary, option, [role=button], [role=link], [role=tab], [role=menuitem]').allInnerTexts(),
    page.getByRole('alert').filter({ visible: true }).allInnerTexts(),
  ]);
  const onButtons = new Set(pressables.flatMap(split));
  return [...new Set([...split(all).filter((line) => !onButtons.has(line)), ...alerts.flatMap(split)])];
}

const split = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => /\p{L}/u.test(line));

/** Words of a page that is still busy. */
const passing = /^(loading|please wait|signing (in|up)|checking|creating|sending|working|one moment)\b|(\.\.\.|…)$/i;

const settleMs = 500;

/**
 * Waits for words that were not there before and that stay; `isOver` ends the wait when something else has come about.
 * Throws when none come.
 */
export async function newWords(
  page: Page,
  before: readonly string[],
  withinMs: number,
  isOver: () => Promise<boolean> = async () => false,
): Promise<readonly string[]> {
  const until = Date.now() + withinMs;
  while (Date.now() < until) {
    const first = await freshOn(page, before);
    if (first.length > 0) {
      await page.waitForTimeout(settleMs);
      const still = (await freshOn(page, before)).filter((line) => first.includes(line));
      if (still.length > 0 && !(await isOver())) return still;
    }
    if (await isOver()) throw new Error('something else came');
    await page.waitForTimeout(100);
  }
  throw new Error('no new words');
}

/** A page that is just being replaced has nothing to read. */
async function freshOn(page: Page, before: readonly string[]): Promise<readonly string[]> {
  const lines = await linesOn(page).catch(() => []);
  return lines.filter((line) => !before.includes(line) && !passing.test(line));
}
