import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { brightness, lookOf, switchTo, themeSwitch, untilLook } from '../../platform/pages/theme.ts';
import { browserOfTests } from './browser.ts';

/** Pages that are light or dark in several ways, and what they are switched with. */
const browser = browserOfTests();

async function pageOf(body: string): Promise<Page> {
  const page = await browser().newPage();
  await page.setContent(`<!doctype html><style>body { margin: 0; height: 100vh }</style>${body}`);
  return page;
}

const cards = '<main style="height: 100%; background: rgba(255,255,255,0.05); color: #eee">Words</main>';

describe('the look of a page', () => {
  test.each([
    ['nothing at all', '<p>Words</p>', 'light'],
    ['a dark colour', '<body style="background: #111; color: #eee">Words', 'dark'],
    ['a dark gradient', '<body style="background: linear-gradient(#000, #223); color: #eee">Words', 'dark'],
    ['a light gradient', '<body style="background: linear-gradient(#fff, #dde)">Words', 'light'],
    ['cards one sees through, over near-black', `<body style="background: #0a0a0f">${cards}`, 'dark'],
    ['cards one sees through, over white', `<body style="background: #fff">${cards}`, 'light'],
  ])(
    'with %s behind its words is told',
    async (_, body, look) => {
      expect(await lookOf(await pageOf(body))).toBe(look);
    },
    60_000,
  );

  test('is as bright as its colour is, by WCAG', async () => {
    expect(await brightness(await pageOf('<body style="background: #808080">'))).toBeCloseTo(0.216, 2);
  }, 60_000);
});

describe('a button', () => {
  const ground = 'document.body.style.background = ';
  const round = `<body><button aria-label="Theme" onclick='
    this.textContent = { System: "Light", Light: "Dark", Dark: "System" }[this.textContent];
    ${ground} this.textContent === "Dark" ? "#111" : "#fff"'>System</button>`;

  const press = async (page: Page, look: 'dark' | 'light') => switchTo(page, (await themeSwitch(page))!, look);

  test('that goes round through three looks is pressed until the one is there', async () => {
    const page = await pageOf(round);
    await press(page, 'dark');
    await untilLook(page, 'dark', 5_000);
    await press(page, 'light');
    await untilLook(page, 'light', 5_000);
  }, 60_000);

  test.each([
    ['does nothing', 'this.n = (this.n ?? 0) + 1'],
    ['works at the second press alone', `this.n = (this.n ?? 0) + 1; if (this.n === 2) ${ground} "#111"`],
  ])(
    'that %s is pressed once',
    async (_, does) => {
      const page = await pageOf(`<body><button aria-label="Theme" onclick='${does}'>Theme</button>`);
      await press(page, 'dark');
      expect(await page.evaluate('document.querySelector("button").n')).toBe(1);
      expect(await lookOf(page)).toBe('light');
    },
    60_000,
  );

  test('that opens a menu is chosen from', async () => {
    const page = await pageOf(`<body><button aria-label="Theme" onclick='menu.hidden = false'>Theme</button>
      <div id=menu role=menu hidden><div role=menuitem onclick='${ground} "#111"'>Dark</div></div>`);
    await press(page, 'dark');
    await untilLook(page, 'dark', 5_000);
  }, 60_000);
});
