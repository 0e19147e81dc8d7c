import { type Control, control, pictures, saidOf, until } from '../../platform/pages/meeting.ts';
import { type AtMeeting, atMeeting, patient } from './at-meeting.ts';

export default atMeeting(['mute', 'camera', 'device'], async (at) => {
  await at.journey.shows('mute', () => mute(at));
  await at.journey.shows('camera', () => camera(at));
  await at.journey.shows('device', () => device(at));
});

const press = ({ journey, host }: AtMeeting, what: string, which: Control): Promise<void> =>
  journey.does(
    `${what} as the first person`,
    () => control(host.page, which).click({ timeout: patient(journey).withinMs }),
    patient(journey),
  );

/** What the other is told of one's microphone must change, and change back. */
async function mute(at: AtMeeting): Promise<void> {
  const { journey, host, guest } = at;
  await control(host.page, 'mute')
    .waitFor({ state: 'visible', timeout: patient(journey).withinMs })
    .catch(() => undefined);
  const says = () => saidOf(guest.page, host.name);
  const muted = async () => /\bmuted\b|microphone off/i.test(await says());
  await journey.sees(
    'the second person saw the first as muted from the beginning',
    (withinMs) => until(guest.page, async () => !(await muted()), withinMs),
    patient(journey),
  );
  await press(at, 'muting', 'mute');
  await journey.sees('the second person did not see it', (withinMs) => until(guest.page, muted, withinMs));
  await press(at, 'unmuting', 'unmute');
  await journey.sees('the second person did not see it', (withinMs) =>
    until(guest.page, async () => !(await muted()), withinMs),
  );
}

/** The picture goes, and comes back. */
async function camera(at: AtMeeting): Promise<void> {
  const { journey, guest } = at;
  const count = async () => (await pictures(guest.page)).length;
  await journey.sees(
    'the second person did not see two pictures',
    (withinMs) => until(guest.page, async () => (await count()) >= 2, withinMs),
    patient(journey),
  );
  const before = await count();
  await press(at, 'turning the camera off', 'cameraOff');
  await journey.sees(
    'the second person still saw the picture',
    (withinMs) => until(guest.page, async () => (await count()) < before, withinMs),
    patient(journey),
  );
  await press(at, 'turning the camera on', 'cameraOn');
  await journey.sees(
    'the second person did not see the picture again',
    (withinMs) => until(guest.page, async () => (await count()) >= before, withinMs),
    patient(journey),
  );
}

/** Another microphone or camera is chosen, where there is one, and the other still gets sound and picture. */
async function device({ journey, host, guest }: AtMeeting): Promise<void> {
  for (const kind of ['camera', 'microphone']) {
    const choice = host.page
      .getByRole('combobox', { name: new RegExp(kind, 'i') })
      .filter({ visible: true })
      .first();
    const options = await journey.sees(
      `no ${kind} could be chosen`,
      async (withinMs) => {
        await choice.waitFor({ state: 'visible', timeout: withinMs });
        await until(host.page, async () => (await choice.locator('option').count()) > 0, withinMs);
        return choice.locator('option').count();
      },
      patient(journey),
    );
    await journey.does(
      `choosing another ${kind}`,
      async () => void (await choice.selectOption({ index: options - 1 })),
    );
  }
  const first = await pictures(guest.page);
  await journey.sees(
    'the pictures at the second person stood still',
    (withinMs) =>
      until(
        guest.page,
        async () => {
          const now = await pictures(guest.page);
          return now.length >= first.length && now.every(({ seconds }, i) => seconds > (first[i]?.seconds ?? 0));
        },
        withinMs,
      ),
    patient(journey),
  );
}
