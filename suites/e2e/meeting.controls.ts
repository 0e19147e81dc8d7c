import type { Locator } from 'playwright-core';
import { type Control, control } from '../../platform/pages/controls.ts';
import { choiceOf, chooseAnother, hasAnother, type Kind, soundAt } from '../../platform/pages/devices.ts';
import { hasMoved, pictures, until } from '../../platform/pages/meeting.ts';
import { saidOf } from '../../platform/pages/said-of.ts';
import { type AtMeeting, atMeeting, patient } from './at-meeting.ts';

export default atMeeting(['mute', 'camera', 'device'], async (at) => {
  await at.journey.shows('mute', () => mute(at));
  await at.journey.shows('camera', () => camera(at));
  await device(at);
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
  const says = () => saidOf(guest.page, host.name, [guest.name]);
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

/** Another camera and another microphone are chosen, where the page lets one, and the other still gets picture and sound. */
async function device(at: AtMeeting): Promise<void> {
  const { journey, host } = at;
  const withinMs = patient(journey).withinMs;
  const [camera, microphone] = [
    await choiceOf(host.page, 'camera', withinMs),
    await choiceOf(host.page, 'microphone', withinMs),
  ];
  if (camera === null || microphone === null) return journey.unmet('a choice of devices in the meeting page', 'device');
  if ((await soundAt(at.guest.page)) === null) return journey.unmet('a call of the page that tells of sound', 'device');
  for (const [kind, choice] of [['camera', camera] as const, ['microphone', microphone] as const])
    if (!(await hasAnother(host.page, choice, withinMs)))
      return journey.unmet(`a second ${kind} to choose in the meeting page`, 'device');
  await journey.shows('device', async () => {
    await choose(at, 'camera', camera);
    await seesOn(at);
    await keepStill(at);
    await choose(at, 'microphone', microphone);
    await hearsOn(at);
  });
}

const choose = ({ journey, host }: AtMeeting, kind: Kind, choice: Locator): Promise<void> =>
  journey.does(`choosing another ${kind}`, () => chooseAnother(host.page, choice), patient(journey));

/** As many pictures as before, and each goes on. */
async function seesOn({ journey, guest }: AtMeeting): Promise<void> {
  const { length } = await pictures(guest.page);
  const goOn = async () => {
    const earlier = await pictures(guest.page);
    await guest.page.waitForTimeout(1_000);
    const later = await pictures(guest.page);
    return later.length >= length && later.every((picture) => hasMoved(earlier, picture));
  };
  await journey.sees(
    'the pictures at the second person stood still',
    (withinMs) => until(guest.page, goOn, withinMs),
    patient(journey),
  );
}

/** An agent that hears the second person answers aloud, and its voice would pass for that of the first. */
const keepStill = ({ journey, guest }: AtMeeting): Promise<void> =>
  control(guest.page, 'mute')
    .click({ timeout: journey.environment.timeoutMs })
    .catch(() => undefined);

/** What was under way when the microphone was changed, and an agent that answered it, have their end. */
const settleMs = 3_000;
const soundEveryMs = 1_500;
/** A level of a four-hundredth over that time, squared as the statistics have it: far below speech, far above silence. */
const audible = 1e-5;

/** The microphones of the browser beep all the time. */
async function hearsOn({ journey, guest }: AtMeeting): Promise<void> {
  await guest.page.waitForTimeout(settleMs);
  const rises = async () => {
    const before = (await soundAt(guest.page)) ?? 0;
    await guest.page.waitForTimeout(soundEveryMs);
    return ((await soundAt(guest.page)) ?? 0) > before + audible;
  };
  await journey.sees(
    'the second person no longer heard the first',
    (withinMs) => until(guest.page, async () => (await rises()) && (await rises()), withinMs),
    patient(journey),
  );
}
