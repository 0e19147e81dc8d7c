import { firstSetting } from '../../platform/pages/dashboard.ts';
import { atDashboard } from './at-dashboard.ts';
import { type Changing, change, stays } from './change.ts';

/**
 * Which settings there are is each deployment's own affair, so the first one that can be changed is. It is changed twice:
 * what is made when first saved may well be stored, and a change of it not.
 */
export default atDashboard(['changes', 'stays'], async (at) => {
  const { page } = at.person;
  const changing = (value: string): Changing => ({
    place: 'settings',
    page: 'the settings',
    value,
    find: (withinMs) => firstSetting(page, withinMs),
  });
  const first = changing(`Setting ${at.journey.scope}`);
  const changed = await change(at, first);
  if (changed === null) return;
  await stays(at, first, changed);
  const second = changing(at.account.tenantId === null ? changed.before : `Another ${at.journey.scope}`);
  const again = await change(at, second);
  if (again !== null) await stays(at, second, again);
});
