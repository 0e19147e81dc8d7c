import { expect } from '@playwright/test';
import { type Session, signIn } from '../../platform/auth.ts';
import { under } from '../../platform/health.ts';
import { isRecord, jsonOf } from '../../platform/json.ts';
import { moveClock } from '../../platform/outbox.ts';
import { type Trpc, trpc } from '../../platform/trpc.ts';
import type { Http } from '../../probes/http.ts';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { limited } from './limits.ts';
import { atTheDoor, type Credentials, isLimited, signsIn, someAccount, stateOf, visitor } from './visitors.ts';

const minute = 60_000;
const lifeMs = 8 * 60 * minute;

const body: JourneyBody = atTheDoor(async (journey, http) => {
  if (!journey.environment.accounts?.create) return journey.unmet('accounts.create');
  const account = await someAccount(journey, http, 'expiry');
  if (account === null) return;
  await readsExpiry(journey, http, account.session);
  if (journey.environment.clock === null) {
    for (const assertion of ['idle', 'absolute', 'said']) journey.unmet('clock', assertion);
    return;
  }
  await idles(journey, http, account);
  await staysBusy(journey, http, account);
  await pageSays(journey, http, account);
  await moveClock(journey, http, 0, account.email);
});
export default body;

/** What the session says of its own end. */
async function readsExpiry(journey: Journey, http: Http, session: Session): Promise<void> {
  const answer = await http.ask(under(journey.environment.api!.url, '/api/auth/session'), { headers: session.headers });
  const told = answer.ok ? jsonOf(answer.body) : null;
  const expires = isRecord(told) ? Date.parse(String(told.expires)) : Number.NaN;
  if (Number.isNaN(expires)) return journey.unmet('/api/auth/session that names when it expires', 'expiry');
  const hours = (expires - Date.now()) / (60 * minute);
  const seen = { expected: 'at most 8 h ahead', observed: `${hours.toFixed(2)} h ahead` };
  if (hours > 0 && hours <= 8.02) journey.holds('expiry', seen);
  else journey.breaks('expiry', `a new session says that it ends ${hours.toFixed(1)} h ahead`, seen);
}

/** A new session at the deployment's own present; null: said why not. */
async function begin(journey: Journey, http: Http, assertion: string, who: Credentials): Promise<Trpc | null> {
  const api = journey.environment.api!;
  const reset = await moveClock(journey, http, 0, who.email);
  if (reset !== null) {
    journey.unmet(`a clock that can be moved: ${reset}`, assertion);
    return null;
  }
  const signedIn = await signIn(http, api, who);
  if (!signedIn.ok) {
    if (isLimited(signedIn.because)) journey.unmet(limited, assertion);
    else journey.breaks(assertion, signedIn.because);
    return null;
  }
  journey.secret(signedIn.session.token);
  return trpc(http, { ...api, headers: signedIn.session.headers });
}

async function idles(journey: Journey, http: Http, who: Credentials): Promise<void> {
  const client = await begin(journey, http, 'idle', who);
  if (client === null) return;
  if (!(await is('open', journey, 'idle', client, 'a new session opens nothing'))) return;
  await moveClock(journey, http, 20 * minute, who.email);
  if (!(await is('open', journey, 'idle', client, 'a session ended after 20 minutes without use'))) return;
  // From that use on: 31 minutes of nothing.
  await moveClock(journey, http, 51 * minute, who.email);
  if (await is('over', journey, 'idle', client, 'a session can still be used after 31 minutes without use'))
    journey.holds('idle', { expected: 'alive after 20 minutes without use, over after 31' });
}

/** Used every 20 minutes, it never idles, so only its age can end it. */
async function staysBusy(journey: Journey, http: Http, who: Credentials): Promise<void> {
  const client = await begin(journey, http, 'absolute', who);
  if (client === null) return;
  for (let aheadMs = 0; aheadMs < lifeMs - 10 * minute; aheadMs += 20 * minute) {
    await moveClock(journey, http, aheadMs, who.email);
    const because = `a session in use ended after ${Math.round(aheadMs / minute)} minutes`;
    if (!(await is('open', journey, 'absolute', client, because))) return;
    if (journey.signal.aborted) return;
  }
  await moveClock(journey, http, lifeMs + minute, who.email);
  if (await is('over', journey, 'absolute', client, 'a session can still be used after 8 h and a minute'))
    journey.holds('absolute', { expected: 'alive through 7 h 40 min of use, over after 8 h' });
}

/** Is the session as it ought to be? Where it is not, or the deployment only stumbles, says so. */
async function is(
  wanted: 'open' | 'over',
  journey: Journey,
  assertion: string,
  client: Trpc,
  because: string,
): Promise<boolean> {
  const state = await stateOf(client);
  if (state === wanted) return true;
  if (state === 'open' || state === 'over') journey.breaks(assertion, because);
  else if (isLimited(state.because)) journey.unmet(limited, assertion);
  else journey.breaks(assertion, `whether a session is over could not be seen: ${state.because}`);
  return false;
}

/** Who comes back too late is led to the sign-in, and not to an empty page. */
async function pageSays(journey: Journey, http: Http, who: Credentials): Promise<void> {
  await moveClock(journey, http, 0, who.email);
  const somebody = await visitor(journey, 'a user who went to lunch');
  const { dashboard } = somebody;
  await journey.shows('said', async () => {
    await signsIn(journey, somebody, who);
    await moveClock(journey, http, 31 * minute, who.email);
    await journey.does('coming back after 31 minutes', () => dashboard.open('/dashboard'));
    await journey.sees('the sign-in page did not appear', (timeout) =>
      expect(dashboard.signInButton).toBeVisible({ timeout }),
    );
  });
}
