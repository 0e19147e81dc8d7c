import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { listed, uploadFile } from '../../platform/pages/knowledge.ts';
import { fillIn } from '../../platform/pages/signup.ts';
import { lookFurther, switchTo, themeSwitch, untilLook } from '../../platform/pages/theme.ts';
import { Visit } from '../../platform/pages/visit.ts';
import { browserOfTests, environment, servedPage } from './browser.ts';

/** Files, themes and terms as kits of components have them chosen. */
const browser = browserOfTests();
const enough = 60_000;

const pageOf = (body: string): Promise<Page> =>
  servedPage(browser(), () => `<style>body { margin: 0; height: 100vh }</style>${body}`, 4_000);

describe('a document is uploaded', () => {
  const file = { name: 'guide.md', mimeType: 'text/markdown', buffer: Buffer.from('words') };
  const list =
    'const row = document.createElement("div"); row.textContent = file.files[0].name; document.body.append(row)';
  const hidden = `<input id=file type=file style="display: none" onchange='${list}'>`;
  const chat = '<input type=file hidden aria-label="A file for the chat">';

  test.each([
    [
      'by a place to drop it on',
      `<main><div tabindex=0>${hidden}<p>Drag and drop a file here, or click to select one</p></div></main>${chat}`,
    ],
    ['by a label drawn as a button', `<main><label>Upload document ${hidden}</label></main>`],
    [
      'by a menu',
      `<main><button onclick='menu.hidden = false'>Upload</button>${hidden}</main><div id=menu role=menu hidden>
      <div role=menuitem>From a link</div><div role=menuitem onclick='file.click()'>From your computer</div></div>`,
    ],
    [
      'in a dialog that can take more',
      `<main><button onclick='d.hidden = false'>Add document</button></main><div id=d role=dialog hidden>
      <input id=file type=file hidden><button onclick='file.click()'>Upload a file or drag and drop</button><button onclick='file.click()'>Add more</button>
      <button onclick='d.hidden = true'>Cancel</button><button onclick='${list}; d.hidden = true'>Start upload</button></div>`,
    ],
  ])(
    '%s',
    async (_, body) => {
      const page = await pageOf(body);
      await uploadFile(page, file, 8_000);
      await listed(page, 'guide').waitFor({ timeout: 3_000 });
    },
    enough,
  );

  test('once, by a button that comes later than the choice of files beside the page', async () => {
    const page = await pageOf(`<main id=m>Loading</main>${chat}<script>let times = 0; setTimeout(() => {
      m.innerHTML = "<button onclick='file.click()'>Upload document</button><input id=file type=file hidden onchange='document.title = ++times'>";
    }, 2_500)</script>`);
    await uploadFile(page, file, 8_000);
    expect(await page.title()).toBe('1');
  }, 60_000);

  test('by nothing, where there is nothing', async () => {
    await expect(uploadFile(await pageOf('<main>Documents</main>'), file, 500)).rejects.toThrow(
      'nothing to upload with',
    );
  }, 60_000);
});

describe('the theme', () => {
  const dark = 'document.body.style.background = "#111"';
  const turn = async (page: Page) => {
    await switchTo(page, (await themeSwitch(page))!, 'dark');
    await untilLook(page, 'dark', 2_000);
  };
  const late = (
    role: string,
  ) => `<button aria-label=Theme aria-expanded=false onclick='this.ariaExpanded = "true"; setTimeout(() => { list.hidden = false }, 400)'>x</button>
    <ul id=list hidden><li role=${role}>Light</li><li role=${role} onclick='${dark}'>🌙 Dark</li></ul>`;

  test.each([
    ['in a menu that comes after a moment', late('menuitem')],
    ['in a list that comes after a moment', late('option')],
    [
      'by a choice that has no size of its own',
      `<div role=radiogroup><label>Light <input type=radio name=t checked style="width: 0; height: 0; position: absolute"></label>
      <label>Dark <input type=radio name=t style="width: 0; height: 0; position: absolute" onchange='${dark}'></label></div>`,
    ],
    [
      'by a switch that is drawn over',
      `<div style="position: relative"><input type=checkbox role=switch aria-label="Dark mode" style="position: absolute; opacity: 0" onclick='${dark}'>
      <span style="position: absolute; inset: 0; width: 50px; height: 30px; background: #ccc"></span></div>`,
    ],
    [
      'by a button called by the look that is on',
      `<button onclick='this.isDark = !this.isDark; this.textContent = (this.isDark ? "Dark" : "Light") + " theme"; document.body.style.background = this.isDark ? "#111" : "#fff"'>Light theme</button>`,
    ],
  ])('is chosen %s', async (_, body) => turn(await pageOf(body)), enough);

  test.each([
    [
      'part',
      `<nav><a href="#look" onclick='b.hidden = false'>Appearance</a></nav><button id=b hidden onclick='${dark}'>Dark</button>`,
    ],
    [
      'menu',
      `<button aria-label="Open user menu" onclick='b.hidden = false'>x</button><div id=b hidden role=menu><div role=menuitemcheckbox onclick='${dark}'>Dark mode</div></div>`,
    ],
  ] as const)(
    'is found in a %s',
    async (where, body) => {
      const page = await pageOf(body);
      expect(await themeSwitch(page)).toBeNull();
      await lookFurther(page, where);
      await turn(page);
    },
    enough,
  );
});

describe('an account is asked for', () => {
  const button = `<button id=send disabled onclick='event.preventDefault(); document.title = "asked"'>Create account</button>`;
  const form = (
    names: string,
    terms: string,
  ) => `<form>${names}<label>Email <input></label><label>Workspace <input></label>
    <label>Password <input id=p type=password></label><label>Re-enter password <input id=again type=password></label>${terms}${button}</form>
    <script>const look = () => { send.disabled = [...document.querySelectorAll('input')].some((one) => one.type === 'checkbox' ? !one.checked : !one.value); };
    document.querySelectorAll('input').forEach((one) => { one.onblur = look; one.onchange = look; });</script>`;

  test.each([
    ['a name in two parts', '<label>First name <input></label><label>Last name <input></label>', ''],
    [
      'a nod to the terms',
      '<label>Full name <input></label>',
      '<label><input type=checkbox> I agree to the <a href="/terms">Terms</a></label>',
    ],
  ])(
    'with %s',
    async (_, names, terms) => {
      const page = await pageOf(form(names, terms));
      await fillIn(new Visit(page, environment), { email: 'a@example.com', password: 'Sd2!new' }, 'one');
      await page.locator('#send').click();
      expect(await page.title()).toBe('asked');
    },
    enough,
  );
});
