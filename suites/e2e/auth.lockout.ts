import { expect } from '@playwright/test';
import { type SignIn, signIn } from '../../platform/auth.ts';
import { moveClock } from '../../platform/outbox.ts';
import type { Http } from '../../probes/http.ts';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { withHttp } from './room.ts';
import { type Credentials, someAccount, tries, visitor } from './visitors.ts';

const lockMs = 15 * 60_000;

const body: JourneyBody = (journey) =>
  withHttp(journey, async (http) => {
    if (!journey.environment.accounts?.create) return journey.unmet('accounts.create');
    const account = await someAccount(journey, http, 'locks');
    if (account === null) return;
    const four = await fails(journey, http, account, 4);
    if (four !== null) return stopped(journey, 'four-forgiven', four);
    const after = await signIn(http, journey.environment.api!, account);
    if (!after.ok) return stopped(journey, 'four-forgiven', after);
    journey.holds('four-forgiven', { expected: 'four wrong passwords and then the right one: let in' });
    const five = await fails(journey, http, account, 5);
    if (five !== null) return stopped(journey, 'locks', five);
    await isLocked(journey, account);
    await opensAgain(journey, http, account);
  });
export default body;

/** So many wrong passwords in a row; null when each was refused, else what came instead. */
async function fails(journey: Journey, http: Http, who: Credentials, times: number): Promise<SignIn | null> {
  for (let i = 0; i < times; i++) {
    const tried = await signIn(http, journey.environment.api!, {
      ...who,
      password: `Wrong-${i}-${crypto.randomUUID()}`,
    });
    if (tried.ok || !tried.refused) return tried;
  }
  return null;
}

function stopped(journey: Journey, assertion: string, tried: SignIn): void {
  if (tried.ok) journey.breaks(assertion, 'a wrong password signed in');
  else if (/\b429\b/.test(tried.because)) journey.unmet(`a limit of sign-ins that lets six through (${tried.because})`);
  else journey.breaks(assertion, `the right password after four wrong ones: ${tried.because}`);
}

/** The right password, at the page: that it is refused must be seen, and nothing of the dashboard. */
async function isLocked(journey: Journey, account: Credentials): Promise<void> {
  const owner = await visitor(journey, 'the owner of the account');
  const { dashboard } = owner;
  await journey.shows('locks', async () => {
    await tries(journey, owner, account, 'giving the right password after five wrong ones');
    await journey.sees('the account was not locked', async (timeout) => {
      await expect(dashboard.refusal.or(dashboard.inside).first()).toBeVisible({ timeout });
      await expect(dashboard.inside).toBeHidden({ timeout: 1_000 });
    });
  });
}

async function opensAgain(journey: Journey, http: Http, account: Credentials): Promise<void> {
  if (journey.environment.clock === null) return journey.unmet('clock', 'opens-again');
  const moved = await moveClock(journey, http, lockMs + 60_000, account.email);
  if (moved !== null) return journey.unmet(`a clock that can be moved: ${moved}`, 'opens-again');
  const tried = await signIn(http, journey.environment.api!, account);
  if (tried.ok) journey.holds('opens-again');
  else journey.breaks('opens-again', `after 16 minutes the right password is still refused: ${tried.because}`);
  await moveClock(journey, http, 0, account.email);
}
