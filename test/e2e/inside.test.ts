import { describe, expect, test } from 'vitest';
import { Visit } from '../../platform/pages/visit.ts';
import type { Journey } from '../../runners/journey.ts';
import { isIn } from '../../suites/e2e/visitors.ts';
import { base, browserOfTests, environment } from '../pages/browser.ts';

/** Dashboards that come up after a sign-in, and what the platform says of who is there. */
const browser = browserOfTests();

const form = '<label>Email <input></label><label>Password <input type=password></label><button>Sign in</button>';
const shell = '<button>Log out</button>';

/** Goes through where the user is let in, and throws where not. */
async function comesIn(body: string, session: object | null, patienceMs: readonly number[] = []): Promise<void> {
  const page = await browser().newPage();
  await page.route('**', (route) => {
    const asked = new URL(route.request().url()).pathname === '/api/auth/session';
    const json = { contentType: 'application/json', body: JSON.stringify(session) };
    return route.fulfill(asked ? json : { contentType: 'text/html', body: `<!doctype html><body>${body}` });
  });
  await page.goto(base);
  const [...waits] = patienceMs;
  const sees = (_missing: string, look: (withinMs: number) => Promise<unknown>) => look(waits.shift() ?? 30_000);
  const journey = { environment, sees } as unknown as Journey;
  const visitor = { dashboard: new Visit(page, environment), token: async () => null };
  await isIn(journey, visitor, 'Ada@example.com').finally(() => page.close());
}

const soon = (ms: number, html: string) =>
  `<script>setTimeout(() => { document.body.innerHTML = ${JSON.stringify(html)} }, ${ms})</script>`;
const ada = { user: { email: 'ada@example.com' } };

describe('somebody is let in', () => {
  test.each([
    ['at once', shell],
    ['by a door that takes a while', form + soon(1_500, shell)],
  ])(
    '%s',
    async (_, body) => {
      await comesIn(body, ada);
    },
    60_000,
  );

  test.each([
    ['where the dashboard was drawn for a moment', shell + soon(300, form), ada, [3_000], /not inside/],
    ['where nobody is known in the dashboard that is drawn', shell, null, [30_000, 500], /nobody instead of/],
    [
      'to the dashboard of somebody else',
      shell,
      { user: { email: 'ben@example.com' } },
      [30_000, 500],
      /ben@example.com instead of/,
    ],
  ])(
    'not %s',
    async (_, body, session, patienceMs, why) => {
      await expect(comesIn(body, session, patienceMs)).rejects.toThrow(why);
    },
    60_000,
  );
});
