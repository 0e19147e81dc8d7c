import { removeLater } from '../../platform/accounts.ts';
import { baseHeaders, signIn, signOut } from '../../platform/auth.ts';
import { isRecord } from '../../platform/json.ts';
import { awaitSent } from '../../platform/outbox.ts';
import { fillIn, isStillAsked, isTaken, saysVerified, signUpButton } from '../../platform/pages/signup.ts';
import { dataOf } from '../../platform/people.ts';
import { trpc, whyNoData } from '../../platform/trpc.ts';
import type { Http } from '../../probes/http.ts';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { limited } from './limits.ts';
import { lostAfterMs } from './room.ts';
import { atTheDoor, type Credentials, isLimited, newPassword, signsIn, type Visitor, visitor } from './visitors.ts';

const body: JourneyBody = atTheDoor(async (journey, http) => {
  const who = { email: `${journey.scope}-${crypto.randomUUID().slice(0, 8)}@example.com`, password: newPassword() };
  journey.secret(who.password);
  const removal = removeLater(journey, who);
  if (removal !== null) return journey.unmet(removal);
  const customer = await visitor(journey, 'a new customer');
  await weakPassword(journey, customer, who);
  await weakAtTheApi(journey, http);
  if (!(await journey.shows('registers', () => register(journey, customer, who)))) return;
  if (!carriesToken(customer.dashboard)) await isUnverified(journey, http, who);
  const verified = await verify(journey, http, customer, who.email);
  if (verified === 'broken') return;
  if (!(await journey.shows('signs-in', () => signsIn(journey, customer, who)))) return;
  if (verified === 'seen') await isVerified(journey, http, who);
});
export default body;

async function weakPassword(journey: Journey, customer: Visitor, who: Credentials): Promise<void> {
  const { dashboard } = customer;
  await journey.shows('weak-refused', async () => {
    await journey.does('opening the sign-up page', () => dashboard.open('/signup'));
    await journey.does('filling in a weak password', () =>
      fillIn(dashboard, { ...who, password: weak }, journey.scope),
    );
    // A button that cannot be pressed refuses as well; that it can be pressed with a better password is seen next.
    const sending = await signUpButton(dashboard);
    if (await sending.isDisabled()) return;
    await journey.does('asking for an account with a weak password', () => dashboard.send(sending));
    // A rule that stands there all the time is no answer.
    await journey.sees('no word about the password appeared', (withinMs) => objects(customer, withinMs));
    await journey.sees('the account was made', () => isStillAsked(dashboard, 1_000));
  });
}

const weak = 'password1';

/** New words on the page, or those that the browser itself says beside the field. */
async function objects({ dashboard }: Visitor, withinMs: number): Promise<void> {
  const byBrowser = (): Promise<boolean> =>
    dashboard.password.evaluate((field) => !(field as unknown as { checkValidity(): boolean }).checkValidity());
  if (await byBrowser()) return;
  await dashboard.answered(withinMs);
}

/** What the page refuses, the API must refuse by itself. */
async function weakAtTheApi(journey: Journey, http: Http): Promise<void> {
  const api = journey.environment.api!;
  const email = `${journey.scope}-weak-${crypto.randomUUID().slice(0, 8)}@example.com`;
  const removal = removeLater(journey, { email, password: weak });
  if (removal !== null) return journey.unmet(removal, 'weak-refused');
  const organizationName = `${journey.scope}-weak`;
  const input = { email, password: weak, name: 'Shakedown', organizationName };
  const reply = await trpc(http, { ...api, headers: baseHeaders(api) }).mutation('auth.register', input);
  const seen = { expected: '400', observed: whyNoData(reply) ?? 'registered' };
  if (reply.status === 429) journey.unmet('a limit that lets a new customer register', 'weak-refused');
  else if (reply.status === 400) journey.holds('weak-refused', seen);
  else journey.breaks('weak-refused', `auth.register with the password "${weak}" was not refused with 400`, seen);
}

/** A page may say anything; whether the address counts as verified is told by the API. */
async function isVerified(journey: Journey, http: Http, who: Credentials): Promise<void> {
  const told = await toldOf(journey, http, who);
  if ('because' in told && isLimited(told.because)) return journey.unmet(limited, 'verifies');
  if ('because' in told) return journey.breaks('signs-in', `over the API: ${told.because}`);
  const seen = { expected: 'a time in users.me.emailVerified', observed: told.observed };
  if (told.verified) journey.holds('verifies', seen);
  else journey.breaks('verifies', 'the page said that the address is verified, and the API does not know of it', seen);
}

/** Where one is let in before the address is proven, it must not count as proven. */
async function isUnverified(journey: Journey, http: Http, who: Credentials): Promise<void> {
  const told = await toldOf(journey, http, who);
  if ('because' in told || !told.verified) return;
  const seen = { expected: 'nothing in users.me.emailVerified', observed: told.observed };
  journey.breaks('verifies', 'the address counts as verified before anybody has followed the link in the mail', seen);
}

type Told = { readonly verified: boolean; readonly observed: string } | { readonly because: string };

/** What `users.me` tells whoever signs in over the API. */
async function toldOf(journey: Journey, http: Http, who: Credentials): Promise<Told> {
  const api = journey.environment.api!;
  const signedIn = await signIn(http, api, who);
  if (!signedIn.ok) return { because: signedIn.because };
  journey.secret(signedIn.session.token);
  const reply = await trpc(http, { ...api, headers: signedIn.session.headers }).query('users.me');
  await signOut(http, api, signedIn.session);
  const me = dataOf(reply);
  const verified = isRecord(me) && Boolean(me.emailVerified);
  return { verified, observed: whyNoData(reply) ?? (verified ? 'a time' : 'none') };
}

async function register(journey: Journey, customer: Visitor, who: Credentials): Promise<void> {
  const { dashboard } = customer;
  await journey.does('opening the sign-up page', () => dashboard.open('/signup'));
  await journey.does('filling in everything', () => fillIn(dashboard, who, journey.scope));
  await journey.does('asking for an account', async () => dashboard.send(await signUpButton(dashboard)));
  await journey.sees('no next step appeared', (withinMs) => isTaken(dashboard, withinMs));
}

const carriesToken = ({ page }: Visitor['dashboard']): boolean => new URL(page.url()).searchParams.has('token');

/** What came of following the link; "unseen" where no mail can be read. */
type Verified = 'seen' | 'unseen' | 'broken';

/** By the link in the mail; where the page carries the token itself, it has been verified by then. */
async function verify(journey: Journey, http: Http, { dashboard }: Visitor, email: string): Promise<Verified> {
  const done = () => journey.sees('no word of success appeared', (withinMs) => saysVerified(dashboard, withinMs));
  if (carriesToken(dashboard)) return seenOrBroken(await journey.shows('verifies', async () => void (await done())));
  if (journey.environment.outbox === null) {
    journey.unmet('outbox', 'verifies');
    return 'unseen';
  }
  const withinMs = lostAfterMs(journey);
  const mail = await awaitSent(journey, http, {
    to: email,
    is: ({ kind, channel }) => channel === 'email' && kind === 'verify',
    withinMs,
  });
  if (!mail.ok) {
    journey.breaks('verifies', `after asking for an account no mail with the link came: ${mail.because}`);
    return 'broken';
  }
  const { link, token } = mail.sent;
  const shown = await journey.shows('verifies', async () => {
    await journey.does('following the link in the mail', () =>
      dashboard.follow(link ?? `/verify-email?token=${token ?? ''}`),
    );
    await done();
  });
  return seenOrBroken(shown);
}

const seenOrBroken = (shown: boolean): Verified => (shown ? 'seen' : 'broken');
