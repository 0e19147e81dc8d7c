import type { Page } from 'playwright-core';
import { openEntrance, signInAs, under, untilSide, whichSide } from '../../platform/pages/entrance.ts';
import type { JourneyBody } from '../../runners/journey.ts';
import { type AtDashboard, arrive } from './at-dashboard.ts';
import { withHttp } from './room.ts';

/** Longer than a page may keep in memory, shorter than any session that is meant to last. */
const laterMs = 4_000;

/** Signed in by the door: what the door gives is what must survive. */
const body: JourneyBody = (ours) =>
  withHttp(ours, async (http) => {
    const at = await arrive(ours, http, 'reload');
    if (at === null) return;
    const { journey } = at;
    await at.person.context.clearCookies();
    await journey.shows('reload', () => survivesReload(at));
    await journey.shows('new-tab', () => isKnownInNewTab(at));
  });
export default body;

async function survivesReload({ journey, person: { page }, account, dashboard }: AtDashboard): Promise<void> {
  await journey.does('opening the sign-in page', () => openEntrance(page, dashboard));
  await journey.does('signing in', () => signInAs(page, account));
  await journey.sees('the dashboard did not open', (withinMs) => untilSide(page, 'inside', withinMs));
  await journey.does('signing in and reloading the page', async () => void (await page.reload()));
  await journey.sees('one was no longer signed in', (withinMs) => isInside(page, withinMs));
  await page.waitForTimeout(laterMs);
  await journey.does(
    'signing in and reloading the page again a few seconds later',
    async () => void (await page.reload()),
  );
  await journey.sees('one was no longer signed in', (withinMs) => isInside(page, withinMs));
}

async function isKnownInNewTab({ journey, person: { context }, dashboard }: AtDashboard): Promise<void> {
  const page = await context.newPage();
  const open = async () => void (await page.goto(under(dashboard, 'knowledge')));
  await journey.does('signing in and opening a page of the dashboard in another tab', open);
  await journey.sees('one was not signed in there', (withinMs) => isInside(page, withinMs));
}

async function isInside(page: Page, withinMs: number): Promise<void> {
  if ((await whichSide(page, withinMs)) !== 'inside') throw new Error('nobody is signed in');
}
