import type { Locator, Page } from 'playwright-core';
import { pressable, shown } from './find.ts';

export interface Upload {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const opening = /upload|add (a )?(document|file)|new document|import/i;
const sending = /^(upload|save|add|import|submit)\b/i;

/** Gives the page a file as a user does: by its button, which opens the choice of files or a form that has one. */
export async function uploadFile(page: Page, file: Upload, withinMs: number): Promise<void> {
  // A choice of files may count as a button, too; it opens the same choice, but where it cannot be seen it cannot be pressed.
  const button = shown(
    page
      .getByRole('button', { name: opening })
      .or(page.getByRole('link', { name: opening }))
      .and(page.locator(':not(input)')),
  );
  await button.waitFor({ state: 'visible', timeout: withinMs });
  const before = await senders(page).allInnerTexts();
  const chooser = page.waitForEvent('filechooser', { timeout: withinMs / 4 }).catch(() => null);
  await button.click();
  const opened = await chooser;
  if (opened !== null) await opened.setFiles(file);
  else await choice(page).setInputFiles(file, { timeout: withinMs / 2 });
  // A form that only chose the file still wants to be sent.
  const send = await sender(page, before);
  if (send !== null) await send.click();
  // Where the button opened nothing, it is the one that sends what was chosen beside it.
  else if (opened === null && (await button.isVisible())) await button.click();
}

/** What of the things that send can be pressed. */
const senders = (page: Page): Locator =>
  page.getByRole('button', { name: sending, disabled: false }).filter({ visible: true });

const appearsMs = 500;

/** The button of the dialog, or else one that could not be pressed before the file was chosen; null where the choice was all. */
async function sender(page: Page, before: readonly string[]): Promise<Locator | null> {
  const inDialog = pressable(shown(page.getByRole('dialog')), sending);
  if (await inDialog.isVisible()) return inDialog;
  await page.waitForTimeout(appearsMs);
  const fresh = (await senders(page).allInnerTexts()).findIndex((words) => !before.includes(words));
  return fresh === -1 ? null : senders(page).nth(fresh);
}

/** Choices of files have no role of their own. */
const choice = (page: Page): Locator => page.locator('input[type=file]').last();

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
