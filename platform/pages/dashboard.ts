import type { Locator, Page } from 'playwright-core';
import { under } from './entrance.ts';
import { field, firstSeen, middle, pressable, type Scope, shown } from './find.ts';

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
  if (await link.isVisible()) await link.click();
  else await page.goto(under(dashboard, path));
}

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

/** A form a page lets one change something in. */
export interface Change {
  /** What the user would call it. */
  readonly what: string;
  readonly control: Locator;
  /** What is in it now. */
  read(): Promise<string>;
  /** Puts the value in; for a choice, any other one. Returns what is meant to be in it then. */
  write(text: string): Promise<string>;
}

/** The name one goes by, on the profile page. */
export async function nameField(page: Page, withinMs: number): Promise<Change | null> {
  const control = field(page, /^(your |full |display |first )?name\b/i);
  const there = await firstSeen({ control }, withinMs);
  return there && textChange(control, 'the name');
}

/** What belongs to a password is a matter of signing in, and what searches changes nothing. */
const harmless = ':not(form:has(input[type=password]) *, [type=search], [role=searchbox], [readonly], [disabled])';

const kinds = ['text', 'switch', 'choice'] as const;
type Kind = (typeof kinds)[number];

/** Which setting it is, so that it is found again where pages order them anew: what it is, and what it is called. */
export interface Setting {
  readonly kind: Kind;
  readonly label: string | null;
}

/** The first setting that can be changed: a text where there is one, otherwise a switch or a choice. */
export async function firstSetting(page: Page, withinMs: number): Promise<(Change & Setting) | null> {
  const scope = await middle(page);
  const found = Object.fromEntries(kinds.map((kind) => [kind, shown(settings(page, scope, kind))])) as Record<
    Kind,
    Locator
  >;
  const first = await firstSeen(found, withinMs);
  if (first === null) return null;
  const kind = (await found.text.isVisible()) ? 'text' : first;
  const label = await labelOf(found[kind]);
  return { ...changeOf(kind, found[kind], label), kind, label };
}

/** The same setting once more; by its place where it has no name. */
export async function sameSetting(page: Page, { kind, label }: Setting, withinMs: number): Promise<Change | null> {
  const scope = await middle(page);
  const all = settings(page, scope, kind);
  const named =
    label === null ? all : all.and(scope.getByLabel(label).or(scope.locator(`[name=${JSON.stringify(label)}]`)));
  const control = shown(named);
  const there = await firstSeen({ control }, withinMs);
  return there && changeOf(kind, control, label);
}

function settings(page: Page, scope: Scope, kind: Kind): Locator {
  const of = (role: 'textbox' | 'switch' | 'checkbox' | 'combobox') =>
    scope.getByRole(role).and(page.locator(harmless));
  if (kind === 'text') return of('textbox').and(page.locator('input[type=text], input:not([type]), textarea'));
  return kind === 'switch' ? of('switch').or(of('checkbox')) : of('combobox').and(page.locator('select'));
}

function changeOf(kind: Kind, control: Locator, label: string | null): Change {
  const what = `"${label ?? 'the first setting'}"`;
  if (kind === 'text') return textChange(control, what);
  return kind === 'switch' ? switchChange(control, what) : choiceChange(control, what);
}

interface Labelled {
  readonly labels?: readonly { readonly firstChild: { readonly textContent: string | null } | null }[] | null;
  readonly ariaLabel?: string | null;
  readonly name?: string;
}

const labelOf = async (control: Locator): Promise<string | null> =>
  control.evaluate((element) => {
    const { labels, ariaLabel, name } = element as unknown as Labelled;
    // A label may stand around its field; the words of a choice are not part of its name.
    const label = labels?.[0]?.firstChild?.textContent?.trim();
    return label || ariaLabel || name || null;
  });

const textChange = (control: Locator, what: string): Change => ({
  what,
  control,
  read: () => control.inputValue(),
  write: async (text) => {
    await control.fill(text);
    // A field may take no more than so many letters.
    const most = Number(await control.getAttribute('maxlength')) || text.length;
    return text.slice(0, most);
  },
});

const switchChange = (control: Locator, what: string): Change => ({
  what,
  control,
  read: async () => String(await control.isChecked()),
  write: async () => {
    const wanted = !(await control.isChecked());
    await control.click();
    return String(wanted);
  },
});

const choiceChange = (control: Locator, what: string): Change => ({
  what,
  control,
  read: () => control.inputValue(),
  write: async () => {
    const now = await control.inputValue();
    const values = await control
      .locator('option')
      .evaluateAll((all) => all.map((one) => (one as unknown as { value: string }).value));
    const other = values.find((value) => value !== now && value !== '');
    if (other === undefined) throw new Error('there is nothing else to choose');
    await control.selectOption(other);
    return other;
  },
});

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

/** Presses what saves: the button of the control's own form, or else one of the page; what saves by itself has none. */
export async function save(page: Page, control: Locator): Promise<void> {
  const form = page.locator('form').filter({ has: control });
  const own = pressable(form, saving);
  const any = pressable(await middle(page), saving);
  if (await own.isVisible()) await own.click();
  else if (await any.isVisible()) await any.click();
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
