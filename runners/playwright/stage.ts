import type { Browser, BrowserContext, BrowserContextOptions, BrowserType, Page } from 'playwright-core';
import { allowedUrl, chromiumArguments } from '../../environment/egress.ts';
import { spendRequest } from '../../environment/spending.ts';
import type { Environment } from '../../environment/types.ts';
import type { Person } from '../journey.ts';
import type { JourneyOrder } from './messages.ts';
import { Patience } from './patience.ts';

/** What a stage tells of what happened on it. */
export interface Audience {
  refused(url: string): void;
  overBudget(): void;
}

/** No Chromium, or none that starts: about us. */
export class NoBrowser extends Error {
  override readonly name = 'NoBrowser';
}

/** The browser of one worker process, started when somebody needs it and again after it crashed. */
export class Stage {
  readonly #chromium: BrowserType;
  readonly #order: JourneyOrder;
  #browser: Browser | null = null;
  #contexts: BrowserContext[] = [];
  #crashed: string | null = null;
  /** What the pages of the current check logged, for its evidence. */
  readonly console: string[] = [];
  readonly patience: Patience;

  constructor(chromium: BrowserType, order: JourneyOrder, now: () => number) {
    this.#chromium = chromium;
    this.#order = order;
    this.patience = new Patience(now);
  }

  /** Why nothing that happens in a page now says anything about the deployment; null when all is well. */
  trouble(): string | null {
    return this.#crashed;
  }

  async person(name: string, audience: Audience, options: BrowserContextOptions = {}): Promise<Person> {
    const browser = await this.#open();
    const context = await browser.newContext({
      serviceWorkers: 'block',
      userAgent: userAgent(browser.version()),
      ...options,
    });
    this.#contexts.push(context);
    await guard(context, this.#order.environment, audience);
    const page = await context.newPage();
    this.#listen(name, page);
    context.on('page', (other) => this.#listen(`${name}, another page`, other));
    return { name, page, context };
  }

  /** Closes what the current check opened. */
  async clear(): Promise<void> {
    const contexts = this.#contexts;
    this.#contexts = [];
    await Promise.all(contexts.map((context) => context.close().catch(() => undefined)));
    this.console.length = 0;
    this.#crashed = null;
  }

  async close(): Promise<void> {
    this.patience.end();
    await this.#browser?.close().catch(() => undefined);
  }

  async #open(): Promise<Browser> {
    if (this.#browser?.isConnected()) return this.#browser;
    const { chromium, environment, trustedKeys } = this.#order;
    if (chromium === null) throw new NoBrowser('no Chromium was found; node setup/setup.mjs installs one');
    try {
      this.#browser = await this.#chromium.launch({
        executablePath: chromium,
        args: [...chromiumArguments(environment), ...trusting(trustedKeys), ...fakeDevices],
        timeout: 60_000,
      });
    } catch (error) {
      throw new NoBrowser(`Chromium did not start: ${firstLine(error)}`);
    }
    this.patience.begin();
    const browser = this.#browser;
    browser.on('disconnected', () => {
      if (this.#contexts.length > 0) this.#crashed = 'the browser crashed';
    });
    return browser;
  }

  #listen(name: string, page: Page): void {
    const keep = (line: string): void => {
      if (this.console.length < mostLines) this.console.push(`${name}: ${line}`);
    };
    page.on('console', (message) => keep(`${message.type()} ${message.text()}`));
    page.on('pageerror', (error) => keep(`uncaught ${error.message}`));
    page.on('requestfailed', (request) =>
      keep(`${request.method()} ${request.url()} failed: ${request.failure()?.errorText ?? 'no reason given'}`),
    );
    page.on('response', (response) => {
      if (response.status() >= 400)
        keep(`${response.request().method()} ${response.url()} answered ${response.status()}`);
    });
    page.on('crash', () => {
      this.#crashed = 'a page of the browser crashed';
    });
  }
}

const mostLines = 1_000;

/** Two cameras and microphones, so that one can be changed for another, that need no hardware and ask nobody. */
const fakeDevices = [
  '--use-fake-device-for-media-stream=device-count=2',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

/** Certificates whose keys Node has verified against the environment's own authority, which Chromium cannot be told of. */
const trusting = (keys: readonly string[]): string[] =>
  keys.length > 0 ? [`--ignore-certificate-errors-spki-list=${keys.join(',')}`] : [];

const userAgent = (version: string): string =>
  `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version} Safari/537.36 shakedown (release verification)`;

/** Pages ask for what they like; only what the environment file lists is let out. */
async function guard(context: BrowserContext, environment: Environment, audience: Audience): Promise<void> {
  const offList = (url: URL): boolean => !allowedUrl(environment, url.href);
  await context.route(offList, (route) => {
    audience.refused(route.request().url());
    return route.abort('blockedbyclient');
  });
  await context.routeWebSocket(offList, (socket) => {
    audience.refused(socket.url());
    return socket.close({ code: 1008, reason: 'not listed in addresses' });
  });
  context.on('request', () => {
    if (!spendRequest(environment)) audience.overBudget();
  });
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!;
