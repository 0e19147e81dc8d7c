import type { Locator, Page } from 'playwright-core';
import { firstSeen, shown } from './find.ts';

export interface Upload {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const opening = /upload|add (a )?(document|file)|new document|import/i;
const sending = /^(upload|save|add|import|submit)\b/i;
/** A dialog has its own words for it, and may have buttons for further files. */
const sendingIt = /^(upload|save|add|import|submit|start|confirm|create)\b(?! (another|more|a file or)\b)/i;
const inMenu = /upload|file|document|computer|device/i;

/** Gives the page a file as a user does: by its button, which opens the choice of files or a form that has one. */
export async function uploadFile(page: Page, file: Upload, withinMs: number): Promise<void> {
  // A choice of files may count as a button, too; it opens the same choice, but where it cannot be seen it cannot be pressed.
  const button = shown(
    page
      .getByRole('button', { name: opening })
      .or(page.getByRole('link', { name: opening }))
      .and(page.locator(':not(input)')),
  );
  const isThere = await isPressed(page, button, withinMs);
  const before = await senders(page).allInnerTexts();
  if (!isThere) {
    await (await choice(page)).setInputFiles(file, { timeout: withinMs / 2 });
    const send = await sender(page, before);
    return send === null ? undefined : send.click();
  }
  const chooser = page.waitForEvent('filechooser', { timeout: withinMs / 4 }).catch(() => null);
  const item = shown(page.getByRole('menuitem', { name: inMenu }));
  // The navigation may be a menu, too.
  const isNew = !(await item.isVisible());
  await button.click();
  if (isNew && (await Promise.race([chooser, firstSeen({ item }, withinMs / 4)])) === 'item') await item.click();
  const opened = await chooser;
  if (opened !== null) await opened.setFiles(file);
  else await (await choice(page)).setInputFiles(file, { timeout: withinMs / 2 });
  // A form that only chose the file still wants to be sent.
  const send = await sender(page, before);
  if (send !== null) await send.click();
  // Where the button opened nothing, it is the one that sends what was chosen beside it.
  else if (opened === null && (await button.isVisible())) await button.click();
}

const middle = ':is(main, [role=main], [role=dialog], body:not(:has(main, [role=main])))';
const comesMs = 2_000;

/** Is there a button to press? A place to drop files on, and a label drawn as a button, lead to a choice of files that is hidden. */
async function isPressed(page: Page, button: Locator, withinMs: number): Promise<boolean> {
  // One beside the page's middle belongs to a chat.
  const hidden = page.locator(`${middle} input[type=file]`).first().waitFor({ state: 'attached', timeout: withinMs });
  await Promise.any([button.waitFor({ state: 'visible', timeout: withinMs }), hidden]).catch(() => {
    throw new Error('there is nothing to upload with');
  });
  return (await firstSeen({ button }, comesMs)) !== null;
}

/** What of the things that send can be pressed. */
const senders = (page: Page): Locator =>
  page.getByRole('button', { name: sending, disabled: false }).filter({ visible: true });

const appearsMs = 500;

/** The button of the dialog, or else one that could not be pressed before the file was chosen; null where the choice was all. */
async function sender(page: Page, before: readonly string[]): Promise<Locator | null> {
  // What ends a dialog stands at its end.
  const inDialog = shown(page.getByRole('dialog'))
    .getByRole('button', { name: sendingIt })
    .filter({ visible: true })
    .last();
  if (await inDialog.isVisible()) return inDialog;
  await page.waitForTimeout(appearsMs);
  const fresh = (await senders(page).allInnerTexts()).findIndex((words) => !before.includes(words));
  return fresh === -1 ? null : senders(page).nth(fresh);
}

/** Choices of files have no role of their own; chats may have one, too. */
async function choice(page: Page): Promise<Locator> {
  const all = 'input[type=file]';
  for (const scope of [page.getByRole('dialog').filter({ visible: true }), page.getByRole('main')])
    if ((await scope.locator(all).count()) > 0) return scope.locator(all).last();
  return page.locator(all).last();
}

/** The document in the list of documents, by its title or the name of its file. */
export const listed = (page: Page, title: string): Locator =>
  shown(
    page
      .getByRole('listitem')
      .or(page.getByRole('row'))
      .or(page.getByRole('article'))
      .or(page.getByRole('heading'))
      .filter({ hasText: title })
      // A list may be built of nothing that has a role.
      .or(page.getByText(title)),
  );
