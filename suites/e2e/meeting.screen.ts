import { control } from '../../platform/pages/controls.ts';
import { newcomer, type Picture, pictures, until } from '../../platform/pages/meeting.ts';
import { type AtMeeting, atMeeting, patient } from './at-meeting.ts';

export default atMeeting(['received', 'ended'], async (at) => {
  const before = await settled(at);
  let screen: Picture | undefined;
  const received = await at.journey.shows('received', async () => {
    screen = await share(at, before);
  });
  if (received) await at.journey.shows('ended', () => stop(at, screen!.track));
});

/** What the second person sees once both cameras are there, or after a while without them, and no more come. */
async function settled({ guest: { page } }: AtMeeting): Promise<readonly Picture[]> {
  const tracks = async () => (await pictures(page)).map(({ track }) => track);
  await until(page, async () => (await tracks()).length >= 2, 15_000).catch(() => undefined);
  const stayed = async () => {
    const before = await tracks();
    await page.waitForTimeout(1_500);
    return (await tracks()).every((track) => before.includes(track));
  };
  await until(page, stayed, 10_000).catch(() => undefined);
  return pictures(page);
}

/** The picture that came with the sharing, and is not black. */
async function share({ journey, host, guest }: AtMeeting, before: readonly Picture[]): Promise<Picture> {
  await journey.does('sharing the screen as the first person', () => control(host.page, 'share').click());
  return journey.sees(
    'the second person saw no picture of it',
    async (withinMs) => {
      let earlier: readonly Picture[] = [];
      let screen: Picture | undefined;
      const came = async () => {
        const later = await pictures(guest.page);
        screen = newcomer(before, earlier, later);
        earlier = later;
        return screen !== undefined;
      };
      await until(guest.page, came, withinMs);
      return screen!;
    },
    patient(journey),
  );
}

async function stop({ journey, host, guest }: AtMeeting, screen: string): Promise<void> {
  await journey.does('ending the sharing', () => control(host.page, 'unshare').click());
  await journey.sees(
    'the second person still saw the screen',
    (withinMs) =>
      until(guest.page, async () => !(await pictures(guest.page)).some(({ track }) => track === screen), withinMs),
    patient(journey),
  );
}
