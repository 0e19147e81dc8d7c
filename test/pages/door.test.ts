import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { insideSign, signInAs, signOutOf, untilSide, whichSide } from '../../platform/pages/entrance.ts';
import { askForLink } from '../../platform/pages/reset.ts';
import { Visit } from '../../platform/pages/visit.ts';
import { browserOfTests, environment, servedPage } from './browser.ts';

/** Ways in and out as kits of components build them. */
const browser = browserOfTests();
const enough = 60_000;

const pageOf = (body: string): Promise<Page> => servedPage(browser(), () => body, 4_000);

const who = { email: 'a@example.com', password: 'secret' };
const said = (page: Page) => page.locator('#said').textContent();
const checks = 'event.preventDefault(); said.textContent = e.value + " " + p.value';
const fields = '<label>Email <input id=e></label><label>Password <input id=p type=password></label>';

describe('somebody signs in', () => {
  test.each([
    [
      'below a link and beside a tab of the same name',
      `<header><a href="/login">Sign in</a></header><div role=tablist><button role=tab>Sign in</button><button role=tab>Sign up</button></div>
      <form onsubmit='${checks}'>${fields}<button>Sign in</button></form>`,
    ],
    [
      'by a button that goes by another name',
      `<form onsubmit='${checks}'>${fields}<button type=button aria-label="Show password">o</button><button>Continue</button>
      <button type=button>Continue with Google</button></form>`,
    ],
    [
      'where the address is asked for first',
      `<form id=first onsubmit='event.preventDefault(); second.hidden = false; next.remove()'><label>Email <input id=e></label>
      <button id=next>Continue</button></form><form id=second hidden onsubmit='${checks}'><label>Password <input id=p type=password></label>
      <button>Sign in</button></form>`,
    ],
    [
      'where a field is looked at when it is left',
      `<form onsubmit='${checks}'>${fields}<button id=send disabled>Sign in</button></form>
      <script>p.onblur = () => { send.disabled = p.value === ''; }</script>`,
    ],
    [
      'where labels are not tied to their fields',
      `<form onsubmit='${checks}'><label>Login</label><input id=e type=email><label>Secret</label><input id=p type=password>
      <button>Sign in</button></form>`,
    ],
    [
      'on a page that only leads to the form',
      `<p>You have been signed out.</p><button onclick='this.remove(); f.hidden = false'>Sign in</button>
      <form id=f hidden onsubmit='${checks}'>${fields}<button>Sign in</button></form>`,
    ],
  ])(
    '%s',
    async (_, body) => {
      const page = await pageOf(`<p id=said></p>${body}`);
      await signInAs(page, who);
      expect(await said(page)).toBe('a@example.com secret');
    },
    enough,
  );

  test('who forgot the password gives the address in the dialog in front', async () => {
    const page = await pageOf(`<p id=said></p><div aria-hidden=true>${fields}<button>Sign in</button></div>
      <div role=dialog><label>Email <input id=mine></label><button onclick='said.textContent = mine.value'>Send link</button></div>`);
    await askForLink(new Visit(page, environment), who.email);
    expect(await said(page)).toBe(who.email);
  }, 60_000);
});

describe('the menu of the user', () => {
  const menu = (button: string, out: string) => `<header>${button.replace(
    '>',
    ` onclick='
    document.body.insertAdjacentHTML("beforeend", out.innerHTML)'>`,
  )}</header><template id=out><div role=menu>
    <div role=menuitem>Profile</div><div role=menuitem onclick='${out}'>Log out</div></div></template>`;
  const leaves = 'document.body.innerHTML = "<h1>Welcome</h1><a href=/login>Sign in</a>"';

  test.each([
    ['initials', '<button>SR</button>'],
    ['a name and an address', '<button aria-haspopup=menu><b>Sam Roe</b> <small>sam@example.com</small></button>'],
    ['a picture', '<button aria-haspopup=menu><img alt="Avatar of Sam" src="data:,"></button>'],
    ['the name of an account of ours', '<button aria-haspopup=true>Shakedown sd-1234</button>'],
  ])(
    'behind %s tells that one is in, and leads out',
    async (_, button) => {
      const page = await pageOf(menu(button, leaves));
      expect(await whichSide(page, 5_000)).toBe('inside');
      await signOutOf(page);
      await untilSide(page, 'outside', 5_000);
    },
    enough,
  );

  test.each([
    [
      'a dialog',
      `document.querySelector("[role=menu]").remove(); document.body.insertAdjacentHTML("beforeend",
      "<div role=alertdialog>Really?<button>Cancel</button><button onclick=yes()>Log out</button></div>")`,
    ],
    ['the browser', 'if (confirm("Really?")) yes()'],
  ])(
    'leads out where %s asks once more',
    async (_, out) => {
      const page = await pageOf(
        `${menu('<button aria-label="User account menu">x</button>', out)}<script>window.yes = () => { ${leaves} }</script>`,
      );
      await signOutOf(page);
      await untilSide(page, 'outside', 5_000);
    },
    enough,
  );

  test.each([
    ['of languages', '<header><button aria-haspopup=menu>EN</button></header>'],
    ['of anything else', '<header><button aria-haspopup=menu>Products</button></header>'],
    ['of letters in the page', '<main><button>B</button><button>I</button></main>'],
  ])(
    '%s is none',
    async (_, body) => {
      expect(await insideSign(await pageOf(body)).isVisible()).toBe(false);
    },
    enough,
  );
});
