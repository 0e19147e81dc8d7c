import { expect } from '@playwright/test';
import type { JourneyBody } from '../../runners/journey.ts';
import { withHttp } from './room.ts';
import { holding, isValid, signsIn, someAccount, visitor } from './visitors.ts';

const body: JourneyBody = (journey) =>
  withHttp(journey, async (http) => {
    const account = await someAccount(journey, http, 'left');
    if (account === null) return;
    const somebody = await visitor(journey, 'a user');
    const { dashboard } = somebody;
    let token: string | null = null;
    const left = await journey.shows('left', async () => {
      await signsIn(journey, somebody, account);
      token = await somebody.token();
      await journey.does('logging out', () => dashboard.signOut());
      await journey.sees('the sign-in page did not appear', (timeout) =>
        expect(dashboard.signInButton).toBeVisible({ timeout }),
      );
      await journey.does('opening the dashboard again', () => dashboard.open('/dashboard'));
      await journey.sees('the sign-in page did not appear', (timeout) =>
        expect(dashboard.signInButton).toBeVisible({ timeout }),
      );
    });
    if (!left) return;
    if (token === null)
      return journey.unmet('the name of the session cookie (api.sessionCookies) that the dashboard sets', 'ended');
    journey.secret(token);
    const seen = { expected: '401 with the cookie of before' };
    // Another session of the account must still open things, or a refusal would say nothing about the one that was ended.
    if (!(await isValid(account.client)))
      return journey.breaks(
        'others-stay',
        'after one session was ended another one of the account opens nothing either',
      );
    journey.holds('others-stay');
    if (await isValid(holding(journey, http, token)))
      journey.breaks('ended', 'after logging out the session can still be used by whoever kept its cookie', seen);
    else journey.holds('ended', seen);
  });
export default body;
