import type { Locator, Page } from 'playwright-core';
import { under } from './entrance.ts';
import { pressable, shown } from './find.ts';
import type { Change } from './settings.ts';

/** Pages of the dashboard, by the names they go by in its navigation, and where they are known to lie. */
const places = {
  knowledge: { name: /knowledge|documents/i, path: 'knowledge' },
  profile: { name: /profile|my account/i, path: 'profile' },
  settings: { name: /settings|preferences/i, path: 'settings' },
  escalations: { name: /escalations/i, path: 'escalations' },
  home: { name: /^(dashboard|home|overview)$/i, path: 'dashboard' },
} as const;
export type Place = keyof typeof places;

/** Goes there as a user does, by the navigation; by the address where nothing leads there. */
export async function goTo(page: Page, dashboard: string, place: Place): Promise<void> {
  const { name, path } = places[place];
  const link = pressable(page, name);
  if (!(await link.isVisible()))
    await pressable(page, /^(menu|navigation|open menu|toggle menu)$/i)
      .click({ timeout: 1_000 })
      .catch(() => undefined);
  const isThere = await link.isVisible();
  const leads = isThere && (await link.getAttribute('href')) !== null;
  const before = page.url();
  if (isThere) await link.click();
  if (!leads && !(isThere && (await hasArrived(page, place, before)))) await page.goto(under(dashboard, path));
}

/** What is no link may only unfold a group, or open a menu, under the name of what is in it; or the page comes as a dialog. */
async function hasArrived(page: Page, place: Place, before: string): Promise<boolean> {
  const { path } = places[place];
  const there = titleOf(page, place).or(page.getByRole('dialog', { name: places[place].name }));
  const until = Date.now() + arrivesMs;
  while (Date.now() < until) {
    if (page.url() !== before || new URL(before).pathname.endsWith(`/${path}`)) return true;
    if (await there.first().isVisible()) return true;
    await page.waitForTimeout(lookEveryMs);
  }
  return false;
}

const arrivesMs = 2_000;
const lookEveryMs = 50;

export const titleOf = (page: Page, place: Place): Locator =>
  shown(page.getByRole('heading', { name: places[place].name }));

/** Words a page uses to say that something went wrong. */
const complaint =
  /error|fail|wrong|invalid|problem|try again|retry|unavailable|not available|offline|unreachable|cannot|can't|could ?n[o']t|could not|unable|denied|not (saved|found|sent)/i;
const confirmation = /saved|updated|success|changes (were|have been)|stored|done\b/i;

/** What the page complains about, in its own words; notices that are there all the time are not told apart from it. */
export async function complaints(page: Page): Promise<readonly string[]> {
  const said = page.getByRole('alert').or(page.getByRole('alertdialog')).or(page.getByText(complaint));
  const texts = await said.filter({ visible: true }).allInnerTexts();
  return [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))];
}

/** The complaints among what the page calls alerts: what is said in a conversation is none of them. */
export async function alarms(page: Page): Promise<readonly string[]> {
  const said = page.getByRole('alert').or(page.getByRole('alertdialog'));
  const texts = await said.filter({ visible: true }).allInnerTexts();
  return texts.map((text) => text.trim()).filter((text) => complaint.test(text));
}

/** Waits for a complaint that was not there before. */
export async function newComplaint(page: Page, before: readonly string[], withinMs: number): Promise<string> {
  const until = Date.now() + withinMs;
  while (Date.now() < until) {
    const fresh = (await complaints(page)).find((text) => !before.includes(text));
    if (fresh !== undefined) return fresh;
    await page.waitForTimeout(100);
  }
  throw new Error('the page does not complain');
}

export const retry = (page: Page): Locator => pressable(page, /try again|retry|reload|refresh/i);

const stillMs = 700;

/** What stands in it once it has stood still: a page may fill in its data, or put back what one wrote, a moment later. */
export async function settled({ read }: Change, page: Page, withinMs: number): Promise<string> {
  const until = Date.now() + withinMs;
  let value = await read();
  for (let sinceMs = Date.now(); Date.now() - sinceMs < stillMs; ) {
    await page.waitForTimeout(100);
    const now = await read();
    if (now !== value) sinceMs = Date.now();
    value = now;
    if (Date.now() > until) throw new Error('it does not keep still');
  }
  return value;
}

/** Presses what saves: of the control's own form or what stands nearest to it; what saves by itself has none. */
export async function save(page: Page, control: Locator): Promise<void> {
  const own = pressable(page.locator('form').filter({ has: control }), saving);
  // Of several cards with a button each, the control's own; a bar that comes with the first change may stand outside of everything.
  const around = control.locator('xpath=ancestor::*').filter({ has: page.getByRole('button', { name: saving }) });
  for (const one of [own, pressable(around.last(), saving)]) if (await one.isVisible()) return one.click();
}

const saving = /^(save|update|apply|submit)\b/i;

/** What a page says, before something is saved on it. */
export interface Noise {
  readonly complaints: readonly string[];
  readonly confirmations: readonly string[];
}

export const noiseOn = async (page: Page): Promise<Noise> => ({
  complaints: await complaints(page),
  confirmations: await confirmations(page),
});

async function confirmations(page: Page): Promise<readonly string[]> {
  return (await page.getByText(confirmation).filter({ visible: true }).allInnerTexts()).map((text) => text.trim());
}

/**
 * Waits until the page says that it saved; gives its complaint where it says the opposite, null where it says nothing.
 * "Last updated" may have stood there all the time: only what is new is an answer.
 */
export async function saidOfSaving(page: Page, before: Noise, withinMs: number): Promise<'saved' | string | null> {
  const until = Date.now() + withinMs;
  while (Date.now() < until) {
    if ((await confirmations(page)).some((text) => !before.confirmations.includes(text))) return 'saved';
    const fresh = (await complaints(page)).find((text) => !before.complaints.includes(text));
    if (fresh !== undefined) return fresh;
    await page.waitForTimeout(100);
  }
  return null;
}
