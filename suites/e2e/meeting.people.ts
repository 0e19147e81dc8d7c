import { counted, isOnline, lists, listsOneself, until } from '../../platform/pages/meeting.ts';
import { type AtMeeting, atMeeting, type Guest } from './at-meeting.ts';

export default atMeeting(['listed', 'counted'], async (at) => {
  await at.journey.shows('listed', () => seeEachOther(at));
  await at.journey.shows('counted', async () => {
    for (const one of [at.host, at.guest])
      await at.journey.sees('not exactly two people were counted', (withinMs) => counts(one, withinMs));
  });
});

async function seeEachOther({ journey, host, guest }: AtMeeting): Promise<void> {
  for (const [one, other] of [
    [host, guest],
    [guest, host],
  ] as const)
    for (const { name } of [one, other])
      await journey.sees(`${name} was not in the list that ${one.name} sees`, (withinMs) =>
        until(one.page, () => (name === one.name ? listsOneself : lists)(one.page, name), withinMs),
      );
}

/** An agent that is there may be counted as well. */
async function counts({ page }: Guest, withinMs: number): Promise<void> {
  await until(
    page,
    async () => {
      const [people, agent] = [await counted(page), await isOnline(page)];
      return people === 2 || (people === 3 && agent);
    },
    withinMs,
  );
}
