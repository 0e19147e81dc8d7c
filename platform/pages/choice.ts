import type { Locator } from 'playwright-core';
import { shown } from './find.ts';

/** A choice between several things: the browser's own, or a button that opens a list. */
const isSelect = (control: Locator): Promise<boolean> =>
  control.evaluate(({ tagName }: { readonly tagName: string }) => tagName === 'SELECT');

export const readChoice = async (control: Locator): Promise<string> =>
  (await isSelect(control)) ? control.inputValue() : control.evaluate(textOf);

const textOf = ({ textContent }: { readonly textContent: string | null }): string => textContent?.trim() ?? '';

/** Returns what is chosen then; throws where there is nothing else. */
export async function chooseOther(control: Locator): Promise<string> {
  const now = await readChoice(control);
  if (!(await isSelect(control))) return chooseInList(control, now);
  const values = await control
    .locator('option')
    .evaluateAll((all) => all.map((one) => (one as unknown as { value: string }).value));
  const other = values.find((value) => value !== now && value !== '');
  if (other === undefined) throw new Error('there is nothing else to choose');
  await control.selectOption(other);
  return other;
}

const opensMs = 3_000;
const lookEveryMs = 50;

/** The list may be anywhere in the page. */
async function chooseInList(control: Locator, now: string): Promise<string> {
  const page = control.page();
  await control.click();
  const others = page.locator('[role=option]:not([aria-selected=true], [aria-disabled=true], [data-state=checked])');
  const other = shown(others.filter({ hasNotText: new RegExp(`^\\s*${now.replace(/[^\w\s]/g, '\\$&')}\\s*$`) }));
  await other.click({ timeout: opensMs });
  const until = Date.now() + opensMs;
  for (let value = now; ; value = await readChoice(control)) {
    if (value !== now) return value;
    if (Date.now() > until) throw new Error('it kept what it held');
    await page.waitForTimeout(lookEveryMs);
  }
}
