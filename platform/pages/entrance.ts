import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { Environment } from '../../environment/types.ts';
import type { Account } from '../accounts.ts';
import { codeField } from './code.ts';
import { field, firstSeen, pressable, shown } from './find.ts';

/** The way in: the page with the sign-in, and what tells that somebody is in. */
export interface Entrance {
  readonly email: Locator;
  readonly password: Locator;
  readonly code: Locator;
  readonly submit: Locator;
}

const ways = { signIn: /^(sign|log) ?in$/i, signOut: /(sign|log) ?(out|off)/i };

export const entrance = (page: Page): Entrance => ({
  email: field(page, /e-?mail/i),
  password: field(page, /password/i),
  code: codeField(page),
  submit: pressable(page, ways.signIn),
});

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
export const insideSign = (page: Page): Locator =>
  shown(pressable(page, ways.signOut).or(page.getByRole('button', { name: userMenu })));

const userMenu = /(user|account|profile).*menu|menu.*(user|account|profile)|^account$/i;

export type Side = 'inside' | 'outside';

/**
 * Waits until it is plain which side of the sign-in one is on; null when neither shows itself. Pages show the sign-in for a
 * moment before they know who is there, and the dashboard before they know that nobody is: a side counts when it has stayed.
 */
export async function whichSide(page: Page, withinMs: number): Promise<Side | null> {
  const until = Date.now() + withinMs;
  const look = () =>
    firstSeen({ inside: insideSign(page), outside: entrance(page).password }, Math.max(1, until - Date.now()));
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
  const { email, password, submit } = entrance(page);
  await email.fill(who.email);
  await password.fill(who.password);
  await submit.click();
}

export async function signOutOf(page: Page): Promise<void> {
  const out = pressable(page, ways.signOut);
  if (!(await out.isVisible())) await shown(page.getByRole('button', { name: userMenu })).click();
  await out.click();
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
