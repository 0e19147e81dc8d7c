import { expect } from '@playwright/test';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { withHttp } from './room.ts';
import { isIn, someAccount, tries, type Visitor, visitor } from './visitors.ts';

const body: JourneyBody = (journey) =>
  withHttp(journey, async (http) => {
    const account = await someAccount(journey, http, 'signs-in');
    if (account === null) return;
    const somebody = await visitor(journey, 'a user');
    await journey.shows('signs-in', async () => {
      await tries(journey, somebody, account);
      await isIn(journey, somebody);
    });
    const other = await visitor(journey, 'somebody who mistypes');
    const wrong = await refusal(journey, other, { ...account, password: `${account.password}x` }, 'a wrong password');
    const unknown = { email: `nobody-${crypto.randomUUID().slice(0, 8)}@example.com`, password: account.password };
    const stranger = await refusal(journey, other, unknown, 'an unknown address');
    if (wrong === null || stranger === null) return;
    const seen = { expected: wrong, observed: stranger };
    if (wrong === stranger) journey.holds('tells-nothing', seen);
    else
      journey.breaks('tells-nothing', 'a wrong password and an unknown address are refused in different words', seen);
  });
export default body;

/** What the page says of a refusal; null: it said nothing, or let them in. */
async function refusal(
  journey: Journey,
  who: Visitor,
  credentials: { readonly email: string; readonly password: string },
  what: string,
): Promise<string | null> {
  const { dashboard } = who;
  let text: string | null = null;
  await journey.shows('refusal-shown', async () => {
    await tries(journey, who, credentials, `signing in with ${what}`);
    await journey.sees('the page did not say that it was refused', (timeout) =>
      expect(dashboard.refusal).toBeVisible({ timeout }),
    );
    text = (await dashboard.refusal.innerText()).trim();
    await journey.sees('the user was let in', () => expect(dashboard.inside).toBeHidden({ timeout: 1_000 }));
  });
  return text;
}
