import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { noiseOn, saidOfSaving, settled } from '../../platform/pages/dashboard.ts';
import { listed, uploadFile } from '../../platform/pages/knowledge.ts';
import { askForLink, chooseNew, isChanged, isUnderWay } from '../../platform/pages/reset.ts';
import { firstSetting, sameSetting } from '../../platform/pages/settings.ts';
import { Visit } from '../../platform/pages/visit.ts';
import { browserOfTests, environment, servedPage } from './browser.ts';

/** Pages that word and build things in other ways than the reference deployment does, and some that only seem to answer. */
const browser = browserOfTests();

/** A page of this body at its address; other addresses answer with `others`. */
const pageOf = (body: string, others: Readonly<Record<string, string>> = {}): Promise<Page> =>
  servedPage(browser(), (pathname) => others[pathname] ?? body);

describe('pages of other makes', () => {
  const signIn = (answer: string) => `
    <p>Wrong password? Ask your admin.</p>
    <label>Email <input id=e></label><label>Password <input id=p type=password></label>
    <p id=said></p><button onclick='${answer}'>Sign in</button>`;
  const who = { email: 'a@example.com', password: 'secret' };

  describe('a refusal', () => {
    test('may be worded in any way', async () => {
      const visit = new Visit(await pageOf(signIn('said.textContent = "We do not know these details."')), environment);
      await visit.signIn(who);
      expect(await visit.refused(5_000)).toEqual(['We do not know these details.']);
    }, 60_000);

    test.each([
      ['what stood there all the time', ''],
      ['what a busy page says', 'this.textContent = "Signing in"; said.textContent = "Please wait"'],
      ['what is gone a moment later', 'said.textContent = "Hm"; setTimeout(() => { said.textContent = "" }, 200)'],
      ['what everybody is told at the sign-in', 'said.textContent = "Please sign in to continue."'],
      ['anything after somebody was let in', 'document.body.innerHTML = "Wrong turn? <button>Log out</button>"'],
    ])(
      'is not %s',
      async (_, answer) => {
        const visit = new Visit(await pageOf(signIn(answer)), environment);
        await visit.signIn(who);
        await expect(visit.refused(1_500)).rejects.toThrow();
      },
      60_000,
    );
  });

  describe('a new password', () => {
    const form = (fields: string, answer: string) =>
      `${fields}<p id=said></p><button onclick='${answer}'>Save</button>`;
    const one = '<label>New password <input type=password></label>';
    const two = `${one}<label>Repeat it <input type=password></label>`;
    const door = '<label>Email <input></label><label>Password <input type=password></label><button>Sign in</button>';

    test.each([
      ['Your password has been reset. You can now sign in.', one],
      ['Password updated', two],
      ['Success!', one],
    ])(
      'is set where the page says "%s"',
      async (words, fields) => {
        const visit = new Visit(await pageOf(form(fields, `said.textContent = "${words}"`)), environment);
        await chooseNew(visit, 'Sd2!new');
        await isChanged(visit, 5_000);
      },
      60_000,
    );

    test('is set where the page leads to the sign-in', async () => {
      const visit = new Visit(await pageOf(form(one, 'location.href = "/login"'), { '/login': door }), environment);
      await chooseNew(visit, 'Sd2!new');
      await isChanged(visit, 5_000);
    }, 60_000);

    test.each(['Your password could not be changed.', 'Something went wrong', ''])(
      'is not set where it says "%s"',
      async (words) => {
        const visit = new Visit(await pageOf(form(two, `said.textContent = "${words}"`)), environment);
        await chooseNew(visit, 'Sd2!new');
        await expect(isChanged(visit, 1_500)).rejects.toThrow();
      },
      60_000,
    );

    test('is asked for in other words', async () => {
      const body = `<label>Email <input></label><p id=said></p>
        <button onclick='said.textContent = "If there is an account, look into your inbox."'>Continue</button>`;
      const visit = new Visit(await pageOf(body), environment);
      await askForLink(visit, 'a@example.com');
      await isUnderWay(visit, 5_000);
    }, 60_000);
  });

  describe('a setting', () => {
    test('is read once its data have come', async () => {
      const page = await pageOf(`<main><label>Greeting <input id=g></label></main>
        <script>setTimeout(() => { g.value = "Hello" }, 500)</script>`);
      const setting = await firstSetting(page, 5_000);
      expect(await settled(setting!, page, 5_000)).toBe('Hello');
    }, 60_000);

    test('that puts back what it held is seen to', async () => {
      const page = await pageOf(`<main><label>Greeting <input id=g value=Hello></label></main>
        <script>g.oninput = () => setTimeout(() => { g.value = "Hello" }, 300)</script>`);
      const setting = await firstSetting(page, 5_000);
      expect(await setting!.write('Welcome')).toBe('Welcome');
      expect(await settled(setting!, page, 5_000)).toBe('Hello');
    }, 60_000);

    test('may take fewer letters than it was given', async () => {
      const page = await pageOf('<main><label>Greeting <input maxlength=4></label></main>');
      const setting = await firstSetting(page, 5_000);
      expect(await setting!.write('Welcome')).toBe('Welc');
      expect(await settled(setting!, page, 5_000)).toBe('Welc');
    }, 60_000);

    test('is found again where another one has come before it', async () => {
      const page = await pageOf('<main id=m><label>Name <input value=one></label></main>');
      const setting = await firstSetting(page, 5_000);
      const another = '<label>New <input value=two></label>';
      await page.evaluate(`m.insertAdjacentHTML('afterbegin', ${JSON.stringify(another)})`);
      expect(await (await sameSetting(page, setting!, 5_000))?.read()).toBe('one');
    }, 60_000);

    test('is not saved by words that stood there before', async () => {
      const page = await pageOf('<main>Last updated yesterday<p id=said></p></main>');
      const noise = await noiseOn(page);
      expect(await saidOfSaving(page, noise, 500)).toBeNull();
      await page.evaluate('said.textContent = "Saved"');
      expect(await saidOfSaving(page, noise, 5_000)).toBe('saved');
    }, 60_000);
  });

  describe('a document', () => {
    const file = { name: 'guide.md', mimeType: 'text/markdown', buffer: Buffer.from('words') };
    const list =
      'const row = document.createElement("div"); row.textContent = file.files[0].name; document.body.append(row)';

    test.each([
      [
        'by the choice alone',
        `<button onclick='file.click()'>Upload Document</button><input id=file type=file hidden onchange='${list}'>`,
      ],
      [
        'by a button of the page that the choice opens',
        `<button onclick='file.click()'>Add document</button>
        <input id=file type=file hidden onchange='send.disabled = false'><button id=send disabled onclick='${list}'>Save</button>`,
      ],
      [
        'by a form outside of any dialog',
        `<button onclick='box.hidden = false'>New document</button>
        <div id=box hidden><input id=file type=file><button onclick='${list}'>Import</button></div>`,
      ],
      [
        'by the one button there is',
        `<input id=file type=file><button onclick='if (file.files[0]) { ${list} }'>Upload</button>`,
      ],
    ])(
      'is uploaded %s, and listed as plain text',
      async (_, body) => {
        const page = await pageOf(body);
        await uploadFile(page, file, 8_000);
        await listed(page, 'guide').waitFor({ timeout: 3_000 });
        expect(await page.getByText('guide.md').count()).toBe(1);
      },
      60_000,
    );
  });
});
