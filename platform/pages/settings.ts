import type { Locator, Page } from 'playwright-core';
import { chooseOther, readChoice } from './choice.ts';
import { field, firstSeen, middle, pressThrough, type Scope, shown } from './find.ts';

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

/** The name one goes by, on the profile page; some only show it until one asks to edit. */
export async function nameField(page: Page, withinMs: number): Promise<Change | null> {
  const control = field(page, /^(your |full |display |first )?name\b/i);
  const edit = shown(page.getByRole('button', { name: /^edit\b/i }));
  const first = await firstSeen({ control, edit }, withinMs);
  if (first === null) return null;
  // What is on the page before its data is not yet the whole of it.
  if (first === 'edit') await firstSeen({ control }, loadsMs);
  const isOpen = async () => (await control.isVisible()) && (await control.isEditable());
  if (!(await isOpen()) && (await edit.isVisible())) await edit.click();
  const there = await firstSeen({ control }, withinMs);
  return there && textChange(control, 'the name');
}

const loadsMs = 1_500;

/** What belongs to a password is a matter of signing in, what searches changes nothing, and some take words of one form only. */
const harmless =
  ':not(form:has(input[type=password]) *, [type=search], [role=searchbox], [placeholder*=search i], [aria-label*=search i], ' +
  '[readonly], [disabled], [pattern], [inputmode]:not([inputmode=text]))';

const kinds = ['text', 'switch', 'choice'] as const;
type Kind = (typeof kinds)[number];

/** Which setting it is, so that it is found again where pages order them anew: what it is, and what it is called. */
export interface Setting {
  readonly kind: Kind;
  readonly label: string | null;
  /** The tab it stands under, where it is not there at once. */
  readonly tab: string | null;
}

/** The first setting that can be changed: a text where there is one, otherwise a switch or a choice. */
export async function firstSetting(page: Page, withinMs: number): Promise<(Change & Setting) | null> {
  const scope = await middle(page);
  const found = Object.fromEntries(kinds.map((kind) => [kind, shown(settings(page, scope, kind))])) as Record<
    Kind,
    Locator
  >;
  const until = Date.now() + withinMs;
  let [first, tab] = [await firstSeen(found, withinMs / 2), null as string | null];
  for (const one of first === null ? await tabsIn(page) : []) {
    if ((await one.getAttribute('aria-selected')) === 'true') continue;
    await one.click();
    first = await firstSeen(found, loadsMs);
    tab = (await one.allInnerTexts()).join().trim();
    if (first !== null) break;
  }
  first ??= await firstSeen(found, Math.max(1, until - Date.now()));
  if (first === null) return null;
  const kind = (await found.text.isVisible()) ? 'text' : first;
  const label = await labelOf(found[kind]);
  return { ...changeOf(kind, found[kind], label), kind, label, tab };
}

/** What is under none of the tabs one sees at first may be under another; none of these is a page of its own. */
const tabsIn = (page: Page): Promise<readonly Locator[]> => page.getByRole('tab').filter({ visible: true }).all();

/** The same setting once more; by its place where it has no name. */
export async function sameSetting(page: Page, { kind, label, tab }: Setting, withinMs: number): Promise<Change | null> {
  if (tab !== null) await openTab(page, tab, withinMs);
  const scope = await middle(page);
  const all = settings(page, scope, kind);
  const named =
    label === null ? all : all.and(scope.getByLabel(label).or(scope.locator(`[name=${JSON.stringify(label)}]`)));
  const control = shown(named);
  const there = await firstSeen({ control }, withinMs);
  return there && changeOf(kind, control, label);
}

async function openTab(page: Page, name: string, withinMs: number): Promise<void> {
  const tab = shown(page.getByRole('tab', { name, exact: true }));
  await tab.waitFor({ timeout: withinMs }).catch(() => undefined);
  if ((await tab.isVisible()) && (await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
}

function settings(page: Page, scope: Scope, kind: Kind): Locator {
  const of = (role: 'textbox' | 'switch' | 'checkbox' | 'combobox') =>
    scope.getByRole(role).and(page.locator(harmless));
  if (kind === 'text') return of('textbox').and(page.locator('input[type=text], input:not([type]), textarea'));
  return kind === 'switch' ? of('switch').or(of('checkbox')) : of('combobox').and(page.locator(':not(input)'));
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
    // Some save what is in them when they are left.
    await control.blur();
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
    await pressThrough(control);
    return String(wanted);
  },
});

const choiceChange = (control: Locator, what: string): Change => ({
  what,
  control,
  read: () => readChoice(control),
  write: () => chooseOther(control),
});
