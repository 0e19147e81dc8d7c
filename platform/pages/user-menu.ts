import type { Locator, Page } from 'playwright-core';
import { shown } from './find.ts';

const called = /(user|account|profile).*menu|menu.*(user|account|profile)|^(my )?account$/i;

/** What opens a menu, or stands in the frame of a page, and goes by whoever is signed in: by address, picture or the name of accounts of ours. */
const somebody = /@|\bavatar\b|^(my|your) account$|^account settings$|^shakedown\b/i;
/** By two letters pages call languages, too. */
const initials =
  /^(?!(AR|CN|CS|CZ|DA|DE|EN|ES|FI|FR|GB|HE|HI|IT|JA|JP|KO|NL|NO|PL|PT|RU|SV|TR|UK|US|ZH)$)\p{Lu}{1,2}$/u;
const opens = ':is([aria-haspopup=menu], [aria-haspopup=true])';
const frame = ':is(header, nav, aside, [role=banner], [role=navigation], [role=complementary])';

/** The button of the user's own menu: called so, or shown as a picture, a name or initials. */
export function userMenu(page: Page): Locator {
  const own = page.locator(`${opens}, ${frame} :is(button, [role=button])`);
  const byWhom = page.getByRole('button', { name: somebody }).or(page.getByRole('button', { name: initials }));
  return shown(page.getByRole('button', { name: called }).or(byWhom.and(own)));
}
