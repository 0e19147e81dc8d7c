import { expect } from '@playwright/test';
import { removeLater } from '../../platform/accounts.ts';
import { awaitSent } from '../../platform/outbox.ts';
import type { Http } from '../../probes/http.ts';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { lostAfterMs, withHttp } from './room.ts';
import { type Credentials, newPassword, signsIn, type Visitor, visitor } from './visitors.ts';

const body: JourneyBody = (journey) =>
  withHttp(journey, async (http) => {
    const who = { email: `${journey.scope}-${crypto.randomUUID().slice(0, 8)}@example.com`, password: newPassword() };
    journey.secret(who.password);
    const removal = removeLater(journey, who);
    if (removal !== null) return journey.unmet(removal);
    const customer = await visitor(journey, 'a new customer');
    await weakPassword(journey, customer, who);
    if (!(await journey.shows('registers', () => register(journey, customer, who)))) return;
    if (!(await verify(journey, http, customer, who.email))) return;
    await journey.shows('signs-in', () => signsIn(journey, customer, who));
  });
export default body;

async function fillIn({ dashboard }: Visitor, { email, password }: Credentials, name: string): Promise<void> {
  await dashboard.name.fill(`Shakedown ${name}`);
  await dashboard.email.fill(email);
  await dashboard.organization.fill(`Organization ${name}`);
  await dashboard.password.fill(password);
  await dashboard.confirmation.fill(password);
  await dashboard.button(/create account|sign up|register/i).click();
}

async function weakPassword(journey: Journey, customer: Visitor, who: Credentials): Promise<void> {
  const { dashboard } = customer;
  await journey.shows('weak-refused', async () => {
    await journey.does('opening the sign-up page', () => dashboard.open('/signup'));
    await journey.does('asking for an account with a weak password', () =>
      fillIn(customer, { ...who, password: 'password1' }, journey.scope),
    );
    await journey.sees('no word about the password appeared', (timeout) =>
      expect(
        dashboard.alert.or(dashboard.page.getByText(/upper|lower|digit|character|weak|stronger/i).first()).first(),
      ).toBeVisible({ timeout }),
    );
    await journey.sees('the account was made', () =>
      expect(dashboard.heading(/create your account/i)).toBeVisible({ timeout: 1_000 }),
    );
  });
}

async function register(journey: Journey, customer: Visitor, who: Credentials): Promise<void> {
  const { dashboard } = customer;
  await journey.does('opening the sign-up page', () => dashboard.open('/signup'));
  await journey.does('asking for an account', () => fillIn(customer, who, journey.scope));
  await journey.sees('no next step appeared', (timeout) => dashboard.page.waitForURL(/verify-email/, { timeout }));
}

/** By the link in the mail; where the page carries the token itself, it has been verified by then. */
async function verify(journey: Journey, http: Http, { dashboard }: Visitor, email: string): Promise<boolean> {
  const done = dashboard.heading(/verified success/i);
  if (new URL(dashboard.page.url()).searchParams.has('token'))
    return journey.shows('verifies', () =>
      journey.sees('no word of success appeared', (timeout) => expect(done).toBeVisible({ timeout })),
    );
  if (journey.environment.outbox === null) {
    journey.unmet('outbox', 'verifies');
    return true;
  }
  const withinMs = lostAfterMs(journey);
  const mail = await awaitSent(journey, http, {
    to: email,
    is: ({ kind, channel }) => channel === 'email' && kind === 'verify',
    withinMs,
  });
  if (!mail.ok) {
    journey.breaks('verifies', `after asking for an account no mail with the link came: ${mail.because}`);
    return false;
  }
  const { link, token } = mail.sent;
  return journey.shows('verifies', async () => {
    await journey.does('following the link in the mail', () =>
      dashboard.follow(link ?? `/verify-email?token=${token ?? ''}`),
    );
    await journey.sees('no word of success appeared', (timeout) => expect(done).toBeVisible({ timeout }));
  });
}
