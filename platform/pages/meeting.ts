import type { Locator, Page } from 'playwright-core';
import { messageBox, sendByKey } from './composer.ts';
import { control } from './controls.ts';
import { under } from './entrance.ts';
import { field, firstSeen, pressSurely, shown } from './find.ts';

const joining = /^\W*((join|enter)( (the |this )?(meeting|room|call|session))?( now)?|ask to join|continue)\W*$/i;

/** The meeting app, by what a user reads on it: labels, titles, roles. */
export const lobby = (page: Page) => ({
  name: field(page, /(?<!(room|meeting) )\bname\b|^(user|nick)name/i),
  room: field(page, /\broom\b|meeting (id|code|name|link)|^code$/i),
  // A tab may go by the same name.
  join: shown(page.getByRole('button', { name: joining }).or(page.getByRole('link', { name: joining }))),
});

export async function enterRoom(page: Page, meeting: string, name: string, room: string): Promise<void> {
  await page.goto(under(meeting, '/'));
  const { name: who, room: where, join } = lobby(page);
  await where.fill(room);
  if (await who.isVisible()) await who.fill(name);
  await join.click();
  await passPreview(page, name);
}

const leavesLobbyMs = 5_000;
const previewMs = 10_000;

/** Some rooms have a door of their own, where one sees oneself and comes in by a second press. */
async function passPreview(page: Page, name: string): Promise<void> {
  const { name: who, room, join } = lobby(page);
  const left = await room.waitFor({ state: 'hidden', timeout: leavesLobbyMs }).then(
    () => true,
    () => false,
  );
  if (!left || (await firstSeen({ inside: control(page, 'leave'), join }, previewMs)) !== 'join') return;
  if ((await who.isVisible()) && (await who.isEditable())) await who.fill(name);
  await join.click();
}

/** By the button, and by what it leads to where that only asks or offers more than one way. */
export const leaveRoom = (page: Page): Promise<void> =>
  pressSurely(page, control(page, 'leave'), /^(leave|hang ?up|end call|exit)/i, '[role=menu]');

/** In the room: there is a way out of it, and somebody is counted. */
export async function untilInside(page: Page, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  await control(page, 'leave').waitFor({ state: 'visible', timeout: withinMs });
  await participants(page).waitFor({ state: 'visible', timeout: Math.max(1, until - Date.now()) });
}

const howMany = /\b(\d+) (?:participants?|people)\b|\b(?:participants|people)\W{0,3}(\d+)\b/i;
const participants = (page: Page): Locator => shown(page.getByText(howMany).or(page.getByLabel(howMany)));

/** How many people the page counts; null when it counts none. An agent may be among them. */
export async function counted(page: Page): Promise<number | null> {
  const text = await participants(page)
    .evaluate(textAndName, undefined, { timeout: 1_000 })
    .catch(() => '');
  const found = howMany.exec(text);
  return found ? Number(found[1] ?? found[2]) : null;
}

/** A button may be a sign alone, and tell the number by its name. */
const textAndName = (element: { readonly textContent: string | null; readonly ariaLabel?: string | null }): string =>
  `${element.textContent ?? ''} ${element.ariaLabel ?? ''}`;

/** The list of people, by its name or its heading. A page that hides it shows it at the press of a button; it is the page itself where there is none. */
async function peopleList(page: Page): Promise<Locator> {
  const named = (['region', 'list', 'dialog', 'complementary'] as const)
    .map((role) => page.getByRole(role, { name: peopleWords }))
    .reduce((all, one) => all.or(one))
    .filter({ visible: true });
  if ((await named.count()) === 0 && !asked.has(page)) {
    asked.add(page);
    const button = shown(
      page.getByRole('button', { name: peopleButton }).or(page.getByRole('tab', { name: peopleButton })),
    );
    if ((await button.count()) > 0) await button.click({ timeout: 1_000 }).catch(() => undefined);
  }
  return (await named.count()) > 0 ? named.first() : page.locator('body');
}

const peopleWords = /people|participants/i;
/** Not one that invites or removes people, nor a link, which would lead out of the meeting. */
const peopleButton = /^\W*((show|open|toggle|view|see) )?((the|all) )?(\d+ )?(people|participants)\b/i;
/** Pressed once: a second time would hide it again. */
const asked = new WeakSet<Page>();

/** Is somebody of this name in the list of people? That somebody left may be said as well, and is not meant. */
export async function lists(page: Page, name: string): Promise<boolean> {
  const list = await peopleList(page);
  const found = list.getByText(name, { exact: false }).filter({ visible: true, hasNotText: hasLeft });
  return (await found.count()) > 0;
}

/** Is the user of this page in the list, by name or as "You"? */
export async function listsOneself(page: Page, name: string): Promise<boolean> {
  if (await lists(page, name)) return true;
  const list = await peopleList(page);
  return (await shown(list.getByText(/^\W*you\W*$|\(you\)/i)).count()) > 0;
}

const hasLeft = /\bleft\b/i;

export async function isOnline(page: Page): Promise<boolean> {
  return (await shown(page.getByText(/\bAI (is )?online\b/i)).count()) > 0;
}

/** A message is written and sent, in the chat that is opened if need be. */
export async function say(page: Page, text: string): Promise<void> {
  const input = chatInput(page);
  if (!(await input.isVisible())) await control(page, 'chat').click();
  await input.fill(text);
  await sendByKey(page, input);
}

export async function openChat(page: Page): Promise<void> {
  if (!(await chatInput(page).isVisible())) await control(page, 'chat').click();
  await chatInput(page).waitFor({ state: 'visible' });
}

const chatInput = (page: Page): Locator => messageBox(page, /message|say something|type (here|something)/i);

/** A picture that moves: what it is of, its size and the brightness of some points of it, as the browser shows it just now. */
export interface Picture {
  /** The id of the track that is shown; another one has another, wherever on the page it is. */
  readonly track: string;
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
  /** Brightness 0 to 255 of an 8 by 8 grid. */
  readonly points: readonly number[];
}

/** Every picture that plays on the page, in the order of the page; one whose track has ended does not. */
export const pictures = (page: Page): Promise<readonly Picture[]> => page.evaluate<readonly Picture[]>(look);

// Text, because it runs in the page, whose types are not ours.
const look = `[...document.querySelectorAll('video')]
  .map((video, i) => ({ video, shown: video.srcObject?.getVideoTracks?.().at(-1), place: 'video ' + i }))
  .filter(({ video, shown }) => video.readyState >= 2 && video.videoWidth > 0 && video.getClientRects().length > 0 &&
    shown?.readyState !== 'ended')
  .map(({ video, shown, place }) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
    const pen = canvas.getContext('2d');
    pen.drawImage(video, 0, 0, 8, 8);
    const data = pen.getImageData(0, 0, 8, 8).data;
    const points = Array.from({ length: 64 }, (_, i) => (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 3);
    const track = shown?.id ?? (video.currentSrc || place);
    return { track, width: video.videoWidth, height: video.videoHeight, seconds: video.currentTime, points };
  })`;

/** A picture that shows something: neither all dark nor all of one brightness. */
export const showsSomething = ({ points }: Picture): boolean => Math.max(...points) - Math.min(...points) > 8;

/** Of two looks: what was not there before them, shows something, and has moved on from the one to the other. */
export const newcomer = (
  before: readonly Picture[],
  earlier: readonly Picture[],
  later: readonly Picture[],
): Picture | undefined =>
  later.find(
    (picture) =>
      !before.some(({ track }) => track === picture.track) && showsSomething(picture) && hasMoved(earlier, picture),
  );

export const hasMoved = (earlier: readonly Picture[], { track, seconds }: Picture): boolean =>
  earlier.some((one) => one.track === track && seconds > one.seconds);

/** Waits for something to become true of the page; throws when it does not within the time. */
export async function until(page: Page, holds: () => Promise<boolean>, withinMs: number): Promise<void> {
  const untilMs = Date.now() + withinMs;
  do {
    if (await holds()) return;
    await page.waitForTimeout(100);
  } while (Date.now() < untilMs);
  throw new Error('it did not become so');
}
