import type { Locator, Page } from 'playwright-core';
import type { Environment } from '../../environment/types.ts';
import { typeCode } from './code.ts';
import { entrance, giveCredentials, insideSign, signOutOf, submitOf } from './entrance.ts';
import { field, firstSeen, pressable, shown } from './find.ts';
import { linesOn, newWords } from './words.ts';

/** Said to everybody who comes to the sign-in page, also to whoever was sent back there without a word. */
const asksAgain = /(sign|log) in (to|with) |session (has |is )?(ended|expired|over)/i;

const sendsCode = /^((sign|log) ?in|continue|next|(verify|confirm|submit)\b.*)$/i;

const refused = /invalid|incorrect|wrong|failed|not right|locked|try again|denied|not (be )?signed in/i;

/** Somebody's visit to the dashboard: where one goes, and what the pages before the sign-in offer. */
export class Visit {
  readonly page: Page;
  readonly #base: string;
  /** What the page said before something was sent off. */
  #before: readonly string[] = [];
  #sentFrom = '';

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
    return field(this.page, /confirm|repeat|re-?(type|enter)|\bagain\b/i);
  }

  get name(): Locator {
    return field(this.page, /^(enter )?(your )?(full |first |given )?name/i);
  }

  get organization(): Locator {
    return field(this.page, /organi[sz]ation|company|workspace|business/i);
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

  async signIn(who: { readonly email: string; readonly password: string }): Promise<void> {
    await giveCredentials(this.page, who);
    await this.send(await submitOf(this.page));
  }

  get backupCode(): Locator {
    return field(this.page, /backup|recovery/i);
  }

  /** The code may be asked for beside the password, or in a step of its own. */
  async enterCode(code: string): Promise<void> {
    await this.#sendCode(this.code, code);
  }

  /** Where a backup code is entered in another place, one has to ask for it first. */
  async enterBackupCode(code: string): Promise<void> {
    const way = pressable(this.page, /backup|recovery/i);
    if (!(await way.isVisible())) return this.#sendCode(this.code, code);
    await way.click();
    const own = await firstSeen({ own: this.backupCode }, 2_000);
    await this.#sendCode(own === null ? this.code : this.backupCode, code);
  }

  async #sendCode(into: Locator, code: string): Promise<void> {
    await this.#remember();
    if (await typeCode(into, code)) return;
    const own = pressable(this.page.locator('form').filter({ has: into }), sendsCode);
    await this.send((await own.isVisible()) ? own : pressable(this.page, sendsCode));
  }

  /** Presses it, and remembers what the page said before. */
  async send(button: Locator): Promise<void> {
    await this.#remember();
    await button.click();
  }

  async #remember(): Promise<void> {
    this.#before = await linesOn(this.page);
    this.#sentFrom = this.page.url();
  }

  /** Is this another page than the one something was sent off from? The same one may have said something in its query. */
  get movedOn(): boolean {
    return withoutQuery(this.page.url()) !== withoutQuery(this.#sentFrom);
  }

  /** Is this another address than the one something was sent off from? */
  get ledOn(): boolean {
    return this.page.url() !== this.#sentFrom;
  }

  /** Words that came after the last sending and stay; throws when none do. */
  answered(withinMs: number, isOver?: () => Promise<boolean>): Promise<readonly string[]> {
    return newWords(this.page, this.#before, withinMs, isOver);
  }

  /**
   * What the page answers to credentials it does not take, as nobody words it in the same way: whatever is new on a page
   * that still asks for them, or words of refusal on another one. Throws when it says nothing, or lets them in.
   */
  async refused(withinMs: number): Promise<readonly string[]> {
    const until = Date.now() + withinMs;
    const inside = () => this.inside.isVisible();
    for (;;) {
      const said = await this.answered(Math.max(1, until - Date.now()), inside);
      const told = said.filter((line) => !asksAgain.test(line));
      if (told.length > 0 && (await this.#isOutside(told))) return told;
      if (Date.now() >= until) throw new Error('no refusal');
      await this.page.waitForTimeout(200);
    }
  }

  async #isOutside(told: readonly string[]): Promise<boolean> {
    if (await this.inside.isVisible()) return false;
    for (const asked of [this.password, this.code, this.backupCode]) if (await asked.isVisible()) return true;
    return told.some((line) => refused.test(line));
  }

  signOut(): Promise<void> {
    return signOutOf(this.page);
  }
}

const withoutQuery = (url: string): string => url.replace(/\?[^#]*/, '');
