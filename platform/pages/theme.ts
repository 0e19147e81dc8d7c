import { decode } from 'fast-png';
import type { Locator, Page } from 'playwright-core';
import { pressable, pressThrough, shown } from './find.ts';
import { userMenu } from './user-menu.ts';

export type Look = 'light' | 'dark';

/**
 * How bright the page is, 0 black to 1 white: the median of its pixels, most of which lie behind the text; relative luminance as
 * WCAG 2.2 defines it. Taken from what is seen, because a ground may be a gradient, or several layers one sees through.
 */
export async function brightness(page: Page): Promise<number> {
  const { data, channels } = decode(await page.screenshot({ animations: 'disabled', scale: 'css' }));
  const seen = new Uint32Array(tones);
  for (let at = 0; at < data.length; at += channels) seen[toneOf(data[at]!, data[at + 1]!, data[at + 2]!)]!++;
  const half = data.length / channels / 2;
  for (let [tone, below] = [0, 0]; tone < tones; tone++) {
    below += seen[tone]!;
    if (below >= half) return tone / (tones - 1);
  }
  return 1;
}

const tones = 1_001;

const toneOf = (red: number, green: number, blue: number): number =>
  Math.round((0.2126 * shares[red]! + 0.7152 * shares[green]! + 0.0722 * shares[blue]!) * (tones - 1));

const shares = Array.from({ length: 256 }, (_, value) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

/** Text on light ground is dark and the other way round; a fifth of the light is where neither is meant any more. */
const border = 0.2;
export const lookOf = async (page: Page): Promise<Look> => ((await brightness(page)) < border ? 'dark' : 'light');

export async function untilLook(page: Page, look: Look, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  while ((await lookOf(page)) !== look) {
    if (Date.now() > until) throw new Error(`the page is not ${look}`);
    await page.waitForTimeout(100);
  }
}

const about = /theme|dark|light|appearance|colou?r (mode|scheme)/i;
/** Where settings are parted, those of the look stand under one of these. */
const part = /appearance|theme|display/i;

/** Buttons of choice may be drawn as something else, with no size of their own. */
const drawnChoice = (page: Page, name: RegExp): Locator =>
  page.locator('label:has(input[type=radio])').filter({ hasText: name });

/** Goes where else a switch may be: a part of the settings, or the menu of the user. */
export async function lookFurther(page: Page, where: 'part' | 'menu'): Promise<void> {
  const way = where === 'part' ? pressable(page, part) : userMenu(page);
  if (await way.isVisible()) await way.click();
}

export interface ThemeSwitch {
  readonly control: Locator;
  readonly kind: 'choice' | 'toggle' | 'button';
}

/** Whatever switches the theme on this page, or null. */
export async function themeSwitch(page: Page): Promise<ThemeSwitch | null> {
  const kinds: readonly ThemeSwitch[] = [
    { kind: 'choice', control: shown(page.getByRole('combobox', { name: about })) },
    {
      kind: 'toggle',
      control: shown(page.getByRole('switch', { name: about }).or(page.getByRole('checkbox', { name: about }))),
    },
    {
      kind: 'button',
      control: shown(
        page
          .getByRole('button', { name: about })
          .or(page.getByRole('radio', { name: about }))
          .or(drawnChoice(page, /^\W*(dark|light)/i)),
      ),
    },
    {
      kind: 'button',
      control: shown(
        page.getByRole('menuitemcheckbox', { name: about }).or(page.getByRole('menuitem', { name: about })),
      ),
    },
  ];
  for (const one of kinds) if (await one.control.isVisible()) return one;
  return null;
}

/** Turns it to the look that is wanted; a button that goes round through several is pressed on while it shows that it moves. */
export async function switchTo(page: Page, { control, kind }: ThemeSwitch, look: Look): Promise<void> {
  const named = new RegExp(`^\\W*${look}`, 'i');
  if (kind === 'choice') return chooseIn(page, control, named);
  const direct = shown(
    page
      .getByRole('radio', { name: named })
      .or(page.getByRole('button', { name: named }))
      .or(drawnChoice(page, named)),
  );
  if (await direct.isVisible()) return pressOn(page, direct, look);
  if (kind === 'toggle') return pressThrough(control);
  await pressOn(page, control, look, (pressed) => chooseInMenu(page, named, { look, pressed }));
}

type Handle = Awaited<ReturnType<Locator['elementHandle']>>;

/** Some open a menu or a list first, which may take a moment. A button may be called by the look that is on, and is no entry of it. */
async function chooseInMenu(
  page: Page,
  named: RegExp,
  { look, pressed }: { readonly look: Look; readonly pressed: Handle },
): Promise<void> {
  const item = pressable(page, named)
    .or(shown(page.getByRole('menuitemradio', { name: named }).or(page.getByRole('option', { name: named }))))
    .first();
  const until = Date.now() + moveMs;
  do {
    if ((await item.isVisible()) && !(await item.evaluate((one, other) => one === other, pressed))) return item.click();
    await page.waitForTimeout(50);
  } while (Date.now() < until && (await lookOf(page)) !== look);
}

const mostPresses = 3;
const moveMs = 1_500;

async function pressOn(
  page: Page,
  button: Locator,
  look: Look,
  first: (pressed: Handle) => Promise<void> = async () => {},
): Promise<void> {
  // Its name may tell the look that is on, and so change with every press.
  const same = await button.elementHandle();
  const drawn = (): Promise<string | null> =>
    same === null ? Promise.resolve(null) : same.evaluate((element) => (element as { outerHTML: string }).outerHTML);
  for (let press = 0; press < mostPresses; press++) {
    const before = await drawn().catch(() => null);
    if (same !== null) await pressThrough(same);
    if (press === 0) await first(same);
    if (await becomes(page, look)) return;
    const after = await drawn().catch(() => null);
    if (after === null || after === before) return;
  }
}

const becomes = (page: Page, look: Look): Promise<boolean> =>
  untilLook(page, look, moveMs).then(
    () => true,
    () => false,
  );

async function chooseIn(page: Page, control: Locator, named: RegExp): Promise<void> {
  const options = await control.locator('option').allInnerTexts();
  const label = options.find((text) => named.test(text.trim()));
  if (label !== undefined) return void (await control.selectOption({ label }));
  await control.click();
  await shown(page.getByRole('option', { name: named })).click();
}
