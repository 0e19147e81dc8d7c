import type { Locator, Page } from 'playwright-core';
import type { Environment } from '../environment/types.ts';

/** The pages of the dashboard by role and label, as people find their way in them. */
export class Dashboard {
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
    return this.page.getByRole('heading', { name }).first();
  }

  button(name: RegExp): Locator {
    return this.page.getByRole('button', { name }).first();
  }

  get email(): Locator {
    return this.page.getByLabel(/e-?mail/i).first();
  }

  /** Not the one that confirms it. */
  get password(): Locator {
    return this.page.getByLabel(/^(new )?password/i).first();
  }

  get confirmation(): Locator {
    return this.page.getByLabel(/confirm|repeat/i).first();
  }

  get name(): Locator {
    return this.page.getByLabel(/^(your |full )?name/i).first();
  }

  get organization(): Locator {
    return this.page.getByLabel(/organi[sz]ation|company/i).first();
  }

  get code(): Locator {
    return this.page.getByLabel(/(mfa|verification|authentication|two-factor).*code|^code/i).first();
  }

  get signInButton(): Locator {
    return this.page.getByRole('button', { name: /^(sign|log) in$/i }).first();
  }

  /** Only somebody who is signed in can leave. */
  get leaveButton(): Locator {
    return this.page.getByRole('button', { name: /^(log|sign) out$/i }).first();
  }

  /** What the page tells a person went wrong. */
  get alert(): Locator {
    return this.page.getByRole('alert').filter({ hasText: /\S/ }).first();
  }

  /** An alert, or what a page without roles says in words. */
  get refusal(): Locator {
    return this.alert
      .or(this.page.getByText(/invalid|incorrect|wrong|failed|not right|locked|try again/i).first())
      .first();
  }

  async fillSignIn({ email, password }: { readonly email: string; readonly password: string }): Promise<void> {
    await this.email.fill(email);
    await this.password.fill(password);
  }

  async signIn(who: { readonly email: string; readonly password: string }): Promise<void> {
    await this.fillSignIn(who);
    await this.signInButton.click();
  }
}
