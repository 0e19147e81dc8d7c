import type { Locator, Page } from 'playwright-core';
import { shown } from './find.ts';

const whose = '(?:(?:my|your|the) )?';
const microphone = `${whose}(?:mic(?:rophone)?|audio)`;
const camera = `${whose}(?:camera|video|webcam)`;
/** A name may tell the key that does the same. */
const named = (...words: readonly string[]): RegExp =>
  new RegExp(`^(?:${words.join('|')})(?: ?[([].{1,14}[)\\]])?$`, 'i');

const off = (what: string): string => `(?:turn|switch) off ${what}|(?:turn|switch) ${what} off|disable ${what}`;
const on = (what: string): string => `(?:turn|switch) on ${what}|(?:turn|switch) ${what} on|enable ${what}`;
const oneself = `(?: (?:${microphone}|me|myself|yourself))?`;

const words = {
  mute: named(`mute${oneself}`, off(microphone)),
  unmute: named(`unmute${oneself}`, on(microphone)),
  cameraOff: named(off(camera), `(?:stop|hide) ${camera}`, 'camera off'),
  cameraOn: named(on(camera), `(?:start|show) ${camera}`, 'camera on'),
  share: /^(share (your |my |the )?screen|screen ?share|start (screen ?)?shar|present)/i,
  unshare: /^stop (shar|present|screen ?-?shar)/i,
  chat: /^((toggle|open|show|view) )?(the |meeting )?(chat|messages)( panel| window| sidebar)?(\W*\d+\W*((unread|new)\b.*)?)?$/i,
  leave: /^(leave|hang ?up|end (the |this )?call|exit|disconnect)/i,
} as const;

export type Control = keyof typeof words;

/** What goes by the name of a thing and tells by its state whether that is on. */
const things: Partial<Record<Control, { readonly name: RegExp; readonly on: boolean }>> = {
  mute: { name: named('mic(?:rophone)?', 'audio'), on: true },
  unmute: { name: named('mic(?:rophone)?', 'audio'), on: false },
  cameraOff: { name: named('camera', 'video', 'webcam'), on: true },
  cameraOn: { name: named('camera', 'video', 'webcam'), on: false },
};

/** What keeps its name once pressed takes back, pressed, what it did. */
const back: Partial<Record<Control, Control>> = { unmute: 'mute', cameraOn: 'cameraOff', unshare: 'share' };

const state = (isOn: boolean): string => `:is([aria-pressed=${isOn}], [aria-checked=${isOn}])`;

/** A button by its title or its text; a title is its name where it has no text. */
export function control(page: Page, which: Control): Locator {
  const called = (name: RegExp): Locator =>
    (['button', 'switch', 'tab'] as const)
      .map((role) => page.getByRole(role, { name }))
      .reduce((all, one) => all.or(one), page.getByTitle(name));
  let found = called(words[which]);
  const [thing, undoes] = [things[which], back[which]];
  if (thing) found = found.or(called(thing.name).and(page.locator(state(thing.on))));
  if (undoes) found = found.or(called(words[undoes]).and(page.locator(state(true))));
  return shown(found);
}
