import type { Locator, Page } from 'playwright-core';
import type { Environment } from '../../environment/types.ts';
import { entrance, insideSign, signInAs, signOutOf } from './entrance.ts';
import { field, pressable, shown } from './find.ts';

/** Somebody's visit to the dashboard: where one goes, and what the pages before the sign-in offer. */
export class Visit {
  readonly page: Page;
  readonly #base: string;

  constructor(page: Page, { web }: Environment) {
    if (web.dashboard === null) throw new Error('the environment file has no web.dashboard');
    this.page = page;
    this.#base = web.dashboard;
  }

  async open(path: string): Promise<void> {
    await this.page.goto(new URL(path, this.#base).href, { waitUntil: 'domcontentloaded' });
  }

  /** A link that was sent, wherever it leads. */
  async follow(link: string): Promise<void> {
    await this.page.goto(new URL(link, this.#base).href, { waitUntil: 'domcontentloaded' });
  }

  heading(name: RegExp): Locator {
    return shown(this.page.getByRole('heading', { name }));
  }

  button(name: RegExp): Locator {
    return pressable(this.page, name);
  }

  get email(): Locator {
    return entrance(this.page).email;
  }

  get password(): Locator {
    return entrance(this.page).password;
  }

  get confirmation(): Locator {
    return field(this.page, /confirm|repeat/i);
  }

  get name(): Locator {
    return field(this.page, /^(your |full )?name/i);
  }

  get organization(): Locator {
    return field(this.page, /organi[sz]ation|company/i);
  }

  get code(): Locator {
    return entrance(this.page).code;
  }

  get signInButton(): Locator {
    return entrance(this.page).submit;
  }

  /** Only somebody who is signed in can leave. */
  get inside(): Locator {
    return insideSign(this.page);
  }

  /** What the page tells a person went wrong. */
  get alert(): Locator {
    return shown(this.page.getByRole('alert').filter({ hasText: /\S/ }));
  }

  /** An alert, or what a page without roles says in words. */
  get refusal(): Locator {
    return entrance(this.page).problem;
  }

  signIn(who: { readonly email: string; readonly password: string }): Promise<void> {
    return signInAs(this.page, who);
  }

  signOut(): Promise<void> {
    return signOutOf(this.page);
  }
}
