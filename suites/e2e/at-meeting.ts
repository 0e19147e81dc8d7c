import { randomBytes } from 'node:crypto';
import type { Account } from '../../platform/accounts.ts';
import { rememberCalls } from '../../platform/pages/devices.ts';
import { carrySession } from '../../platform/pages/entrance.ts';
import { enterRoom, untilInside } from '../../platform/pages/meeting.ts';
import { usePair } from '../../platform/people.ts';
import type { Http } from '../../probes/http.ts';
import type { Journey, JourneyBody, Look, Person } from '../../runners/journey.ts';
import { notStarted, withHttp } from './room.ts';

/** Somebody who can meet: signed in, with a name of their own. */
export interface Guest extends Person {
  readonly account: Account;
}

export interface AtMeeting {
  readonly journey: Journey;
  readonly http: Http;
  readonly host: Guest;
  readonly guest: Guest;
  readonly meeting: string;
  /** The id of a room that is new. */
  readonly room: string;
}

/** Media has to be found a way for, and a picture to begin with a whole one; a user waits for that a little longer. */
export const patient = ({ environment }: Journey): Required<Look> => ({ withinMs: 4 * environment.timeoutMs });

/** A body that begins with two people of one tenant in a meeting, each at a browser with camera and microphone. */
export const atMeeting =
  (assertions: readonly string[], body: (at: AtMeeting) => Promise<void>): JourneyBody =>
  (journey) =>
    withHttp(journey, async (http) => {
      const at = await gather(journey, http, assertions[0]!);
      if (at === null) return;
      const met = await journey.shows(assertions[0]!, async () => {
        await comeIn(at, at.host, 'the first person');
        await comeIn(at, at.guest, 'the second person');
      });
      if (met) await body(at);
    });

/** Two signed-in people before the lobby, or it is said why not; null then. */
export async function gather(journey: Journey, http: Http, assertion: string): Promise<AtMeeting | null> {
  const { meeting } = journey.environment.web;
  if (meeting === null) {
    journey.unmet('web.meeting');
    return null;
  }
  const pair = await usePair(journey, http);
  if (pair.kind !== 'pair') return notStarted(journey, assertion, pair);
  const mark = randomBytes(3).toString('hex');
  const host = await guestOf(journey, pair.host, `Ada ${mark}`);
  const guest = await guestOf(journey, pair.guest, `Ben ${mark}`);
  return { journey, http, host, guest, meeting, room: `${journey.scope}-${mark}` };
}

/** A page may show the name of the account or the one given in the lobby, so both are the same. */
async function guestOf(journey: Journey, account: Account, name: string): Promise<Guest> {
  await account.client.mutation('users.updateMe', { name });
  const person = await journey.person(name, { permissions: ['camera', 'microphone'] });
  await rememberCalls(person.context);
  await carrySession(person.context, journey.environment, account);
  return { ...person, account };
}

export async function comeIn({ journey, meeting, room }: AtMeeting, { page, name }: Guest, who: string): Promise<void> {
  await journey.does(`entering a room as ${who}`, () => enterRoom(page, meeting, name, room), patient(journey));
  await journey.sees('the meeting did not open', (withinMs) => untilInside(page, withinMs), patient(journey));
}
