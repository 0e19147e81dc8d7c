import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { showsLine } from '../../platform/pages/chat-line.ts';
import { choiceOf, chooseAnother, hasAnother, rememberCalls, soundAt } from '../../platform/pages/devices.ts';
import { lists, listsOneself, newcomer, pictures } from '../../platform/pages/meeting.ts';
import { saidOf } from '../../platform/pages/said-of.ts';
import { browserOfTests } from './browser.ts';

/** Meeting pages built in other ways than the reference's, as a browser shows them. */
const browser = browserOfTests(['--autoplay-policy=no-user-gesture-required', '--no-sandbox', '--mute-audio']);

async function pageOf(body: string): Promise<Page> {
  const context = await browser().newContext();
  onTestFinished(() => context.close());
  await rememberCalls(context);
  const page = await context.newPage();
  await page.goto('about:blank');
  await page.setContent(body);
  return page;
}

const enough = { timeout: 60_000 };

describe('a picture', () => {
  const stage = `<video id="tile" autoplay muted></video><video id="own" autoplay muted></video><script>
    const streams = {};
    for (const name of ['camera', 'own', 'screen', 'black']) {
      const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
      const pen = canvas.getContext('2d');
      let turn = 0;
      setInterval(() => {
        pen.fillStyle = 'black';
        pen.fillRect(0, 0, 320, 180);
        pen.fillStyle = 'white';
        if (name !== 'black') pen.fillRect((turn++ * 10) % 320, 0, 120, 180);
      }, 50);
      streams[name] = canvas.captureStream(20);
    }
    tile.srcObject = streams.camera;
    own.srcObject = streams.own;
    const play = (name) => { tile.srcObject = streams[name]; };
  </script>`;
  const looks = async (page: Page) => {
    const earlier = await pictures(page);
    await sleep(700);
    return [earlier, await pictures(page)] as const;
  };
  const settled = async (page: Page) => {
    await expect.poll(async () => (await pictures(page)).length, { timeout: 20_000 }).toBe(2);
    return pictures(page);
  };

  test('of a screen in the place of a camera is new, and gone once its track has ended', enough, async () => {
    const page = await pageOf(stage);
    const before = await settled(page);
    expect(newcomer(before, ...(await looks(page)))).toBeUndefined();
    await page.evaluate(`play('screen')`);
    await sleep(700);
    const screen = newcomer(before, ...(await looks(page)));
    expect(screen).toBeDefined();
    await page.evaluate(`streams.screen.getTracks()[0].stop()`);
    expect((await pictures(page)).map(({ track }) => track)).not.toContain(screen!.track);
  });

  test('that is black is none, whatever the cameras show, nor is one that stands still', enough, async () => {
    const page = await pageOf(stage);
    const before = await settled(page);
    await page.evaluate(`play('black')`);
    await sleep(700);
    expect(newcomer(before, ...(await looks(page)))).toBeUndefined();
    await page.evaluate(`play('screen')`);
    await sleep(700);
    const [look] = await looks(page);
    expect(newcomer(before, look, look)).toBeUndefined();
  });
});

describe('what is said of somebody', () => {
  test.each<[string, string, RegExp, boolean]>([
    ['in words', '<ul><li>Ada 1 <span>muted</span></li></ul>', /\bmuted\b/, true],
    ['by the name of a sign', '<ul><li>Ada 1 <svg role="img" aria-label="muted"></svg></li></ul>', /\bmuted\b/, true],
    ['by a title', '<figure>Ada 1<i title="Microphone off">x</i></figure>', /microphone off/i, true],
    ['at the tile itself', '<div role="group" aria-label="Ada 1, muted">x</div>', /\bmuted\b/, true],
    ['by a picture', '<figure>Ada 1<img alt="muted" src="data:,"></figure>', /\bmuted\b/, true],
    [
      'of another in the same group, which is nothing',
      '<div role="group"><figure>Ada 1</figure><figure>Ben 1 <i title="muted">x</i></figure></div>',
      /\bmuted\b/,
      false,
    ],
    [
      'that may be done, which is nothing',
      '<ul><li>Ada 1 <button title="Mute Ada 1">x</button></li></ul>',
      /\bmuted\b/,
      false,
    ],
    ['when somebody left, which is nothing', '<ul><li>Ada 1 left, muted</li></ul>', /\bmuted\b/, false],
  ])('%s', enough, async (_, body, pattern, found) => {
    expect(pattern.test(await saidOf(await pageOf(body), 'Ada 1'))).toBe(found);
  });
});

describe('a message of the chat', () => {
  const text = 'Hello from Ada 1';
  const shows = async (body: string) => showsLine(await pageOf(body), text, ['Ada 1', 'ada@example.com']);

  test.each([
    `<ol><li><strong>Ada 1</strong> ${text}</li></ol>`,
    `<div><div>Ada 1 <time>12:03 PM</time></div><div>${text}</div></div>`,
    `<p><span>AO</span> <b>ada@example.com</b> (Host), today at 12:03: <span>${text}</span></p>`,
    `<ul><li>AI Assistant You asked: "${text}".</li><li>Ada: ${text} ✓✓ <small>just now</small></li></ul>`,
    `<div style="display: flex"><span>Ada 1</span><span>Nov 23, 12:03</span><span>${text}</span></div>`,
  ])('is one however it stands there: %s', enough, async (body) => {
    expect(await shows(body)).toBe(true);
  });

  test.each([
    `<ol><li><strong>AI Assistant</strong> You asked: "${text}". I know nothing of it.</li></ol>`,
    `<div><b>AI Assistant</b><p>You said <em>${text}</em>.</p></div>`,
    `<div><b>AI Assistant</b><blockquote><p>${text}</p></blockquote><p>Hello!</p></div>`,
    `<p hidden>${text}</p><p>Ada 1</p>`,
  ])('is none where it is repeated or hidden: %s', enough, async (body) => {
    expect(await shows(body)).toBe(false);
  });
});

describe('the list of people', () => {
  test('may be behind a button, which is pressed once', enough, async () => {
    const page = await pageOf(`<button onclick="panel.remove()">Remove people</button>
      <button onclick="panel.hidden = !panel.hidden">Show participants (2)</button>
      <aside id="panel" aria-label="Participants" hidden>Ada 1 <em>(You)</em><p>Ben 1</p></aside>`);
    expect([await lists(page, 'Ben 1'), await lists(page, 'Ben 1'), await lists(page, 'Cleo 1')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('may call whoever looks at it "You"', enough, async () => {
    const page = await pageOf('<section aria-label="People"><ul><li>You</li><li>Ben 1</li></ul></section>');
    expect([await listsOneself(page, 'Ada 1'), await lists(page, 'Ada 1')]).toEqual([true, false]);
    const alone = await pageOf('<section aria-label="People"><ul><li>Ben 1</li></ul></section><p>Your meeting</p>');
    expect(await listsOneself(alone, 'Ada 1')).toBe(false);
  });

  test('does not hold whoever is said to have left', enough, async () => {
    const page = await pageOf('<main><p>Ben 1 left the meeting</p><ul><li>Ada 1</li></ul></main>');
    expect([await lists(page, 'Ben 1'), await lists(page, 'Ada 1')]).toEqual([false, true]);
  });
});

describe('a choice of devices', () => {
  const select =
    '<select aria-label="Camera"><option value="">Choose</option><option>one</option><option>two</option></select>';
  const custom = `<button role="combobox" aria-label="Camera" onclick="list.hidden = false">one</button>
    <ul role="listbox" id="list" hidden><li role="option" aria-selected="true">one</li>
    <li role="option" onclick="document.title = 'chose two'">two</li></ul>
    <script>onkeydown = ({ key }) => { if (key === 'Escape') list.hidden = true; }</script>`;

  test('is found behind the settings, and a word that asks for a choice is no device', enough, async () => {
    const page = await pageOf(
      `<button onclick="panel.hidden = false">Settings</button><div id="panel" hidden>${select}</div>`,
    );
    const choice = (await choiceOf(page, 'camera', 2_000))!;
    expect(await hasAnother(page, choice, 2_000)).toBe(true);
    await choice.selectOption('one');
    await chooseAnother(page, choice);
    expect(await choice.inputValue()).toBe('two');
  });

  test("may be a list of the page's own", enough, async () => {
    const page = await pageOf(custom);
    const choice = (await choiceOf(page, 'camera', 2_000))!;
    expect(await hasAnother(page, choice, 2_000)).toBe(true);
    await chooseAnother(page, choice);
    expect(await page.title()).toBe('chose two');
  });

  test('is made in a dialog that the key which closes its list closes, too', enough, async () => {
    const page = await pageOf(`<button onclick="panel.hidden = false">Settings</button>
      <div id="panel" role="dialog" hidden>${custom}</div>
      <script>addEventListener('keydown', ({ key }) => { if (key === 'Escape') panel.hidden = true; })</script>`);
    const choice = (await choiceOf(page, 'camera', 2_000))!;
    expect(await hasAnother(page, choice, 2_000)).toBe(true);
    expect(await choice.isVisible()).toBe(false);
    await chooseAnother(page, choice);
    expect(await page.title()).toBe('chose two');
  });

  test('is none where there is nothing, or but one', enough, async () => {
    expect(await choiceOf(await pageOf('<button>Leave</button>'), 'camera', 400)).toBeNull();
    const page = await pageOf('<select aria-label="Camera"><option>one</option></select>');
    expect(await hasAnother(page, (await choiceOf(page, 'camera', 8_000))!, 400)).toBe(false);
  });
});

describe('the sound of a call', () => {
  test('adds up while somebody speaks, and not once the microphone is dead', enough, async () => {
    const page = await pageOf(`<audio id="heard" autoplay></audio><script>
      const sound = new AudioContext();
      const voice = new OscillatorNode(sound);
      const out = sound.createMediaStreamDestination();
      voice.connect(out);
      voice.start();
      const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()];
      one.onicecandidate = ({ candidate }) => other.addIceCandidate(candidate);
      other.onicecandidate = ({ candidate }) => one.addIceCandidate(candidate);
      other.ontrack = ({ streams: [stream] }) => { heard.srcObject = stream; };
      out.stream.getTracks().forEach((track) => one.addTrack(track, out.stream));
      (async () => {
        await one.setLocalDescription();
        await other.setRemoteDescription(one.localDescription);
        await other.setLocalDescription();
        await one.setRemoteDescription(other.localDescription);
      })();
    </script>`);
    const risesBy = async () => {
      const before = (await soundAt(page)) ?? 0;
      await sleep(1_000);
      return ((await soundAt(page)) ?? 0) - before;
    };
    await expect.poll(risesBy, { timeout: 30_000 }).toBeGreaterThan(1e-3);
    await page.evaluate(`out.stream.getTracks()[0].stop()`);
    await sleep(2_000);
    expect(await risesBy()).toBeLessThan(1e-5);
  });

  test('is not known where there is no call', enough, async () => {
    expect(await soundAt(await pageOf('<p>nothing</p>'))).toBeNull();
  });
});
