import { expect } from '@playwright/test';
import type { Account } from '../../platform/accounts.ts';
import { baseHeaders, signIn, signOut } from '../../platform/auth.ts';
import { trpc } from '../../platform/trpc.ts';
import type { Http } from '../../probes/http.ts';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { atTheDoor, type Credentials, isIn, someAccount, tries, type Visitor, visitor } from './visitors.ts';

const body: JourneyBody = atTheDoor(async (journey, http) => {
  const account = await someAccount(journey, http, 'signs-in');
  if (account === null) return;
  const somebody = await visitor(journey, 'a user');
  await journey.shows('signs-in', async () => {
    await tries(journey, somebody, account);
    await isIn(journey, somebody, account.email);
  });
  const attempts = attemptsOn(account);
  await pageTellsNothing(journey, attempts);
  await procedureTellsNothing(journey, http, attempts);
  await addressTellsNothing(journey, http, attempts);
  // An account that was lent does not keep the wrong passwords that were counted.
  if (account.tenantId === null) await signsInOnceMore(journey, http, account);
});
export default body;

async function signsInOnceMore(journey: Journey, http: Http, account: Account): Promise<void> {
  const signedIn = await signIn(http, journey.environment.api!, account);
  if (!signedIn.ok) return;
  journey.secret(signedIn.session.token);
  await signOut(http, journey.environment.api!, signedIn.session);
}

interface Attempts {
  readonly wrong: Credentials;
  readonly unknown: Credentials;
}

/** Three wrong passwords in all, which locks nobody out. */
const attemptsOn = ({ email, password }: Account): Attempts => ({
  wrong: { email, password: `${password}x` },
  unknown: { email: `nobody-${crypto.randomUUID().slice(0, 8)}@example.com`, password },
});

async function pageTellsNothing(journey: Journey, { wrong, unknown }: Attempts): Promise<void> {
  const somebody = await visitor(journey, 'somebody who mistypes');
  const first = await refusal(journey, somebody, wrong, 'a wrong password');
  const second = await refusal(journey, somebody, unknown, 'an unknown address');
  if (first !== null && second !== null) compare(journey, 'the page refuses', first, second);
}

/** What the page says of a refusal; null: it said nothing, or let them in. */
async function refusal(journey: Journey, who: Visitor, credentials: Credentials, what: string): Promise<string | null> {
  const { dashboard } = who;
  let text: string | null = null;
  const shown = await journey.shows('refusal-shown', async () => {
    await tries(journey, who, credentials, `signing in with ${what}`);
    const words = await journey.sees('the page did not say that it was refused', (withinMs) =>
      dashboard.refused(withinMs),
    );
    // A page may repeat the address it was given.
    text = words.join(' / ').replaceAll(credentials.email, '(the address)');
    await journey.sees('the user was let in', () => expect(dashboard.inside).toBeHidden({ timeout: 1_000 }));
  });
  return shown ? text : null;
}

/** The page may hide what the API tells whoever asks it. */
async function procedureTellsNothing(journey: Journey, http: Http, { wrong, unknown }: Attempts): Promise<void> {
  const api = journey.environment.api!;
  const client = trpc(http, { ...api, headers: baseHeaders(api) });
  const told = async (who: Credentials): Promise<string> => {
    const reply = await client.mutation('auth.login', who);
    if (!reply.ok) return `${reply.status ?? ''} ${reply.because}`;
    const { outcome, status } = reply;
    if (outcome.kind === 'data') return 'let in';
    return `${status} ${outcome.error.code} ${outcome.error.name}: ${outcome.error.message}`;
  };
  const [first, second] = [await told(wrong), await told(unknown)];
  if ([first, second].some((one) => one.startsWith('429')))
    return journey.unmet('a limit of sign-ins that lets six attempts through', 'tells-nothing');
  if (first === second && first.startsWith('404')) return journey.note('auth.login', first);
  for (const one of [first, second])
    if (!/^40[013] /.test(one)) return broke(journey, 'auth.login does not refuse as agreed', '401', one);
  compare(journey, 'auth.login refuses', first, second);
}

/** Where the browser is led to, as the page itself reads it. */
async function addressTellsNothing(journey: Journey, http: Http, { wrong, unknown }: Attempts): Promise<void> {
  const tried = async (who: Credentials) => signIn(http, journey.environment.api!, who);
  const [first, second] = [await tried(wrong), await tried(unknown)];
  if (first.ok || second.ok) return broke(journey, 'a wrong password signed in', 'refused', 'a session');
  for (const { told, because } of [first, second]) {
    if (told?.startsWith('429'))
      return journey.unmet('a limit of sign-ins that lets six attempts through', 'tells-nothing');
    if (told === null || !/^[234]/.test(told)) return broke(journey, because, 'refused', told ?? 'no answer');
  }
  compare(journey, 'the sign-in leads', first.told ?? '', second.told ?? '');
}

function compare(journey: Journey, how: string, wrong: string, unknown: string): void {
  const seen = { expected: wrong, observed: unknown };
  if (wrong === unknown) journey.holds('tells-nothing', seen);
  else journey.breaks('tells-nothing', `${how} a wrong password and an unknown address in different words`, seen);
}

const broke = (journey: Journey, because: string, expected: string, observed: string): void =>
  journey.breaks('tells-nothing', because, { expected, observed });
