import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { Environment } from '../../environment/types.ts';
import type { Account } from '../accounts.ts';
import { codeField } from './code.ts';
import { field, firstSeen, pressable, pressSurely, shown } from './find.ts';
import { userMenu } from './user-menu.ts';

/** The way in: the page with the sign-in, and what tells that somebody is in. */
export interface Entrance {
  readonly email: Locator;
  readonly password: Locator;
  readonly code: Locator;
  readonly submit: Locator;
}

const ways = {
  signIn: /^(sign|log) ?in$/i,
  signOut: /(sign|log) ?(out|off)/i,
  /** What sends the form itself may be called in more ways, but not by another provider. */
  send: /^\W*((sign|log) ?in(?! (with|using) (?!e-?mail|password))|(continue|next|submit)\W*$)/i,
};

/** Labels are not always tied to their fields; what a field takes it says to the browser as well. */
export const entrance = (page: Page): Entrance => ({
  email: emailField(page),
  password: shown(field(page, /password/i).or(page.locator('input[type=password]'))),
  code: codeField(page),
  submit: shown(pressable(page, ways.signIn).or(ownSubmit(page)).or(nextStep(page))),
});

const emailField = (page: Page): Locator =>
  shown(field(page, /e-?mail/i).or(page.locator('input:is([type=email], [autocomplete~=username])')));

const ownSubmit = (page: Page): Locator =>
  shown(page.locator('form:has(input[type=password])').getByRole('button', { name: ways.send }));

/** What sends the form: a link to the sign-in, or a tab beside that of the sign-up, may go by the same name. */
export async function submitOf(page: Page): Promise<Locator> {
  const plain = shown(page.getByRole('button', { name: ways.signIn }));
  for (const one of [ownSubmit(page), plain]) if (await one.isVisible()) return one;
  return entrance(page).submit;
}

/** Is this the page where one gives address and password? */
export async function signInForm(page: Page): Promise<boolean> {
  const { email, password, submit } = entrance(page);
  return (await email.isVisible()) && (await password.isVisible()) && (await submit.isVisible());
}

export const under = (base: string, path: string): string =>
  new URL(path.replace(/^\//, ''), base.endsWith('/') ? base : `${base}/`).href;

/** Goes to the dashboard, which lets in whoever is signed in. */
export async function openDashboard(page: Page, dashboard: string): Promise<void> {
  await page.goto(dashboard);
}

/** Goes to the sign-in page of a dashboard; where one is taken for signed in, the dashboard itself opens. */
export async function openEntrance(page: Page, dashboard: string): Promise<void> {
  await page.goto(under(dashboard, 'login'));
}

/** What a signed-in user sees on every page: a way out, by itself or behind the user's menu. */
export const insideSign = (page: Page): Locator => shown(pressable(page, ways.signOut).or(userMenu(page)));

/** What nobody sees who is signed in: a field for the password, a way to sign in, or a form that asks for the address first. */
const outsideSign = (page: Page): Locator =>
  shown(entrance(page).password.or(pressable(page, ways.signIn)).or(nextStep(page)));

const nextStep = (page: Page): Locator =>
  shown(
    page
      .locator('form')
      .filter({ has: emailField(page) })
      .getByRole('button', { name: ways.send }),
  );

export type Side = 'inside' | 'outside';

/**
 * Waits until it is plain which side of the sign-in one is on; null when neither shows itself. Pages show the sign-in for a
 * moment before they know who is there, and the dashboard before they know that nobody is: a side counts when it has stayed.
 */
export async function whichSide(page: Page, withinMs: number): Promise<Side | null> {
  const until = Date.now() + withinMs;
  const look = async () => {
    const waitMs = Math.max(1, until - Date.now());
    const seen = await firstSeen({ inside: insideSign(page), outside: outsideSign(page) }, waitMs);
    // A page for changing the password has a field for it, too.
    return seen === 'outside' && (await insideSign(page).isVisible()) ? 'inside' : seen;
  };
  for (let side = await look(); side !== null; ) {
    await page.waitForTimeout(settleMs);
    const again = await look();
    if (again === side) return side;
    side = again;
  }
  return null;
}

const settleMs = 700;

/** Waits until one is on this side, and stays there; throws when that does not come about. What was pressed may take its time. */
export async function untilSide(page: Page, wanted: Side, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  while ((await whichSide(page, Math.max(1, until - Date.now()))) !== wanted)
    if (Date.now() >= until) throw new Error(`not ${wanted}`);
}

export async function signInAs(page: Page, who: Pick<Account, 'email' | 'password'>): Promise<void> {
  await giveCredentials(page, who);
  await (await submitOf(page)).click();
}

const stepMs = 2_000;

/** Fills in address and password, which may come in a second step; forms may look at what is in a field once it is left. */
export async function giveCredentials(page: Page, who: Pick<Account, 'email' | 'password'>): Promise<void> {
  const { email, password } = entrance(page);
  // A page that only leads to the form.
  if ((await firstSeen({ email, way: pressable(page, ways.signIn) }, stepMs)) === 'way' && !(await email.isVisible()))
    await pressable(page, ways.signIn).click();
  await email.fill(who.email);
  if (!(await password.isVisible())) {
    await email.blur();
    if ((await firstSeen({ password, next: nextStep(page) }, stepMs)) === 'next') await nextStep(page).click();
  }
  await password.fill(who.password);
  await password.blur();
}

export async function signOutOf(page: Page): Promise<void> {
  const out = pressable(page, ways.signOut);
  if (!(await out.isVisible())) await userMenu(page).click();
  await pressSurely(page, out, ways.signOut);
}

/** Lays the session of an account made through the API into a browser, so that a broken sign-in page does not hide what lies behind it. */
export async function carrySession(context: BrowserContext, environment: Environment, account: Account): Promise<void> {
  const { api, web } = environment;
  const urls = [api?.url, web.dashboard, web.meeting].filter((url) => typeof url === 'string');
  const cookies = (account.session.headers.cookie ?? '').split('; ').filter((pair) => pair.includes('='));
  for (const url of urls)
    for (const pair of cookies) {
      const at = pair.indexOf('=');
      const cookie = { name: pair.slice(0, at), value: pair.slice(at + 1), url: new URL(url).origin };
      // A name that is for HTTPS alone cannot be laid upon a plain address.
      await context.addCookies([{ ...cookie, httpOnly: true, sameSite: 'Lax' }]).catch(() => undefined);
    }
}
