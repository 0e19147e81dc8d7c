import type { Locator, Page } from 'playwright-core';
import { field, pressable, shown } from './find.ts';

const clearsWithinMs = 1_500;
const lookEveryMs = 50;
const named = /^(send|ask|submit)/i;
const onlySend = /^(send( (a |the |your )?(message|question))?|ask|submit)$/i;

/** Where one writes a message: a field, or a piece of the page that can be written in. */
export function messageBox(page: Page, name: RegExp): Locator {
  const written = page.locator('[contenteditable]:not([contenteditable=false], [aria-hidden=true] *, [inert] *)');
  return shown(field(page, name).or(written));
}

/** The button beside where one writes: of its form or panel, or else the nearest that can be nothing else. */
export async function sendButton(page: Page, box: Locator): Promise<Locator | null> {
  const own = pressable(page.locator('form, section, [role=dialog]').filter({ has: box }).last(), named);
  if (await own.isVisible()) return own;
  if ((await page.locator('form').filter({ has: box }).count()) > 0) return null;
  const around = box.locator('xpath=ancestor::*').filter({ has: page.getByRole('button', { name: onlySend }) });
  const nearest = pressable(around.last(), onlySend);
  return (await nearest.isVisible()) ? nearest : null;
}

/** Sends by the key, and by the button where the key only begins a new line. */
export async function sendByKey(page: Page, box: Locator): Promise<void> {
  await box.press('Enter');
  const until = Date.now() + clearsWithinMs;
  while (!(await isCleared(box))) {
    await page.waitForTimeout(lookEveryMs);
    if (Date.now() < until) continue;
    const nameless = page.locator('form').filter({ has: box }).locator('button[type=submit], button:not([type])');
    const button = (await sendButton(page, box)) ?? shown(nameless);
    if ((await button.isVisible()) && (await button.isEnabled())) await button.click();
    return;
  }
}

/** As much of a browser as is asked here; our own processes have none of it. */
interface Box {
  readonly value?: string;
  readonly disabled?: boolean;
  readonly readOnly?: boolean;
  readonly textContent: string | null;
}

/** One that takes nothing just now is on its way; what is no longer there holds nothing, either. */
const isCleared = (box: Locator): Promise<boolean> =>
  box.evaluate(takesNext, undefined, { timeout: 500 }).catch(() => true);

const takesNext = ({ value, disabled, readOnly, textContent }: Box): boolean =>
  disabled === true || readOnly === true || (value ?? textContent ?? '').trim() === '';
