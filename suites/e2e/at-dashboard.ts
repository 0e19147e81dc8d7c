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
      const { journey, dashboard, account, person } = at;
      const inside = await journey.shows(assertions[0]!, async () => {
        await journey.does('opening the dashboard', () => openDashboard(person.page, dashboard));
        const side = await whichSide(person.page, at.patienceMs);
        // A deployment that takes no carried session still lets its users in by the door.
        if (side === 'outside') await journey.does('signing in', () => signInAs(person.page, account));
        await journey.sees('the dashboard did not open', (withinMs) => untilSide(person.page, 'inside', withinMs));
      });
      if (inside) await body(at);
    });

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
