import type { Page } from 'playwright-core';
import { goTo, noiseOn, type Place, saidOfSaving, save, settled } from '../../platform/pages/dashboard.ts';
import type { Change } from '../../platform/pages/settings.ts';
import { untilQuiet } from '../../platform/pages/walk.ts';
import type { AtDashboard } from './at-dashboard.ts';

/** Something a user changes on a page of the dashboard, and expects to find changed when coming back. */
export interface Changing {
  readonly place: Place;
  /** What the page is called: "the profile". */
  readonly page: string;
  readonly value: string;
  find(withinMs: number): Promise<Change | null>;
  /** The same once more, for pages that hold several. */
  again?(withinMs: number): Promise<Change | null>;
}

export interface Changed {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

/** Changes it; null when that was not possible, and said so. */
export async function change(at: AtDashboard, changing: Changing): Promise<Changed | null> {
  const { journey } = at;
  let changed: Changed | null = null;
  await journey.shows('changes', async () => {
    changed = await changeOn(at, changing);
  });
  return changed;
}

async function changeOn(at: AtDashboard, { place, page: name, value, find }: Changing): Promise<Changed> {
  const { journey, person, dashboard } = at;
  const { page } = person;
  await journey.does(`opening ${name}`, () => untilQuiet(page, () => goTo(page, dashboard, place)));
  const found = await journey.sees(`nothing that can be changed appeared in ${name}`, (withinMs) =>
    needed(find(withinMs)),
  );
  const before = await journey.does(`reading ${found.what}`, () => settled(found, page, at.patienceMs));
  const after = await journey.does(`changing ${found.what}`, () => write(at, found, before, value));
  await journey.does(`saving ${name}`, () => saveOn(at, found));
  return { what: found.what, before, after };
}

/** What was put in must be there, and stay: a field that puts back what it held cannot be changed. */
async function write({ person: { page }, patienceMs }: AtDashboard, change: Change, before: string, value: string) {
  const wanted = await change.write(value);
  const after = await settled(change, page, patienceMs);
  if (after !== wanted) throw new Error(after === before ? 'it kept what it held' : 'it took something else');
  if (after === before) throw new Error('it held that before');
  return after;
}

/** A page need not say that it saved, but one that says it did not is believed. */
async function saveOn({ person: { page }, patienceMs }: AtDashboard, { control }: Change): Promise<void> {
  const noise = await noiseOn(page);
  await save(page, control);
  const said = await saidOfSaving(page, noise, patienceMs / 2);
  if (said !== null && said !== 'saved') throw new Error(`the page said "${said.slice(0, 120)}"`);
}

/** After a reload it is still as it was left. */
export async function stays(at: AtDashboard, changing: Changing, { what, after }: Changed): Promise<void> {
  const { journey, person } = at;
  const { page } = person;
  const { page: name, find, again = find } = changing;
  await journey.shows('stays', async () => {
    await journey.does(`changing ${what}, saving it and reloading ${name}`, async () => void (await page.reload()));
    await journey.sees(`${what} was no longer as it had been left`, (withinMs) =>
      untilReads(page, again, after, withinMs),
    );
  });
}

/** Waits until what is found holds this; throws when it goes on holding something else. */
export async function untilReads(page: Page, find: Changing['find'], wanted: string, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  while ((await (await find(withinMs))?.read().catch(() => null)) !== wanted) {
    if (Date.now() > until) throw new Error('another value');
    await page.waitForTimeout(100);
  }
}

async function needed<T>(found: Promise<T | null>): Promise<T> {
  const value = await found;
  if (value === null) throw new Error('nothing');
  return value;
}
