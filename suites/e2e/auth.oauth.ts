import { expect } from '@playwright/test';
import { removeLater } from '../../platform/accounts.ts';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { mindingLimits } from './limits.ts';
import { isIn, visitor } from './visitors.ts';

const providers = { google: 'google', microsoft: 'microsoft-entra-id' } as const;

const body: JourneyBody = async (journey) => {
  const { identity } = journey.environment;
  if (identity === null) return journey.unmet('identity');
  for (const [name, id] of Object.entries(providers)) {
    if (identity.providers.includes(id)) await signsInWith(mindingLimits(journey), name);
    else journey.unmet(`${id} in identity.providers`, name);
  }
};
export default body;

async function signsInWith(journey: Journey, name: string): Promise<void> {
  const email = `${journey.scope}-${name}-${crypto.randomUUID().slice(0, 8)}@example.com`;
  const removal = removeLater(journey, { email });
  if (removal !== null) return journey.unmet(removal, name);
  const somebody = await visitor(journey, `somebody with an account at ${name}`);
  const { dashboard } = somebody;
  const { page } = dashboard;
  await journey.shows(name, async () => {
    await journey.does('opening the sign-in page', () => dashboard.open('/login'));
    const way = page
      .getByRole('button', { name: new RegExp(name, 'i') })
      .or(page.getByRole('link', { name: new RegExp(name, 'i') }));
    await journey.does(`choosing to sign in with ${name}`, () => way.first().click());
    await journey.sees('the page of the provider did not appear', (timeout) =>
      expect(page.getByRole('button', { name: /^continue$/i })).toBeVisible({ timeout }),
    );
    await journey.does('saying there who one is', async () => {
      await page.getByLabel('E-mail').fill(email);
      await page.getByLabel('Name').fill(`Shakedown ${name}`);
      await page.getByRole('button', { name: /^continue$/i }).click();
    });
    await isIn(journey, somebody);
  });
}
