import { goTo } from '../../platform/pages/dashboard.ts';
import {
  type Look,
  lookFurther,
  lookOf,
  switchTo,
  type ThemeSwitch,
  themeSwitch,
  untilLook,
} from '../../platform/pages/theme.ts';
import { type AtDashboard, atDashboard } from './at-dashboard.ts';

export default atDashboard(['switches', 'stays'], async (at) => {
  const { journey, person } = at;
  const before = await lookOf(person.page);
  const looks: readonly Look[] = before === 'light' ? ['dark', 'light'] : ['light', 'dark'];
  for (const look of looks) {
    const switched = await journey.shows('switches', () => wear(at, look));
    if (!switched) return;
    await journey.shows('stays', () => isStillWorn(at, look));
  }
});

async function wear(at: AtDashboard, look: Look): Promise<void> {
  const { journey, person } = at;
  const control = await journey.sees('nothing to switch the theme with appeared', (withinMs) =>
    findSwitch(at, withinMs),
  );
  await journey.does(`choosing the ${look} theme`, () => switchTo(person.page, control, look));
  await journey.sees(`the page did not become ${look}`, (withinMs) => untilLook(person.page, look, withinMs));
}

async function isStillWorn({ journey, person }: AtDashboard, look: Look): Promise<void> {
  await journey.does(
    `choosing the ${look} theme and reloading the page`,
    async () => void (await person.page.reload()),
  );
  await journey.sees(`the page was no longer ${look}`, (withinMs) => untilLook(person.page, look, withinMs));
}

/** On the page one is on, or else among the settings or in the menu of the user. */
async function findSwitch({ person: { page }, dashboard }: AtDashboard, withinMs: number): Promise<ThemeSwitch> {
  const until = Date.now() + withinMs;
  for (let look = 0; Date.now() < until; look++) {
    const found = await themeSwitch(page);
    if (found !== null) return found;
    if (look === 10) await goTo(page, dashboard, 'settings');
    if (look === 30) await lookFurther(page, 'part');
    if (look === 50) await lookFurther(page, 'menu');
    await page.waitForTimeout(100);
  }
  throw new Error('no theme switch');
}
