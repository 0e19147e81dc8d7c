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
  const chooser = page.waitForEvent('filechooser', { timeout: withinMs / 4 }).catch(() => null);
  await button.click();
  const opened = await chooser;
  if (opened !== null) await opened.setFiles(file);
  else await choice(page).setInputFiles(file, { timeout: withinMs / 2 });
  // A form that only chose the file still wants to be sent.
  const send = pressable(shown(page.getByRole('dialog')), sending);
  if (await send.isVisible()) await send.click();
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
      .filter({ hasText: title }),
  );
