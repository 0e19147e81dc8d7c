import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { goTo, save, settled } from '../../platform/pages/dashboard.ts';
import { firstSetting, nameField, sameSetting } from '../../platform/pages/settings.ts';
import { base, browserOfTests, servedPage } from './browser.ts';

/** Settings and profiles as kits of components build them. */
const browser = browserOfTests();
const enough = 60_000;

const pageOf = (body: string): Promise<Page> =>
  servedPage(browser(), (pathname) => (pathname === '/' ? body : `<h1>at ${pathname}</h1>`), 4_000);

describe('a setting', () => {
  const list = `<template id=list><ul role=listbox><li role=option aria-selected=true>English</li>
    <li role=option onclick='c.textContent = "German"; this.parentElement.remove()'>German</li></ul></template>`;
  const opens = "onclick='document.body.append(list.content.cloneNode(true))'";

  test.each([
    ['a list of the page', `<button role=combobox id=c ${opens}>English</button>${list}`, 'English', 'German'],
    [
      'a box that is drawn anew',
      '<label style="position: relative; display: block"><input type=checkbox style="position: absolute; width: 1px; height: 1px; overflow: hidden; clip: rect(0,0,0,0)"><div style="position: absolute; inset: 0; background: #ddd; height: 20px"></div></label>',
      'false',
      'true',
    ],
    [
      'a switch',
      '<button role=switch aria-checked=false onclick=\'this.ariaChecked = this.ariaChecked !== "true"\'></button>',
      'false',
      'true',
    ],
    [
      'a text below a search',
      '<input placeholder="Search settings"><label>Greeting <input value=Hi></label>',
      'Hi',
      'Hello',
    ],
    [
      'a text below a colour',
      '<label>Colour <input pattern="#[0-9a-f]{6}" value="#123456"></label><label>Greeting <input value=Hi></label>',
      'Hi',
      'Hello',
    ],
  ])(
    'that is %s is changed',
    async (_, body, before, after) => {
      const page = await pageOf(`<main>${body}</main>`);
      const setting = (await firstSetting(page, 5_000))!;
      expect(await settled(setting, page, 5_000)).toBe(before);
      expect(await setting.write('Hello')).toBe(after);
      expect(await settled(setting, page, 5_000)).toBe(after);
    },
    enough,
  );

  test('may be under another tab than the first, also after the page is opened again', async () => {
    const tab = (name: string, shows: string) =>
      `<button role=tab aria-selected=false onclick='this.ariaSelected = "true"; panel.innerHTML = ${shows}'>${name}</button>`;
    const page = await pageOf(`<main><button role=tab aria-selected=true>Plan</button>${tab('Members', '"<p>Two</p>"')}
      ${tab('General', '"<label>Greeting <input value=Hi></label>"')}<div id=panel><p>Free</p></div></main>`);
    const setting = (await firstSetting(page, 3_000))!;
    await page.reload();
    expect([setting.tab, await (await sameSetting(page, setting, 3_000))!.read()]).toEqual(['General', 'Hi']);
  }, 60_000);

  test.each([
    ['when it is left', '<main><label>Greeting <input onchange="document.title = this.value"></label></main>'],
    [
      'by the button of its own card',
      `<main><div><label><input type=checkbox> Mails</label><button onclick="document.title = 'wrong'">Save</button></div>
      <div><p><label>Greeting <input id=g></label></p><button onclick="document.title = g.value">Save</button></div></main>`,
    ],
    [
      'by a bar outside of the page’s middle',
      `<main><label>Greeting <input id=g oninput="bar.hidden = false"></label></main>
      <div id=bar hidden>Unsaved changes <button onclick="document.title = g.value">Save changes</button></div>`,
    ],
  ])(
    'is saved %s',
    async (_, body) => {
      const page = await pageOf(body);
      const setting = (await firstSetting(page, 5_000))!;
      await setting.write('Hello');
      await save(page, setting.control);
      expect(await page.title()).toBe('Hello');
    },
    enough,
  );
});

describe('the name on a profile', () => {
  test.each([
    [
      'in a form of its own',
      `<p>Sam</p><button onclick='document.body.insertAdjacentHTML("beforeend", d.innerHTML)'>Edit profile</button>
      <template id=d><div role=dialog><label>Name <input value=Sam></label></div></template>`,
    ],
    [
      'in the same field',
      "<label>Name <input id=n value=Sam readonly></label><button onclick='n.readOnly = false'>Edit</button>",
    ],
  ])(
    'may be edited %s, once one asks for it',
    async (_, body) => {
      const page = await pageOf(`<main>${body}</main>`);
      const name = (await nameField(page, 5_000))!;
      expect([await name.read(), await name.write('Ada')]).toEqual(['Sam', 'Ada']);
      expect(await name.read()).toBe('Ada');
    },
    enough,
  );

  test(
    'is edited at once where the field takes it',
    async () => {
      const page = await pageOf(
        '<main><button onclick="document.body.innerHTML = \'\'">Edit avatar</button></main><script>setTimeout(() => document.querySelector("main").insertAdjacentHTML("beforeend", "<label>Name <input></label>"), 500)</script>',
      );
      expect(await (await nameField(page, 5_000))!.write('Ada')).toBe('Ada');
    },
    enough,
  );
});

describe('the way to a page', () => {
  test.each([
    ['by its link', '<nav><a href="/documents">Documents</a></nav>', '/documents'],
    [
      'by its address, where a button only unfolds',
      '<nav><button aria-expanded=false>Knowledge</button></nav>',
      '/knowledge',
    ],
    ['by its address, where nothing leads there', '<p>Home</p>', '/knowledge'],
    ['by a button', '<nav><button onclick="location.href = \'/docs\'">Documents</button></nav>', '/docs'],
  ])(
    'is gone %s',
    async (_, body, path) => {
      const page = await pageOf(body);
      await goTo(page, base, 'knowledge');
      await page.getByText(`at ${path}`).waitFor();
    },
    enough,
  );

  test(
    'ends at the dialog that a button opens',
    async () => {
      const page = await pageOf(
        '<button onclick="d.hidden = false">Settings</button><div id=d role=dialog aria-label=Settings hidden>Hello</div>',
      );
      await goTo(page, base, 'settings');
      expect(new URL(page.url()).pathname).toBe('/');
    },
    enough,
  );
});
