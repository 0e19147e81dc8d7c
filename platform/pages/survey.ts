import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { pressable } from './find.ts';
import { linesOn } from './words.ts';

/** What one answers a survey with; stars and faces are often drawn over buttons of choice that are hidden. */
const choices = 'input[type=radio], [role=radio]';
const inputs = 'input:is([type=range], [type=number]), textarea, select, [role=slider]';
const rating =
  /^\W*\d{1,2}(\s*(of|out of|\/)\s*\d+)?\W*(stars?)?$|^(yes|no|bad|poor|fair|okay|good|great|excellent|terrible|(very )?(un|dis)?(happy|satisfied|likely))$|^(start|begin|take|open)\b.*(survey|questionnaire)/i;

const lookEveryMs = 200;
const settleMs = 700;

/** Waits until the page asks something that can be answered; throws where it does not. */
export async function asksSomething(page: Page, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  const canBeAnswered = async () =>
    (await page.locator(choices).count()) > 1 ||
    (await page.locator(inputs).filter({ visible: true }).count()) > 0 ||
    (await pressable(page, rating).count()) > 0;
  while (!(await canBeAnswered())) {
    if (Date.now() > until) throw new Error('nothing to answer');
    await page.waitForTimeout(lookEveryMs);
  }
}

/** What is shown once the page has come to rest. */
export async function restOf(page: Page, withinMs: number): Promise<string> {
  const until = Date.now() + withinMs;
  for (let last = ''; ; ) {
    await page.waitForTimeout(settleMs);
    const now = (await linesOn(page)).join('\n');
    if ((now === last && now !== '') || Date.now() > until) return now;
    last = now;
  }
}

/** An address at the same site that leads nowhere: sites of one page answer it like any other, and then show what they have for it. */
export function nowhere(address: string): string {
  const url = new URL(address);
  url.pathname = `/${randomUUID()}/${randomUUID()}`;
  url.search = '';
  url.hash = url.hash.startsWith('#/') ? `#/${randomUUID()}` : '';
  return url.href;
}
