import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openAssistant, sendQuestion } from '../../platform/pages/assistant.ts';
import { type Control, control } from '../../platform/pages/controls.ts';
import { counted, enterRoom, leaveRoom, openChat, say, untilInside } from '../../platform/pages/meeting.ts';
import { saidOf } from '../../platform/pages/said-of.ts';
import { base, browserOfTests, servedPage } from './browser.ts';

/** Rooms and chats as kits of components build them. */
const browser = browserOfTests();
const enough = 60_000;

const pageOf = (body: string): Promise<Page> => servedPage(browser(), () => body, 4_000);

const title = (page: Page): Promise<string> => page.title();

describe('the button for something', () => {
  const presses = (name: string, of = 'button') =>
    `<${of} title="${name}" onclick="document.title = 'pressed'">x</${of}>`;
  const toggle = (name: string, isOn: boolean, what = 'pressed') =>
    `<button aria-${what}=${isOn} ${what === 'checked' ? 'role=switch' : ''} onclick="document.title = 'pressed'">${name}</button>`;

  test.each<[Control, string, string]>([
    ['mute', 'named with its key', presses('Turn off microphone (⌘ + D)')],
    ['mute', 'that only names the thing', toggle('Microphone', true)],
    ['unmute', 'that only names the thing', toggle('Microphone', false)],
    ['mute', 'that is a switch', toggle('Mic', true, 'checked')],
    ['unmute', 'that keeps its name', toggle('Mute', true)],
    ['cameraOff', 'in another order', presses('Turn video off')],
    ['cameraOff', 'that only names the thing', toggle('Camera', true)],
    ['cameraOn', 'that only names the thing', toggle('Camera', false)],
    ['cameraOn', 'that keeps its name', toggle('Turn off camera', true)],
    ['unshare', 'of a kit for rooms', '<button onclick="document.title = \'pressed\'">Stop screen share</button>'],
    ['chat', 'that is a tab', '<button role=tab onclick="document.title = \'pressed\'">Chat 3</button>'],
  ])(
    '%s is found %s',
    async (which, _, body) => {
      const page = await pageOf(body);
      await control(page, which).click();
      expect(await title(page)).toBe('pressed');
    },
    enough,
  );

  test.each<[Control, string]>([
    ['mute', toggle('Microphone', false)],
    ['mute', '<button>Mute all</button>'],
    ['mute', '<button>Mute Ben 1</button>'],
    ['unmute', toggle('Mute', false)],
    ['cameraOn', toggle('Camera', true)],
    ['chat', '<button>Close chat</button>'],
  ])(
    '%s is not %s',
    async (which, body) => {
      expect(await control(await pageOf(body), which).isVisible()).toBe(false);
    },
    enough,
  );
});

describe('a room', () => {
  const inside = 'document.body.innerHTML = "<button>Leave</button><p>Participants (1)</p>"';
  const id = '<label>Room code <input id=r></label>';

  test.each([
    [
      'behind a door of its own, where one sees oneself',
      `<form onsubmit='event.preventDefault(); door.hidden = false; this.remove()'>${id}<button>Join</button></form>
      <div id=door hidden><video></video><button aria-pressed=true>Microphone</button><input id=n placeholder=Username>
      <button onclick='if (n.value === "Ada 1") { ${inside} }'>Join Room</button></div>`,
    ],
    [
      'beside a tab of the same name',
      `<button role=tab>Create</button><button role=tab>Join</button><label>Name <input id=n></label>${id}
      <button onclick='if (n.value === "Ada 1" && r.value === "x") { ${inside} }'>Join now</button>`,
    ],
  ])(
    '%s is entered',
    async (_, body) => {
      const page = await pageOf(body);
      await enterRoom(page, base, 'Ada 1', 'x');
      await untilInside(page, 3_000);
      expect(await counted(page)).toBe(1);
    },
    enough,
  );

  test('of a kit for rooms tells at the tile who is muted', async () => {
    const page =
      await pageOf(`<div><div class=lk-participant-tile data-lk-audio-muted=true><video></video><span>Ada 1</span></div>
      <div class=lk-participant-tile data-lk-audio-muted=false><video></video><span>Ben 1</span></div></div>`);
    const muted = async (name: string, other: string) => /\bmuted\b/.test(await saidOf(page, name, [other]));
    expect([await muted('Ada 1', 'Ben 1'), await muted('Ben 1', 'Ada 1')]).toEqual([true, false]);
  }, 60_000);

  test('whose people are listed tells of the microphone at the picture', async () => {
    const page =
      await pageOf(`<ul><li>Ada 1</li><li>Ben 1</li></ul><div><div><video></video><p>Ada 1</p><svg class=lucide-mic-off></svg></div>
      <div><video></video><p>Ben 1</p></div></div>`);
    const said = (name: string, other: string) => saidOf(page, name, [other]);
    expect([await said('Ada 1', 'Ben 1'), await said('Ben 1', 'Ada 1')]).toEqual([
      expect.stringMatching(/\bmuted\b/),
      expect.not.stringMatching(/\bmuted\b/),
    ]);
  }, 60_000);

  const gone = 'document.body.textContent = "You left"';
  test.each([
    [
      'asks once more',
      `<div role=alertdialog>Sure?<button>Stay</button><button onclick='${gone}'>Leave meeting</button></div>`,
    ],
    [
      'offers to end it for all',
      `<div role=menu><div role=menuitem>End for everyone</div><div role=menuitem onclick='${gone}'>Leave meeting</div></div>`,
    ],
  ])(
    'that %s is left',
    async (_, more) => {
      const page =
        await pageOf(`<button onclick='document.body.insertAdjacentHTML("beforeend", more.innerHTML)'>Leave</button>
        <template id=more>${more}</template>`);
      await leaveRoom(page);
      expect(await page.getByText('You left').isVisible()).toBe(true);
    },
    enough,
  );

  test.each([
    ['words', '<span>Muted</span>'],
    ['a sign of a kit', '<svg class="lucide lucide-mic-off" width=9 height=9></svg>'],
    ['a sign with an id for tests', '<svg data-testid="MicOffIcon" width=9 height=9></svg>'],
  ])(
    'of tiles that have no role tells by %s who is muted',
    async (_, sign) => {
      const tiles = (ada: string, ben: string) => `<div><div><video></video><div>Ada 1 ${ada}</div></div>
        <div><video></video><div>Ben 1 (You) ${ben}</div></div><button><svg class=lucide-mic-off></svg></button></div>`;
      const muted = async (body: string) => /\bmuted\b/i.test(await saidOf(await pageOf(body), 'Ada 1', ['Ben 1']));
      expect([await muted(tiles(sign, '')), await muted(tiles('', sign))]).toEqual([true, false]);
    },
    enough,
  );
});

describe('a message', () => {
  const keeps = (where: string) => `document.title = 'sent ' + (${where}).trim()`;

  test.each([
    [
      'a field in which the key begins a new line',
      `<textarea id=t placeholder="Write a message"></textarea><div><button aria-label="Send message" onclick="${keeps('t.value')}">x</button></div>`,
    ],
    [
      'a piece of the page that can be written in',
      `<div id=t contenteditable onkeydown="if (event.key === 'Enter') { ${keeps('t.textContent')}; t.textContent = ''; event.preventDefault() }"></div>`,
    ],
    [
      'a form whose button has no name',
      `<form onsubmit="event.preventDefault(); ${keeps('t.value')}"><textarea id=t placeholder="Type a message"></textarea><button type=button>x</button>
      <button type=submit>y</button></form><button onclick="document.title = 'a person'">Ask for a person</button>`,
    ],
  ])(
    'is sent from %s',
    async (_, body) => {
      const inRoom = await pageOf(`<input hidden placeholder="Message">${body}`);
      await openChat(inRoom);
      await say(inRoom, 'Hello');
      expect(await title(inRoom)).toBe('sent Hello');
      const asked = await pageOf(body);
      await openAssistant(asked, 3_000);
      await sendQuestion(asked, 'Why?');
      expect(await title(asked)).toBe('sent Why?');
    },
    enough,
  );
});
