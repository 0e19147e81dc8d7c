import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { type Journey, JourneyBroke } from '../../runners/journey.ts';
import { mindingLimits } from '../../suites/e2e/limits.ts';
import { browserOfTests } from '../pages/browser.ts';

/** Stories at a page whose door answers in several ways. */
const browser = browserOfTests();

const base = 'http://door.test';

/** What a story says of itself that asks for this address, is answered with this status, and ends well or ill. */
async function said(path: string, status: number, ends: 'well' | 'ill'): Promise<string[]> {
  const words: string[] = [];
  const context = await browser().newContext();
  await context.route('**', (route) => {
    const asked = new URL(route.request().url()).pathname === path;
    return route.fulfill({ status: asked ? status : 200, contentType: 'text/html', body: '<body></body>' });
  });
  const journey = mindingLimits({
    shows: async (assertion: string, told: () => Promise<void>) => {
      try {
        await told();
        words.push(`${assertion} holds`);
        return true;
      } catch (error) {
        if (!(error instanceof JourneyBroke)) throw error;
        words.push(`${assertion} broke: ${error.message}`);
        return false;
      }
    },
    unmet: (needs: string) => words.push(`needs ${needs}`),
    person: async (name: string) => ({ name, context, page: await context.newPage() }),
  } as unknown as Journey);
  const { page } = await journey.person('a user');
  const shown = await journey.shows('signs-in', () => story(page, path, ends));
  expect(shown).toBe(words[0] === 'signs-in holds');
  await context.close();
  return words;
}

async function story(page: Page, path: string, ends: 'well' | 'ill'): Promise<void> {
  await page.goto(base);
  await page.evaluate(`fetch(${JSON.stringify(path)}, { method: 'POST' }).then((answer) => answer.text())`);
  if (ends === 'ill') throw new JourneyBroke('no dashboard');
}

const [callback, login] = ['/api/auth/callback/credentials', '/trpc/auth.login'];
const unmet = ['needs a limit of sign-ins that lets those of this check through'];

describe('a story at the door', () => {
  test.each([callback, login, '/api/auth/csrf', '/trpc/users.me,auth.register'])(
    'shows nothing, ill or well, when %s was refused for how often it was asked',
    async (path) => {
      expect(await said(path, 429, 'ill')).toEqual(unmet);
      expect(await said(path, 429, 'well')).toEqual(unmet);
    },
    60_000,
  );

  test.each([
    [callback, 401],
    [login, 500],
    ['/api/auth/session', 429],
    ['/trpc/auth.getSession', 429],
    ['/trpc/widgets.list', 429],
  ])(
    'is judged as ever when %s answered %s',
    async (path, status) => {
      expect(await said(path, status, 'ill')).toEqual(['signs-in broke: no dashboard']);
      expect(await said(path, status, 'well')).toEqual(['signs-in holds']);
    },
    60_000,
  );
});
