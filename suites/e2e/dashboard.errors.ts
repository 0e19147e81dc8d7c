import type { Route } from 'playwright-core';
import { isRecord } from '../../platform/json.ts';
import { complaints, goTo, newComplaint, retry, save, settled } from '../../platform/pages/dashboard.ts';
import { middle } from '../../platform/pages/find.ts';
import { nameField } from '../../platform/pages/settings.ts';
import { dataOf } from '../../platform/people.ts';
import type { Reply } from '../../platform/trpc.ts';
import { type AtDashboard, atDashboard } from './at-dashboard.ts';

const settleMs = 500;

/** How calls to the API may fail: it answers that it failed, or it does not answer. */
const failures = {
  'the server fails': (route: Route) =>
    route.fulfill({ status: 500, contentType: 'application/json', body: JSON.stringify(serverError) }),
  'the connection is cut': (route: Route) => route.abort('connectionreset'),
} as const;
type Failure = keyof typeof failures;

const serverError = {
  error: {
    message: 'Internal server error',
    code: -32603,
    data: { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500 },
  },
};

export default atDashboard(['shown', 'recovers'], async (at) => {
  for (const failure of Object.keys(failures) as Failure[]) {
    await whileLoading(at, failure);
    await whileSaving(at, failure);
  }
});

/** A page is opened and what belongs on it cannot be had. */
async function whileLoading(at: AtDashboard, failure: Failure): Promise<void> {
  const { journey, person, dashboard, patienceMs } = at;
  const { page } = person;
  const noise: string[] = [];
  // What a page says while all is well is no complaint, whatever its words.
  for (const place of ['knowledge', 'profile'] as const) {
    await journey.does(`going to the ${place} page`, () => goTo(page, dashboard, place));
    await page.waitForTimeout(settleMs);
    noise.push(...(await complaints(page)));
  }
  // Afterwards the page holds nothing in memory any more that it might show instead.
  await journey.does('reloading the profile page', async () => void (await page.reload()));
  await journey.sees('the profile did not appear', (withinMs) => needed(nameField(page, withinMs)));
  const lift = await fail(at, failure);
  const shown = await journey.shows('shown', async () => {
    await journey.does(`opening the knowledge page while ${failure}`, () => goTo(page, dashboard, 'knowledge'));
    await journey.sees('nothing on the page said so', (withinMs) => newComplaint(page, noise, withinMs));
  });
  const complaint = shown ? await newComplaint(page, noise, patienceMs).catch(() => '') : '';
  await lift();
  await journey.shows('recovers', async () => {
    await journey.does('trying again when all was well', () => tryAgain(at));
    await journey.sees('the page did not recover', (withinMs) => isGone(at, complaint, withinMs));
  });
}

/** Something is to be saved and is not. */
async function whileSaving(at: AtDashboard, failure: Failure): Promise<void> {
  const { journey, person, dashboard } = at;
  const { page } = person;
  await journey.shows('recovers', async () => {
    await journey.does('opening the profile', () => goTo(page, dashboard, 'profile'));
    const name = await journey.sees('no field for the name appeared', (withinMs) => needed(nameField(page, withinMs)));
    // Filled in before its data came, it would be filled in again.
    const held = await journey.does('reading the name', () => settled(name, page, at.patienceMs));
    const noise = await complaints(page);
    const value = `${held} again`;
    await journey.does('entering another name', () => name.write(value));
    const lift = await fail(at, failure);
    await journey.shows('shown', async () => {
      await journey.does(`saving the profile while ${failure}`, () => save(page, name.control));
      await journey.sees('nothing on the page said so', (withinMs) => newComplaint(page, noise, withinMs));
    });
    await lift();
    await journey.does('saving the profile once more when all was well', () => save(page, name.control));
    await journey.sees('what had been entered was not saved', (withinMs) => isSaved(at, value, withinMs));
  });
}

/** Lets every call to the API fail from now on; returns what ends it. */
async function fail({ journey, person: { context } }: AtDashboard, failure: Failure): Promise<() => Promise<void>> {
  const path = journey.environment.api?.trpcPath ?? '/trpc';
  const isCall = (url: URL): boolean => url.pathname.includes(`${path.replace(/\/$/, '')}/`);
  const handler = failures[failure];
  await context.route(isCall, handler);
  return () => context.unroute(isCall, handler);
}

/** By what the page offers for it, or else as one does with any page. */
async function tryAgain({ person: { page } }: AtDashboard): Promise<void> {
  const button = retry(page);
  let pressed = 0;
  for (; pressed < 5 && (await button.isVisible()); pressed++) {
    await button.click();
    await page.waitForTimeout(300);
  }
  // A page need not offer it, and then one does as with any page.
  if (pressed === 0 || (await button.isVisible())) await page.reload();
}

async function isGone({ person: { page } }: AtDashboard, complaint: string, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  while ((await complaints(page)).includes(complaint)) {
    if (Date.now() > until) throw new Error('still complaining');
    await page.waitForTimeout(100);
  }
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden, a user does not read.
  const text = (await (await middle(page)).getByRole('heading').first().innerText({ timeout: withinMs })).trim();
  if (text === '') throw new Error('an empty page');
}

const nameOf = (reply: Reply): unknown => {
  const data = dataOf(reply);
  return isRecord(data) ? data.name : undefined;
};

async function needed<T>(found: Promise<T | null>): Promise<T> {
  const value = await found;
  if (value === null) throw new Error('nothing');
  return value;
}

async function isSaved({ account }: AtDashboard, value: string, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  while (nameOf(await account.client.query('users.me')) !== value) {
    if (Date.now() > until) throw new Error('another name');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
