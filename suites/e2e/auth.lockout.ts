import { expect } from '@playwright/test';
import { baseHeaders, type SignIn, signIn } from '../../platform/auth.ts';
import { moveClock } from '../../platform/outbox.ts';
import { trpc } from '../../platform/trpc.ts';
import type { Http } from '../../probes/http.ts';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { limited } from './limits.ts';
import { atTheDoor, type Credentials, isLimited, someAccount, tries, visitor } from './visitors.ts';

const minuteMs = 60_000;

const body: JourneyBody = atTheDoor(async (journey, http) => {
  if (!journey.environment.accounts?.create) return journey.unmet('accounts.create');
  const account = await someAccount(journey, http, 'locks');
  if (account === null) return;
  const four = await fails(journey, http, account, 4);
  if (four !== null) return stopped(journey, 'four-forgiven', four);
  const after = await signIn(http, journey.environment.api!, account);
  if (!after.ok) return stopped(journey, 'four-forgiven', after);
  journey.holds('four-forgiven', { expected: 'four wrong passwords and then the right one: let in' });
  const before = await asked(journey, http, account);
  const five = await fails(journey, http, account, 5);
  if (five !== null) return stopped(journey, 'locks', five);
  await isLocked(journey, account);
  await isLockedToProcedure(journey, before, await asked(journey, http, account));
  await staysAndOpens(journey, http, account);
  await locksTheOtherWay(journey, http);
});
export default body;

/** So many wrong passwords in a row; null when each was refused, else what came instead. */
async function fails(journey: Journey, http: Http, who: Credentials, times: number): Promise<SignIn | null> {
  for (let i = 0; i < times; i++) {
    const tried = await signIn(http, journey.environment.api!, { ...who, password: wrongPassword() });
    if (tried.ok || !tried.refused) return tried;
  }
  return null;
}

const wrongPassword = (): string => `Wrong-${crypto.randomUUID()}`;

function stopped(journey: Journey, assertion: string, tried: SignIn): void {
  if (tried.ok) journey.breaks(assertion, 'a wrong password signed in');
  else if (isLimited(tried.because)) journey.unmet(`${limited} (${tried.because})`);
  else journey.breaks(assertion, `the right password after four wrong ones: ${tried.because}`);
}

/** The right password, at the page: that it is refused must be seen, and nothing of the dashboard. */
async function isLocked(journey: Journey, account: Credentials): Promise<void> {
  const owner = await visitor(journey, 'the owner of the account');
  const { dashboard } = owner;
  await journey.shows('locks', async () => {
    await tries(journey, owner, account, 'giving the right password after five wrong ones');
    await journey.sees('the account was not locked', async (timeout) => {
      await dashboard.refused(timeout);
      await expect(dashboard.inside).toBeHidden({ timeout: 1_000 });
    });
  });
}

interface Told {
  /** Null: no answer. */
  readonly status: number | null;
  readonly message: string;
}

/** What the procedure `auth.login` says to these credentials. */
async function asked(journey: Journey, http: Http, { email, password }: Credentials): Promise<Told> {
  const api = journey.environment.api!;
  const reply = await trpc(http, { ...api, headers: baseHeaders(api) }).mutation('auth.login', { email, password });
  if (!reply.ok) return { status: reply.status, message: reply.because };
  const { outcome, status } = reply;
  return { status, message: outcome.kind === 'data' ? 'let in' : outcome.error.message };
}

/** 403 is also what an address that was never verified is told, so before and after must differ. */
async function isLockedToProcedure(journey: Journey, before: Told, after: Told): Promise<void> {
  const seen = {
    expected: '403, and not for another reason than before',
    observed: `${after.status} ${after.message}`,
  };
  if ([before, after].some(({ status }) => status === 429)) return journey.unmet(limited, 'shared');
  if (after.status !== 403)
    return journey.breaks('shared', 'five wrong passwords at the sign-in do not lock auth.login', seen);
  if (before.status === 403 && before.message === after.message)
    return journey.unmet(
      'an account whose address is verified: auth.login refuses it before it looks at a lock',
      'shared',
    );
  journey.holds('shared', seen);
}

/** A lock of a few seconds would pass for one of a quarter of an hour, were it only looked at at once. */
async function staysAndOpens(journey: Journey, http: Http, account: Credentials): Promise<void> {
  const rows = ['stays-locked', 'opens-again'] as const;
  const unmet = (needs: string) => rows.forEach((row) => void journey.unmet(needs, row));
  if (journey.environment.clock === null) return unmet('clock');
  const after = async (minutes: number): Promise<SignIn | string> => {
    const moved = await moveClock(journey, http, minutes * minuteMs, account.email);
    return moved ?? signIn(http, journey.environment.api!, account);
  };
  const early = await after(14);
  if (typeof early === 'string') return unmet(`a clock that can be moved: ${early}`);
  if (early.ok) journey.breaks('stays-locked', 'after 14 minutes an account that was locked for 15 is open');
  else if (early.refused) journey.holds('stays-locked', { observed: early.because });
  else if (isLimited(early.because)) return unmet(limited);
  else journey.breaks('stays-locked', `after 14 minutes: ${early.because}`);
  const late = await after(16);
  if (typeof late === 'string') journey.unmet(`a clock that can be moved: ${late}`, 'opens-again');
  else if (late.ok) journey.holds('opens-again');
  else if (isLimited(late.because)) journey.unmet(limited, 'opens-again');
  else journey.breaks('opens-again', `after 16 minutes the right password is still refused: ${late.because}`);
  await moveClock(journey, http, 0, account.email);
}

/** Five wrong passwords given to the procedure lock the sign-in as well; on an account of its own, as nothing else may have locked it. */
async function locksTheOtherWay(journey: Journey, http: Http): Promise<void> {
  const other = await someAccount(journey, http, 'shared');
  if (other === null) return;
  for (let i = 1; i <= 5; i++) {
    const { status, message } = await asked(journey, http, { ...other, password: wrongPassword() });
    if (status === 429) return journey.unmet(limited, 'shared');
    if (status !== 401 && status !== 403)
      return journey.breaks('shared', `auth.login answered ${status} ${message} to wrong password ${i}`);
  }
  const tried = await signIn(http, journey.environment.api!, other);
  const seen = { expected: 'refused after five wrong passwords given to auth.login' };
  if (tried.ok) journey.breaks('shared', 'five wrong passwords given to auth.login do not lock the sign-in', seen);
  else if (tried.refused) journey.holds('shared', { ...seen, observed: tried.because });
  else if (isLimited(tried.because)) journey.unmet(limited, 'shared');
  else journey.breaks('shared', tried.because, seen);
}
