import { type Change, complaints, goTo, type Place, saidOfSaving, save } from '../../platform/pages/dashboard.ts';
import type { AtDashboard } from './at-dashboard.ts';

/** Something a user changes on a page of the dashboard, and expects to find changed when coming back. */
export interface Changing {
  readonly place: Place;
  /** What the page is called: "the profile". */
  readonly page: string;
  readonly value: string;
  find(withinMs: number): Promise<Change | null>;
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
  await journey.does(`opening ${name}`, () => goTo(page, dashboard, place));
  const found = await journey.sees(`nothing that can be changed appeared in ${name}`, (withinMs) =>
    needed(find(withinMs)),
  );
  const before = await found.read();
  const after = await journey.does(`changing ${found.what}`, () => found.write(value));
  await journey.does(`saving ${name}`, () => saveOn(at, found));
  return { what: found.what, before, after };
}

/** A page need not say that it saved, but one that says it did not is believed. */
async function saveOn({ person: { page }, patienceMs }: AtDashboard, { control }: Change): Promise<void> {
  const noise = await complaints(page);
  await save(page, control);
  const said = await saidOfSaving(page, noise, patienceMs / 2);
  if (said !== null && said !== 'saved') throw new Error(`the page said "${said.slice(0, 120)}"`);
}

/** After a reload it is still as it was left. */
export async function stays(at: AtDashboard, { page: name, find }: Changing, { what, after }: Changed): Promise<void> {
  const { journey, person } = at;
  const { page } = person;
  await journey.shows('stays', async () => {
    await journey.does(`changing ${what}, saving it and reloading ${name}`, async () => void (await page.reload()));
    await journey.sees(`${what} was no longer as it had been left`, async (withinMs) => {
      const until = Date.now() + withinMs;
      while ((await (await find(withinMs))?.read().catch(() => null)) !== after) {
        if (Date.now() > until) throw new Error('another value');
        await page.waitForTimeout(100);
      }
    });
  });
}

async function needed<T>(found: Promise<T | null>): Promise<T> {
  const value = await found;
  if (value === null) throw new Error('nothing');
  return value;
}
