import { expect } from '@playwright/test';
import type { Account } from '../../platform/accounts.ts';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { closed, openSockets, type Sockets, stateOverConnections, stateOverOne } from './ended.ts';
import { atTheDoor, isLimited, signsIn, someAccount, stateOf, type Visitor, visitor } from './visitors.ts';

const body: JourneyBody = atTheDoor(async (journey, http) => {
  const account = await someAccount(journey, http, 'left');
  if (account === null) return;
  const somebody = await visitor(journey, 'a user');
  if (!(await journey.shows('left', () => signsIn(journey, somebody, account)))) return;
  const held = await holds(journey, account, await somebody.token());
  if (!(await journey.shows('left', () => leaves(journey, somebody)))) return;
  if (!(await othersStay(journey, account)) || held === null) return;
  await ended(journey, held.token);
  if (held.sockets !== null) await closed(journey, held.sockets);
});
export default body;

/** What somebody has who kept the cookie: a session that opens things, over HTTP and in sockets. */
interface Held {
  readonly token: string;
  readonly sockets: Sockets | null;
}

/** Null: said why not. That it opens something before is what makes its being refused afterwards mean anything. */
async function holds(journey: Journey, account: Account, token: string | null): Promise<Held | null> {
  if (token === null)
    return without(journey, 'the name of the session cookie (api.sessionCookies) that the dashboard sets');
  journey.secret(token);
  const before = await stateOverOne(journey, token);
  if (before === 'open') return { token, sockets: await openSockets(journey, account, token) };
  const found = before === 'over' ? 'users.me answers 401' : before.because;
  return without(journey, `a cookie of the dashboard that the API takes before logging out (${found})`);
}

function without(journey: Journey, needs: string): null {
  journey.unmet(needs, 'ended');
  if (journey.environment.realtime !== null) journey.unmet(needs, 'socket');
  return null;
}

async function leaves(journey: Journey, { dashboard }: Visitor): Promise<void> {
  const asked = () =>
    journey.sees('the sign-in page did not appear', (timeout) =>
      expect(dashboard.signInButton).toBeVisible({ timeout }),
    );
  await journey.does('logging out', () => dashboard.signOut());
  await asked();
  await journey.does('opening the dashboard again', () => dashboard.open('/dashboard'));
  await asked();
}

/** Another session of the account must still open things, or a refusal would say nothing about the one that was ended. */
async function othersStay(journey: Journey, { client }: Account): Promise<boolean> {
  const state = await stateOf(client);
  if (state === 'open') journey.holds('others-stay');
  else if (state !== 'over' && isLimited(state.because)) journey.unmet(limited, 'others-stay');
  else
    journey.breaks(
      'others-stay',
      `after one session was ended another one of the account opens nothing either: ${state === 'over' ? '401' : state.because}`,
    );
  return state === 'open';
}

async function ended(journey: Journey, token: string): Promise<void> {
  const seen = { expected: '401 with the cookie of before, over each of six connections' };
  const after = await stateOverConnections(journey, token);
  if (after === 'over') journey.holds('ended', seen);
  else if (after === 'open')
    journey.breaks('ended', 'after logging out the session can still be used by whoever kept its cookie', seen);
  else if (isLimited(after.because)) journey.unmet(limited, 'ended');
  else journey.breaks('ended', `after logging out whoever kept the cookie is not refused: ${after.because}`, seen);
}

const limited = 'a limit of calls that lets those of this check through';
