import type { Locator, Page, Request } from 'playwright-core';
import { field, shown } from './find.ts';

/** Where a page asks for a code that works once: in one field, or in a box for each digit. */
const called =
  /(mfa|2fa|two-factor|verification|authentication|security|one-time|digit).*code|^code|authenticator|passcode/i;
const box = 'input[maxlength="1"]';

/** By its name; boxes are often called by their number only, and a field may say what it takes to browsers alone. */
export const codeField = (page: Page): Locator =>
  shown(field(page, called).or(page.locator(`input[autocomplete~="one-time-code" i], ${box}`)));

/** How soon a page that needs no button has sent the code off. */
const selfSendMs = 300;

/** Enters a code as its user does. True: the page has sent it off by itself; a second time would be one too many. */
export async function typeCode(into: Locator, code: string): Promise<boolean> {
  const page = into.page();
  let sent = false;
  const bare = bareOf(code);
  const listen = (request: Request): void => {
    sent ||= request.method() !== 'GET' && bareOf(request.postData() ?? '').includes(bare);
  };
  page.on('request', listen);
  try {
    if ((await into.getAttribute('maxlength')) === '1') await typeIntoBoxes(page, into, code);
    else await into.fill(code);
    await page.waitForTimeout(selfSendMs);
  } finally {
    page.off('request', listen);
  }
  return sent;
}

const bareOf = (text: string): string => text.replace(/[^0-9a-z]/gi, '').toLowerCase();

async function typeIntoBoxes(page: Page, first: Locator, code: string): Promise<void> {
  const boxes = await page.locator(box).filter({ visible: true }).all();
  for (const one of boxes) await one.fill('');
  const isEach = boxes.length === code.length;
  await first.focus();
  for (const [i, digit] of [...code].entries()) {
    // Most boxes hand on to the next one; where they do not, the user goes there.
    if (isEach) await boxes[i]!.focus();
    await page.keyboard.type(digit);
  }
}
