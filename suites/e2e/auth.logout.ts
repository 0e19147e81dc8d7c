import { expect } from '@playwright/test';
import type { Account } from '../../platform/accounts.ts';
import { whyNoData } from '../../platform/trpc.ts';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { closed, openSockets, opens, opensOnce, type Sockets } from './ended.ts';
import { withHttp } from './room.ts';
import { signsIn, someAccount, type Visitor, visitor } from './visitors.ts';

const body: JourneyBody = (journey) =>
  withHttp(journey, async (http) => {
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
  const before = await opensOnce(journey, token);
  if (before.kind === 'open') return { token, sockets: await openSockets(journey, account, token) };
  const found = before.kind === 'else' ? before.because : 'users.me answers 401';
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
  const reply = await client.query('users.me');
  const wrong = whyNoData(reply);
  if (wrong === null) journey.holds('others-stay');
  else if (reply.status === 429) journey.unmet(limited, 'others-stay');
  else
    journey.breaks(
      'others-stay',
      `after one session was ended another one of the account opens nothing either: users.me ${wrong}`,
    );
  return wrong === null;
}

async function ended(journey: Journey, token: string): Promise<void> {
  const seen = { expected: '401 with the cookie of before, over each of six connections' };
  const after = await opens(journey, token);
  if (after.kind === 'refused') journey.holds('ended', seen);
  else if (after.kind === 'open')
    journey.breaks('ended', 'after logging out the session can still be used by whoever kept its cookie', seen);
  else if (/answered 429/.test(after.because)) journey.unmet(limited, 'ended');
  else journey.breaks('ended', `after logging out whoever kept the cookie is not refused: ${after.because}`, seen);
}

const limited = 'a limit of calls that lets those of this check through';
