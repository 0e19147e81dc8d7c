import { control, pictures, showsSomething, until } from '../../platform/pages/meeting.ts';
import { type AtMeeting, atMeeting, patient } from './at-meeting.ts';

export default atMeeting(['received', 'ended'], async (at) => {
  const before = await settled(at);
  const received = await at.journey.shows('received', () => share(at, before));
  if (received) await at.journey.shows('ended', () => stop(at, before));
});

/** How many pictures the second person sees once both cameras are there, or after a while without them. */
async function settled({ guest: { page } }: AtMeeting): Promise<number> {
  await until(page, async () => (await pictures(page)).length >= 2, 15_000).catch(() => undefined);
  return (await pictures(page)).length;
}

async function share({ journey, host, guest }: AtMeeting, before: number): Promise<void> {
  await journey.does('sharing the screen as the first person', () => control(host.page, 'share').click());
  await journey.sees(
    'the second person saw no picture of it',
    (withinMs) =>
      until(
        guest.page,
        async () => {
          const seen = await pictures(guest.page);
          return seen.length > before && seen.some(showsSomething);
        },
        withinMs,
      ),
    patient(journey),
  );
}

async function stop({ journey, host, guest }: AtMeeting, before: number): Promise<void> {
  await journey.does('ending the sharing', () => host.page.getByTitle(/stop sharing|stop presenting/i).click());
  await journey.sees(
    'the second person still saw the screen',
    (withinMs) => until(guest.page, async () => (await pictures(guest.page)).length <= before, withinMs),
    patient(journey),
  );
}
