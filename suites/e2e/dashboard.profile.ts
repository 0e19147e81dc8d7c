import { isRecord } from '../../platform/json.ts';
import { nameField } from '../../platform/pages/settings.ts';
import { dataOf } from '../../platform/people.ts';
import { type AtDashboard, atDashboard } from './at-dashboard.ts';
import { type Changing, change, stays } from './change.ts';

export default atDashboard(['changes', 'stays'], async (at) => {
  const { page } = at.person;
  const changing: Changing = {
    place: 'profile',
    page: 'the profile',
    value: `Renamed ${at.journey.scope}`,
    find: (withinMs) => nameField(page, withinMs),
  };
  const changed = await change(at, changing);
  if (changed === null) return;
  await stays(at, changing, changed);
  await isKnown(at, changed.after);
  // An account that was lent gets the name back that it had.
  if (at.account.tenantId === null) await change(at, { ...changing, value: changed.before });
});

/** What the page shows again might be kept in the browser alone. */
async function isKnown({ journey, account }: AtDashboard, name: string): Promise<void> {
  const me = dataOf(await account.client.query('users.me'));
  const found = isRecord(me) ? me.name : undefined;
  const seen = { expected: `"${name}" in users.me`, observed: found === name ? 'the new name' : 'another name' };
  if (found === name) journey.holds('stays', seen);
  else journey.breaks('stays', 'after changing the name and saving it the API still told the old one', seen);
}
