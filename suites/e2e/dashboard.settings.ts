import { firstSetting, type Setting, sameSetting } from '../../platform/pages/dashboard.ts';
import { atDashboard } from './at-dashboard.ts';
import { type Changing, change, stays } from './change.ts';

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
  if (anew !== null) await stays(at, second, anew);
});
