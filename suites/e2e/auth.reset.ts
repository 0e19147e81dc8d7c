import { signIn } from '../../platform/auth.ts';
import { awaitSent, type Sent } from '../../platform/outbox.ts';
import { askForLink, chooseNew, isChanged, isUnderWay } from '../../platform/pages/reset.ts';
import { trpc, whyNoData } from '../../platform/trpc.ts';
import type { Http } from '../../probes/http.ts';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { limited } from './limits.ts';
import { lostAfterMs } from './room.ts';
import { atTheDoor, isLimited, newPassword, signsIn, someAccount, type Visitor, visitor } from './visitors.ts';

const body: JourneyBody = atTheDoor(async (journey, http) => {
  if (!journey.environment.accounts?.create) return journey.unmet('accounts.create');
  const account = await someAccount(journey, http, 'resets');
  if (account === null) return;
  const forgetful = await visitor(journey, 'a forgetful user');
  const mail = await asksForLink(journey, http, forgetful, account.email);
  if (mail === null) return;
  const password = newPassword();
  journey.secret(password);
  if (!(await journey.shows('resets', () => choose(journey, forgetful, mail, password)))) return;
  await journey.shows('signs-in-anew', () => signsIn(journey, forgetful, { ...account, password }));
  const old = await signIn(http, journey.environment.api!, account);
  if (old.ok) journey.breaks('old-refused', 'after a new password was chosen the old one still signs in');
  else if (old.refused) journey.holds('old-refused', { observed: old.because });
  else if (isLimited(old.because)) journey.unmet(limited, 'old-refused');
  else journey.breaks('old-refused', old.because);
  await linkIsSpent(journey, http, mail);
});
export default body;

/** Null: said why not. */
async function asksForLink(journey: Journey, http: Http, { dashboard }: Visitor, email: string): Promise<Sent | null> {
  const asked = await journey.shows('asks', async () => {
    await journey.does('opening the sign-in page', () => dashboard.open('/login'));
    await journey.does('saying that the password is forgotten', () =>
      dashboard.button(/forgot|(reset|lost|recover).*password/i).click(),
    );
    await journey.does('giving the e-mail address', () => askForLink(dashboard, email));
    await journey.sees('no word appeared that a message is on its way', (withinMs) => isUnderWay(dashboard, withinMs));
  });
  if (!asked) return null;
  if (journey.environment.outbox === null) {
    for (const assertion of ['resets', 'signs-in-anew', 'old-refused', 'once']) journey.unmet('outbox', assertion);
    return null;
  }
  const withinMs = lostAfterMs(journey);
  const mail = await awaitSent(journey, http, {
    to: email,
    is: ({ kind, channel }) => channel === 'email' && kind === 'reset',
    withinMs,
  });
  if (mail.ok) return mail.sent;
  journey.breaks('resets', `after asking for the link no mail with it came: ${mail.because}`);
  return null;
}

async function choose(journey: Journey, { dashboard }: Visitor, mail: Sent, password: string): Promise<void> {
  await journey.does('following the link in the mail', () =>
    dashboard.follow(mail.link ?? `/reset-password?token=${mail.token ?? ''}`),
  );
  await journey.does('choosing a new password', () => chooseNew(dashboard, password));
  await journey.sees('neither a word of success appeared nor the sign-in', (withinMs) =>
    isChanged(dashboard, withinMs),
  );
}

/** Asked of the API: a page might hide that the token still works. */
async function linkIsSpent(journey: Journey, http: Http, { token, link }: Sent): Promise<void> {
  const value = token ?? (link && URL.canParse(link) ? new URL(link).searchParams.get('token') : null);
  if (value === null) return journey.unmet('a reset message whose token can be read', 'once');
  const api = journey.environment.api!;
  const reply = await trpc(http, { ...api }).mutation('auth.resetPassword', { token: value, password: newPassword() });
  const wrong = whyNoData(reply);
  const seen = { expected: 'refused the second time', observed: wrong ?? 'accepted' };
  if (reply.status === 429) journey.unmet(limited, 'once');
  else if (wrong === null) journey.breaks('once', 'the link of a reset works a second time', seen);
  else if (reply.status !== null && reply.status < 500) journey.holds('once', seen);
  else journey.breaks('once', `auth.resetPassword: ${wrong}`, seen);
}
