import type { BrowserContext, Locator, Page } from 'playwright-core';
import { shown } from './find.ts';
import { until } from './meeting.ts';

export type Kind = 'camera' | 'microphone';

/** Where one chooses a device of this kind, on the page or behind a button; null where nothing is to be chosen. */
export async function choiceOf(page: Page, kind: Kind, withinMs: number): Promise<Locator | null> {
  const choice = shown(page.getByRole('combobox', { name: new RegExp(kind, 'i') }));
  if (await comes(choice, withinMs / 4)) return choice;
  if ((await settingsButton(page).count()) === 0) return null;
  await settingsButton(page)
    .click({ timeout: withinMs / 4 })
    .catch(() => undefined);
  return (await comes(choice, withinMs / 4)) ? choice : null;
}

/** A link would lead out of the meeting. */
const settingsButton = (page: Page): Locator => shown(page.getByRole('button', { name: /settings|devices|options/i }));

const opensMs = 2_000;

/** The key that closes a list may close the dialog around it as well. */
async function openAgain(page: Page, choice: Locator): Promise<void> {
  if (await choice.isVisible()) return;
  await settingsButton(page)
    .click({ timeout: opensMs })
    .catch(() => undefined);
  await comes(choice, opensMs);
}

/** Is there a device to choose that is not the chosen one, now or within the time? */
export async function hasAnother(page: Page, choice: Locator, withinMs: number): Promise<boolean> {
  await openAgain(page, choice);
  if (await isSelect(choice))
    return until(page, async () => (await others(choice)).length > 0, withinMs).then(
      () => true,
      () => false,
    );
  await choice.click();
  const found = await comes(otherEntries(page).last(), withinMs);
  await page.keyboard.press('Escape');
  return found;
}

/** Throws when the page does not let one choose. */
export async function chooseAnother(page: Page, choice: Locator): Promise<void> {
  await openAgain(page, choice);
  if (await isSelect(choice)) return void (await choice.selectOption((await others(choice)).at(-1) ?? null));
  await choice.click();
  await otherEntries(page).last().click();
}

const isSelect = async (choice: Locator): Promise<boolean> =>
  (await choice.evaluate(({ tagName }: { readonly tagName: string }) => tagName)) === 'SELECT';

const others = (choice: Locator): Promise<readonly string[]> => choice.evaluate(otherOptions);

const otherEntries = (page: Page): Locator =>
  page.locator('[role=option]:not([aria-selected=true], [aria-disabled=true])').filter({ visible: true });

/** As much of a select's type as is used; it stands in the page, whose types are not ours. */
interface Select {
  readonly value: string;
  readonly options: Iterable<{ readonly value: string; readonly disabled: boolean }>;
}

/** What cannot be chosen, and a word that only asks for a choice, are no devices. */
const otherOptions = (select: Select): readonly string[] =>
  [...select.options]
    .filter(({ value, disabled }) => !disabled && value !== '' && value !== select.value)
    .map(({ value }) => value);

const comes = (found: Locator, withinMs: number): Promise<boolean> =>
  found.waitFor({ state: 'visible', timeout: withinMs }).then(
    () => true,
    () => false,
  );

/** Has the pages of a browser remember their calls, so that what arrives over them can be asked for. To be done before a page is opened. */
export const rememberCalls = (context: BrowserContext): Promise<unknown> => context.addInitScript(remember);

const remember = `{
  const calls = [];
  Object.defineProperty(globalThis, '__calls', { value: calls });
  if (globalThis.RTCPeerConnection)
    globalThis.RTCPeerConnection = new Proxy(globalThis.RTCPeerConnection, {
      construct(target, given, called) {
        const call = Reflect.construct(target, given, called);
        calls.push(call);
        return call;
      },
    });
}`;

/** How much sound has arrived at a page so far (`totalAudioEnergy` of what comes in); null where it has no call that tells. */
export const soundAt = (page: Page): Promise<number | null> => page.evaluate<number | null>(energy);

const energy = `(async () => {
  const reports = await Promise.all((globalThis.__calls ?? [])
    .filter((call) => call.connectionState !== 'closed')
    .map((call) => call.getStats()));
  const incoming = reports.flatMap((report) => [...report.values()])
    .filter((row) => row.type === 'inbound-rtp' && row.kind === 'audio' && typeof row.totalAudioEnergy === 'number');
  return incoming.length === 0 ? null : incoming.reduce((sum, row) => sum + row.totalAudioEnergy, 0);
})()`;
