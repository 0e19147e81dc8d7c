import type { Locator } from 'playwright-core';
import { field, pressable, pressThrough } from './find.ts';
import type { Visit } from './visit.ts';
import { linesOn } from './words.ts';

const asking = /create (your |an |my )?account|sign ?up|register|get started/i;
const complaint = /error|wrong|fail|problem|try again|could not|cannot|invalid/i;
const verified = /\bverified\b|\bconfirmed\b|\bsuccess/i;
const denial = /\bnot\b|n't\b|cannot|unable|fail|invalid|expired|error|wrong/i;

const agreeing = /agree|accept|terms|conditions|privacy/i;

interface Customer {
  readonly email: string;
  readonly password: string;
}

/** Some ask for a name in two parts, and for a nod to their terms; forms may look at what is in a field once it is left. */
export async function fillIn(visit: Visit, { email, password }: Customer, name: string): Promise<void> {
  const { page } = visit;
  const last = field(page, /^(last|family|sur) ?name/i);
  const isParted = await last.isVisible();
  await visit.name.fill(isParted ? 'Shakedown' : `Shakedown ${name}`);
  if (isParted) await last.fill(name);
  await visit.email.fill(email);
  await visit.organization.fill(`Organization ${name}`);
  await visit.password.fill(password);
  if (await visit.confirmation.isVisible()) await visit.confirmation.fill(password);
  for (const one of [visit.confirmation, visit.password]) if (await one.isVisible()) await one.blur();
  for (const box of await page.getByRole('checkbox', { name: agreeing }).filter({ visible: true }).all())
    if (!(await box.isChecked())) await pressThrough(box);
}

/** What asks for the account: of the form with the password, where there is one, as pages lead to the sign-up from elsewhere, too. */
export async function signUpButton({ page, password }: Visit): Promise<Locator> {
  const own = pressable(page.locator('form').filter({ has: password }), asking);
  return (await own.isVisible()) ? own : pressable(page, asking);
}

/**
 * Waits for what comes after the form: another address, or words in its place. What a page says and then leads on from is
 * waited for a little longer.
 */
export async function isTaken(dashboard: Visit, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (!dashboard.movedOn) {
    if (await saysSo(dashboard)) {
      await dashboard.page.waitForURL(/verify/, { timeout: leadingOnMs }).catch(() => undefined);
      return;
    }
    if (Date.now() >= end) throw new Error('the form is still there, or nothing came in its place');
    await dashboard.page.waitForTimeout(100);
  }
}

const leadingOnMs = 4_000;

async function saysSo(dashboard: Visit): Promise<boolean> {
  if (await dashboard.password.isVisible()) return false;
  const said = await dashboard.answered(1_000).catch(() => []);
  return said.length > 0 && !said.some((line) => complaint.test(line));
}

/** Throws when the form has been left: nobody is asked for another password any more. */
export async function isStillAsked(dashboard: Visit, withinMs: number): Promise<void> {
  await dashboard.password.waitFor({ timeout: withinMs });
  if (dashboard.movedOn) throw new Error('another page came');
}

/** Waits for words that an address is verified. */
export async function saysVerified({ page }: Visit, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  const isSaid = (line: string): boolean => verified.test(line) && !denial.test(line);
  while (!(await linesOn(page).catch(() => [])).some(isSaid)) {
    if (Date.now() >= end) throw new Error('it was not said');
    await page.waitForTimeout(100);
  }
}
