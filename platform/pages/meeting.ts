import type { Locator, Page } from 'playwright-core';
import { under } from './entrance.ts';
import { field, pressable, shown } from './find.ts';

/** The meeting app, by what a user reads on it: labels, titles, roles. */
export const lobby = (page: Page) => ({
  name: field(page, /your name|display name/i),
  room: field(page, /room ?id|room name|meeting id/i),
  join: pressable(page, /^join( meeting| room)?$/i),
});

const words = {
  mute: /^mute( microphone| audio)?$/i,
  unmute: /^unmute( microphone| audio)?$/i,
  cameraOff: /^(turn off camera|stop (camera|video)|camera off)$/i,
  cameraOn: /^(turn on camera|start (camera|video)|camera on)$/i,
  share: /^(share screen|start sharing|present)/i,
  chat: /^(toggle|open|show) chat$|^chat$/i,
  leave: /^(leave|hang up|end call)/i,
} as const;

export type Control = keyof typeof words;

/** A button by its title or its text; a title is its name where it has no text. */
export const control = (page: Page, which: Control): Locator =>
  shown(page.getByTitle(words[which]).or(page.getByRole('button', { name: words[which] }))).first();

export async function enterRoom(page: Page, meeting: string, name: string, room: string): Promise<void> {
  await page.goto(under(meeting, '/'));
  const { name: who, room: where, join } = lobby(page);
  await who.fill(name);
  await where.fill(room);
  await join.click();
}

/** In the room: there is a way out of it, and somebody is counted. */
export async function untilInside(page: Page, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  await control(page, 'leave').waitFor({ state: 'visible', timeout: withinMs });
  await participants(page).waitFor({ state: 'visible', timeout: Math.max(1, until - Date.now()) });
}

const participants = (page: Page): Locator => shown(page.getByText(/\b\d+ participants?\b/i)).first();

/** How many people the page counts; null when it counts none. An agent may be among them. */
export async function counted(page: Page): Promise<number | null> {
  const text = await participants(page)
    .textContent({ timeout: 1_000 })
    .catch(() => '');
  const found = /(\d+) participants?/i.exec(text ?? '');
  return found ? Number(found[1]) : null;
}

/** The list of people, by its name or its heading; the page itself where there is none. */
const peopleList = async (page: Page): Promise<Locator> => {
  const named = page
    .getByRole('region', { name: /people|participants/i })
    .or(page.getByRole('list', { name: /people|participants/i }));
  return (await named.count()) > 0 ? named.first() : page.locator('body');
};

/** Is somebody of this name in the list of people? */
export async function lists(page: Page, name: string): Promise<boolean> {
  const list = await peopleList(page);
  return (await list.getByText(name, { exact: false }).filter({ visible: true }).count()) > 0;
}

export async function isOnline(page: Page): Promise<boolean> {
  return (await shown(page.getByText(/\bAI (is )?online\b/i)).count()) > 0;
}

/** What the list says about somebody, or what stands beside the name on the picture. */
export async function saidOf(page: Page, name: string): Promise<string> {
  const list = await peopleList(page);
  const entries = list.getByRole('listitem').filter({ hasText: name });
  const texts = (await entries.count()) > 0 ? await entries.allInnerTexts() : [];
  return texts.join(' ');
}

/** A message is written and sent, in the chat that is opened if need be. */
export async function say(page: Page, text: string): Promise<void> {
  const input = chatInput(page);
  if (!(await input.isVisible())) await control(page, 'chat').click();
  await input.fill(text);
  await input.press('Enter');
}

export async function openChat(page: Page): Promise<void> {
  if (!(await chatInput(page).isVisible())) await control(page, 'chat').click();
  await chatInput(page).waitFor({ state: 'visible' });
}

const chatInput = (page: Page): Locator =>
  page
    .getByPlaceholder(/type (your|a) message|write a message|message/i)
    .or(page.getByRole('textbox', { name: /message/i }))
    .first();

export const chatLine = (page: Page, text: string): Locator => shown(page.getByText(text)).first();

/** A picture that moves: one size and the brightness of some points of it, as the browser shows it just now. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
  /** Brightness 0 to 255 of an 8 by 8 grid. */
  readonly points: readonly number[];
}

/** Every picture that plays on the page, in the order of the page. */
export const pictures = (page: Page): Promise<readonly Picture[]> => page.evaluate<readonly Picture[]>(look);

// Text, because it runs in the page, whose types are not ours.
const look = `[...document.querySelectorAll('video')]
  .filter((video) => video.readyState >= 2 && video.videoWidth > 0 && video.getClientRects().length > 0)
  .map((video) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
    const pen = canvas.getContext('2d');
    pen.drawImage(video, 0, 0, 8, 8);
    const data = pen.getImageData(0, 0, 8, 8).data;
    const points = Array.from({ length: 64 }, (_, i) => (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 3);
    return { width: video.videoWidth, height: video.videoHeight, seconds: video.currentTime, points };
  })`;

/** A picture that shows something: neither all dark nor all of one brightness. */
export const showsSomething = ({ points }: Picture): boolean => Math.max(...points) - Math.min(...points) > 8;

/** Waits for something to become true of the page; throws when it does not within the time. */
export async function until(page: Page, holds: () => Promise<boolean>, withinMs: number): Promise<void> {
  const untilMs = Date.now() + withinMs;
  do {
    if (await holds()) return;
    await page.waitForTimeout(100);
  } while (Date.now() < untilMs);
  throw new Error('it did not become so');
}
