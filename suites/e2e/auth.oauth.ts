import { expect } from '@playwright/test';
import { removeLater } from '../../platform/accounts.ts';
import { isRecord } from '../../platform/json.ts';
import { dataOf } from '../../platform/people.ts';
import type { Http } from '../../probes/http.ts';
import type { Journey } from '../../runners/journey.ts';
import { atTheDoor, holding, isIn, type Visitor, visitor } from './visitors.ts';

const providers = { google: 'google', microsoft: 'microsoft-entra-id' } as const;

export default atTheDoor(async (journey, http) => {
  const { identity } = journey.environment;
  if (identity === null) return journey.unmet('identity');
  for (const [name, id] of Object.entries(providers)) {
    if (identity.providers.includes(id)) await signsInTwice(journey, http, name);
    else journey.unmet(`${id} in identity.providers`, name);
  }
});

/** Whoever comes again, from another browser, must find the account made the first time. */
async function signsInTwice(journey: Journey, http: Http, name: string): Promise<void> {
  const email = `${journey.scope}-${name}-${crypto.randomUUID().slice(0, 8)}@example.com`;
  const removal = removeLater(journey, { email });
  if (removal !== null) return journey.unmet(removal, name);
  const ids: (string | null)[] = [];
  for (const who of [`somebody with an account at ${name}`, `the same one at another computer`]) {
    const somebody = await visitor(journey, who);
    if (!(await journey.shows(name, () => signsInWith(journey, somebody, name, email)))) return;
    ids.push(await idOf(journey, http, somebody));
  }
  const [first, second] = ids;
  const seen = { expected: 'one id in users.me', observed: first === second ? 'one' : 'two' };
  if (!first || !second)
    journey.unmet('a session cookie of the dashboard that the API takes (api.sessionCookies)', name);
  else if (first === second) journey.holds(name, seen);
  else journey.breaks(name, `whoever signs in with ${name} a second time finds another account`, seen);
}

async function signsInWith(journey: Journey, somebody: Visitor, name: string, email: string): Promise<void> {
  const { dashboard } = somebody;
  const { page } = dashboard;
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
  await isIn(journey, somebody, email);
}

/** By the cookie of this browser; null where the API does not tell. */
async function idOf(journey: Journey, http: Http, somebody: Visitor): Promise<string | null> {
  const token = await somebody.token();
  if (token === null) return null;
  journey.secret(token);
  const me = dataOf(await holding(journey, http, token).query('users.me'));
  return isRecord(me) && typeof me.id === 'string' ? me.id : null;
}
