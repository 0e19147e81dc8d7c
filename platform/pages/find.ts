import type { Dialog, Locator, Page } from 'playwright-core';

/** Finding things in a page as a user does: by what they are and what they are called. */
export type Scope = Page | Locator;

/** The first that can be seen: pages keep copies of menus and forms for other widths. */
export const shown = (found: Locator): Locator => found.filter({ visible: true }).first();

/** Something to press, whichever way it was built. */
export function pressable(scope: Scope, name: RegExp): Locator {
  const [first, ...others] = (['button', 'link', 'menuitem', 'tab'] as const).map((role) =>
    scope.getByRole(role, { name }),
  );
  return shown(others.reduce((all, one) => all.or(one), first!));
}

/** Something to type into, found by its label or, where it has none, by its placeholder; not what lies behind an open dialog. */
export function field(scope: Scope, name: RegExp): Locator {
  const takesText = scope.locator(
    ':is(input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), textarea):not([aria-hidden=true] *, [inert] *)',
  );
  return shown(scope.getByLabel(name).or(scope.getByPlaceholder(name)).and(takesText));
}

/** What stands in the middle of the page; all of it, where a page names no middle. */
export async function middle(page: Page): Promise<Scope> {
  const main = shown(page.getByRole('main'));
  return (await main.count()) > 0 ? main : page;
}

/** Whichever of several things can be seen first; null when none can within the time. */
export async function firstSeen<Name extends string>(
  candidates: Readonly<Record<Name, Locator>>,
  withinMs: number,
): Promise<Name | null> {
  const waits = Object.entries<Locator>(candidates).map(async ([name, locator]) => {
    await locator.first().waitFor({ state: 'visible', timeout: withinMs });
    return name as Name;
  });
  return Promise.any(waits).catch(() => null);
}

const pressMs = 2_000;

/** Presses a box or a button of choice, above which what is drawn in its place may lie. */
export const pressThrough = (control: Pick<Locator, 'click' | 'dispatchEvent'>): Promise<void> =>
  control.click({ timeout: pressMs }).catch(() => control.dispatchEvent('click'));

const askedWithinMs = 1_000;
const lookEveryMs = 100;

/** Presses something that a page may ask about once more, in a dialog of its own or of the browser, or in what `also` selects, and says yes to that. */
export async function pressSurely(page: Page, button: Locator, yes: RegExp, also = 'dialog[open]'): Promise<void> {
  const accept = (dialog: Dialog): void => void dialog.accept().catch(() => undefined);
  page.on('dialog', accept);
  try {
    await button.click();
    await sayYes(page, button, { yes, also });
  } finally {
    page.off('dialog', accept);
  }
}

/** Nothing more is asked once what was pressed has been away for a moment. */
async function sayYes(
  page: Page,
  button: Locator,
  { yes, also }: { readonly yes: RegExp; readonly also: string },
): Promise<void> {
  const asking = page
    .locator(`[role=dialog], [role=alertdialog], dialog[open], ${also}`)
    .filter({ visible: true })
    .last();
  const answer = pressable(asking, yes)
    .or(pressable(asking, /^(yes|ok|okay|confirm|continue)\b/i))
    .first();
  const isThere = (one: Locator): Promise<boolean> => one.isVisible().catch(() => false);
  const until = Date.now() + askedWithinMs;
  for (let away = 0; away < 3 && Date.now() < until; away = (await isThere(button)) ? 0 : away + 1) {
    if (await isThere(answer)) return answer.click({ timeout: pressMs }).catch(() => undefined);
    await page.waitForTimeout(lookEveryMs);
  }
}
