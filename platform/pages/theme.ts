import type { Locator, Page } from 'playwright-core';
import { pressable, shown } from './find.ts';

/** As much of a browser as is asked here; our own processes have none of it. */
interface Drawn {
  readonly parentElement: Drawn | null;
}
declare const document: {
  elementFromPoint(x: number, y: number): Drawn | null;
  createElement(name: 'canvas'): {
    getContext(kind: '2d'): {
      fillStyle: string;
      fillRect(x: number, y: number, width: number, height: number): void;
      getImageData(x: number, y: number, width: number, height: number): { readonly data: Iterable<number> };
    };
  };
};
declare const getComputedStyle: (element: Drawn) => { readonly backgroundColor: string };
declare const innerWidth: number;
declare const innerHeight: number;

export type Look = 'light' | 'dark';

/** How bright the page is behind its text, 0 black to 1 white: relative luminance as WCAG 2.2 defines it. */
export function brightness(page: Page): Promise<number> {
  return page.evaluate(() => {
    const backgroundOf = (start: Drawn | null): string => {
      for (let element = start; element; element = element.parentElement) {
        const colour = getComputedStyle(element).backgroundColor;
        if (!/^(transparent|rgba\(.*, 0\))$/.test(colour)) return colour;
      }
      return 'rgb(255, 255, 255)';
    };
    const drawn = document.createElement('canvas').getContext('2d');
    drawn.fillStyle = backgroundOf(document.elementFromPoint(innerWidth / 2, innerHeight - 5));
    drawn.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = [...drawn.getImageData(0, 0, 1, 1).data].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
}

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
      control: shown(page.getByRole('button', { name: about }).or(page.getByRole('radio', { name: about }))),
    },
  ];
  for (const one of kinds) if (await one.control.isVisible()) return one;
  return null;
}

/** Turns it to the look that is wanted; what only toggles is pressed once, from the look it has now. */
export async function switchTo(page: Page, { control, kind }: ThemeSwitch, look: Look): Promise<void> {
  const named = new RegExp(`^${look}`, 'i');
  if (kind === 'choice') return chooseIn(page, control, named);
  const direct = shown(page.getByRole('radio', { name: named }).or(page.getByRole('button', { name: named })));
  if (await direct.isVisible()) return direct.click();
  await control.click();
  // Some open a menu first.
  const item = pressable(page, named)
    .or(shown(page.getByRole('menuitemradio', { name: named })))
    .first();
  if (kind === 'button' && (await item.isVisible())) await item.click();
}

async function chooseIn(page: Page, control: Locator, named: RegExp): Promise<void> {
  const options = await control.locator('option').allInnerTexts();
  const label = options.find((text) => named.test(text.trim()));
  if (label !== undefined) return void (await control.selectOption({ label }));
  await control.click();
  await shown(page.getByRole('option', { name: named })).click();
}
