import { goTo } from '../../platform/pages/dashboard.ts';
import { firstSetting, type Setting, sameSetting } from '../../platform/pages/settings.ts';
import { untilQuiet } from '../../platform/pages/walk.ts';
import { type AtDashboard, atDashboard, comesIn, elsewhere } from './at-dashboard.ts';
import { type Changed, type Changing, change, stays, untilReads } from './change.ts';

/**
 * Which settings there are is each deployment's own affair, so the first one that can be changed is. It is changed twice:
 * what is made when first saved may well be stored, and a change of it not.
 */
export default atDashboard(['changes', 'stays'], async (at) => {
  const { page } = at.person;
  let setting: Setting | null = null;
  const again = (withinMs: number) => (setting === null ? Promise.resolve(null) : sameSetting(page, setting, withinMs));
  const first = async (withinMs: number) => {
    const found = await firstSetting(page, withinMs);
    setting = found;
    return found;
  };
  const changing = (value: string): Changing => ({
    place: 'settings',
    page: 'the settings',
    value,
    find: (withinMs) => (setting === null ? first(withinMs) : again(withinMs)),
    again,
  });
  const once = changing(`Setting ${at.journey.scope}`);
  const changed = await change(at, once);
  if (changed === null) return;
  await stays(at, once, changed);
  const second = changing(at.account.tenantId === null ? changed.before : `Another ${at.journey.scope}`);
  const anew = await change(at, second);
  if (anew === null) return;
  await stays(at, second, anew);
  if (setting !== null) await isThereElsewhere(at, setting, anew);
});

/** What a browser keeps for itself is no setting of the user; but how things look may belong to one computer by design. */
async function isThereElsewhere(at: AtDashboard, setting: Setting, { what, after }: Changed): Promise<void> {
  if (setting.kind !== 'text')
    return at.journey.unmet('a setting that is a text, which no browser keeps for itself', 'elsewhere');
  const there = await elsewhere(at);
  const { journey, dashboard } = there;
  const { page } = there.person;
  await journey.shows('elsewhere', async () => {
    await comesIn(there);
    await journey.does(`changing ${what} at one computer and opening the settings at another`, () =>
      untilQuiet(page, () => goTo(page, dashboard, 'settings')),
    );
    await journey.sees(`${what} was not as it had been left`, (withinMs) =>
      untilReads(page, (ms) => sameSetting(page, setting, ms), after, withinMs),
    );
  });
}
