import type { Account } from '../../platform/accounts.ts';
import { carrySession, openDashboard, signInAs, untilSide, whichSide } from '../../platform/pages/entrance.ts';
import { useAccount } from '../../platform/people.ts';
import type { Http } from '../../probes/http.ts';
import type { Journey, JourneyBody, Person } from '../../runners/journey.ts';
import { mindingLimits } from './limits.ts';
import { notStarted, withHttp } from './room.ts';

/** Somebody who is signed in at the dashboard. */
export interface AtDashboard {
  readonly journey: Journey;
  readonly http: Http;
  readonly account: Account;
  readonly person: Person;
  readonly dashboard: string;
  /** A step of a user may take this long, ms. */
  readonly patienceMs: number;
}

/**
 * A body that begins signed in. The account comes from the API and so does its session, so that a broken sign-up or sign-in
 * page hides nothing of what lies behind it.
 */
export const atDashboard =
  (assertions: readonly string[], body: (at: AtDashboard) => Promise<void>): JourneyBody =>
  (ours) =>
    withHttp(ours, async (http) => {
      const at = await arrive(ours, http, assertions[0]!);
      if (at === null) return;
      const { journey } = at;
      if (await journey.shows(assertions[0]!, () => comesIn(at))) await body(at);
    });

/** Opens the dashboard with the session that was carried in. */
export async function comesIn({
  journey,
  person: { page },
  account,
  dashboard,
  patienceMs,
}: AtDashboard): Promise<void> {
  await journey.does('opening the dashboard', () => openDashboard(page, dashboard));
  const side = await whichSide(page, patienceMs);
  // A deployment that takes no carried session still lets its users in by the door.
  if (side === 'outside') await journey.does('signing in', () => signInAs(page, account));
  await journey.sees('the dashboard did not open', (withinMs) => untilSide(page, 'inside', withinMs));
}

/** The same user at a browser that knows nothing of the first one. */
export async function elsewhere(at: AtDashboard): Promise<AtDashboard> {
  const person = await at.journey.person('the same user at another computer');
  await carrySession(person.context, at.journey.environment, at.account);
  return { ...at, person };
}

/** Everybody here is let in, or it is said why not; null then. */
export async function arrive(ours: Journey, http: Http, assertion: string): Promise<AtDashboard | null> {
  const journey = mindingLimits(ours);
  const { environment } = journey;
  const { dashboard } = environment.web;
  if (dashboard === null) {
    journey.unmet('web.dashboard');
    return null;
  }
  const use = await useAccount(journey, http);
  if (use.kind !== 'account') return notStarted(journey, assertion, use);
  const person = await journey.person('the user');
  await carrySession(person.context, environment, use.account);
  return { journey, http, account: use.account, person, dashboard, patienceMs: 2 * environment.timeoutMs };
}
