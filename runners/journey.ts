import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { BodyContext } from './body.ts';

/** Somebody at a browser of their own: cookies, storage and permissions are shared with nobody. */
export interface Person {
  readonly name: string;
  readonly page: Page;
  readonly context: BrowserContext;
}

export interface Look {
  /** How long the user waits for it, ms; twice the environment's request time-out unless said. */
  readonly withinMs?: number;
}

/**
 * A body that goes through pages as users do. What a user does and sees is said in the user's words, so that a journey that
 * fails names the step: "after sending the message no answer appeared within 2 s".
 */
export interface Journey extends BodyContext {
  /** Opens a browser for one more person; it is closed when the check ends. */
  person(name: string, options?: BrowserContextOptions): Promise<Person>;
  /**
   * Tells one promise of the check as a story of steps: held when every step went through, broken at the first that did not.
   * False: broken, and said so.
   */
  shows(assertion: string, story: () => Promise<void>): Promise<boolean>;
  /** Something a user does: "sending the message". */
  does<T>(what: string, action: () => Promise<T>, look?: Look): Promise<T>;
  /** Something a user must then see; `missing` completes "after sending the message …": "no answer appeared". */
  sees<T>(missing: string, look: (withinMs: number) => Promise<T>, limit?: Look): Promise<T>;
}

export type JourneyBody = (journey: Journey) => Promise<void>;

/** A step that did not go as a user may expect; the deployment's doing. */
export class JourneyBroke extends Error {
  override readonly name = 'JourneyBroke';
  /** How long the step went on before it was given up, ms. */
  readonly tookMs: number;

  constructor(because: string, tookMs = 0, options?: ErrorOptions) {
    super(because, options);
    this.tookMs = tookMs;
  }
}

/** Runs the steps of one body; `step` lets the runner show each in its trace. */
export class Steps {
  readonly #standardMs: number;
  readonly #step: <T>(words: string, run: () => Promise<T>) => Promise<T>;
  readonly #isOver: () => string | null;
  #did = '';

  constructor(
    standardMs: number,
    step: <T>(words: string, run: () => Promise<T>) => Promise<T>,
    /** Why nothing of this can be blamed on the deployment: the browser crashed, the run is being stopped. */
    isOver: () => string | null,
  ) {
    this.#standardMs = standardMs;
    this.#step = step;
    this.#isOver = isOver;
  }

  async does<T>(what: string, action: () => Promise<T>, { withinMs = 2 * this.#standardMs }: Look = {}): Promise<T> {
    const startMs = performance.now();
    try {
      const done = await this.#step(what, () => within(action, withinMs + graceMs));
      this.#did = what;
      return done;
    } catch (error) {
      throw this.#broke(`${what} was not possible: ${inWords(error)}`, startMs, error);
    }
  }

  async sees<T>(
    missing: string,
    look: (withinMs: number) => Promise<T>,
    { withinMs = 2 * this.#standardMs }: Look = {},
  ): Promise<T> {
    const startMs = performance.now();
    try {
      return await this.#step(`or else: ${missing}`, () => within(() => look(withinMs), withinMs + graceMs));
    } catch (error) {
      const after = this.#did === '' ? '' : `after ${this.#did} `;
      throw this.#broke(`${after}${missing} within ${withinMs / 1000} s`, startMs, error);
    }
  }

  #broke(because: string, startMs: number, cause: unknown): Error {
    if (cause instanceof JourneyBroke) return cause;
    const over = this.#isOver();
    return over === null
      ? new JourneyBroke(because, performance.now() - startMs, { cause })
      : new Error(over, { cause });
  }
}

/** A look has its own limit; this one only ends those that forgot it. */
const graceMs = 1_000;

function within<T>(work: () => Promise<T>, ms: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done within ${ms / 1000} s`)), ms);
  return Promise.race([work(), promise]).finally(() => clearTimeout(timer));
}

/** The first line of an error is what a person can use; the rest is a log of the browser driver. */
function inWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return plain(text).split('\n', 1)[0]!.slice(0, 200);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '');
