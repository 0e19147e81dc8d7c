import type { Locator, Page } from 'playwright-core';
import { messageBox, sendButton, sendByKey } from './composer.ts';
import { alarms } from './dashboard.ts';
import { pressable, shown } from './find.ts';

/** The AI chat of the dashboard, behind its button or already open. */
export async function openAssistant(page: Page, withinMs: number): Promise<void> {
  const message = messageField(page);
  if (await message.isVisible()) return;
  await pressable(page, /open chat|chat with ai|ai assistant|ask (the )?(ai|assistant)|^(chat|assistant)$/i).click({
    timeout: withinMs,
  });
  await message.waitFor({ state: 'visible', timeout: withinMs });
}

export const messageField = (page: Page): Locator =>
  messageBox(
    page,
    /message|ask( me)? (anything|a question)|question|^ask\b|prompt|type (here|something)|how can (i|we) help/i,
  );

/** Sends by the button beside the field; by the key where there is no button with a name. */
export async function sendQuestion(page: Page, question: string): Promise<void> {
  const message = messageField(page);
  await message.fill(question);
  const send = await sendButton(page, message);
  if (send === null) await sendByKey(page, message);
  else await send.click();
}

/** Where the conversation stands: its log where the page names one, otherwise all that can be read. */
async function conversation(page: Page): Promise<Locator> {
  const log = shown(page.getByRole('log'));
  return (await log.isVisible()) ? log : page.locator('body');
}

/** As much of a browser as is asked here; our own processes have none of it. */
declare const MutationObserver: new (
  look: () => void,
) => {
  observe(element: unknown, what: { subtree: boolean; childList: boolean; characterData: boolean }): void;
};

/** Watches a conversation from now on: every text it goes through, and when, ms of the page's clock. */
export async function watchConversation(page: Page): Promise<Watched> {
  const watched = await (await conversation(page)).evaluateHandle((element) => {
    const states: { readonly atMs: number; readonly text: string }[] = [];
    const look = (): void => {
      // biome-ignore lint/performance/useDomNodeTextContent: what is hidden, a user does not see arrive.
      const text = (element as unknown as { innerText: string }).innerText;
      if (states.at(-1)?.text !== text) states.push({ atMs: performance.now(), text });
    };
    look();
    new MutationObserver(look).observe(element, { subtree: true, childList: true, characterData: true });
    return states;
  });
  return { states: () => watched.evaluate((states) => [...states]) };
}

export interface Watched {
  states(): Promise<readonly State[]>;
}

export interface State {
  readonly atMs: number;
  readonly text: string;
}

/** What an answer looked like while it came: its length each time it grew, and the whole of it at the end. */
export interface Growth {
  readonly whole: string;
  readonly steps: readonly { readonly atMs: number; readonly length: number }[];
}

/**
 * How much of what stands there in the end stood there before, each time it was more: its common beginning with the text after the
 * question, since a cursor may stand behind what was written so far.
 */
export function growthOf(states: readonly State[], question: string): Growth {
  const after = (text: string): string => {
    const at = tidy(text).indexOf(tidy(question));
    return at < 0
      ? ''
      : tidy(text)
          .slice(at + tidy(question).length)
          .trim();
  };
  const whole = after(states.at(-1)?.text ?? '');
  const steps: { atMs: number; length: number }[] = [];
  for (const { atMs, text } of states) {
    const length = commonLength(after(text), whole);
    if (length > (steps.at(-1)?.length ?? 0)) steps.push({ atMs, length });
  }
  return { whole, steps };
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

const tidy = (text: string): string => text.replace(/\s+/g, ' ');

/**
 * Waits until the conversation has not changed for a while and says more than it did with the question alone. An alert of the page
 * that something went wrong, and was not among `noise`, is no answer.
 */
export async function untilAnswered(
  page: Page,
  watched: Watched,
  question: string,
  { withinMs, noise }: { readonly withinMs: number; readonly noise: readonly string[] },
): Promise<readonly State[]> {
  const until = Date.now() + withinMs;
  const stillMs = 1_200;
  while (Date.now() < until) {
    const states = await watched.states();
    const { whole } = growthOf(states, question);
    const lastMs = states.at(-1)?.atMs ?? 0;
    const alarm = (await alarms(page)).find((text) => !noise.includes(text));
    if (alarm !== undefined) throw new Error(`the page said: ${alarm.slice(0, 200)}`);
    const nowMs = await page.evaluate(() => performance.now());
    if (whole.length > fewestLetters && nowMs - lastMs > stillMs) return states;
    await page.waitForTimeout(100);
  }
  throw new Error('no answer');
}

/** How an answer ends, as letters and digits: a page may show its marks as something else. */
export const endOf = (text: string): string => lettersOf(text).slice(-endLetters);
export const lettersOf = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
const endLetters = 40;

/** More than a name and "is writing". */
const fewestLetters = 40;
