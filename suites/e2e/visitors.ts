import type { Account } from '../../platform/accounts.ts';
import { baseHeaders } from '../../platform/auth.ts';
import { untilSide } from '../../platform/pages/entrance.ts';
import { Visit } from '../../platform/pages/visit.ts';
import { untilKnown } from '../../platform/pages/whoami.ts';
import { useAccount } from '../../platform/people.ts';
import { type Trpc, trpc, whyNoData } from '../../platform/trpc.ts';
import type { Http } from '../../probes/http.ts';
import type { Journey, JourneyBody } from '../../runners/journey.ts';
import { mindingLimits } from './limits.ts';
import { notStarted, withHttp } from './room.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** Somebody at the dashboard. */
export interface Visitor {
  readonly dashboard: Visit;
  /** The value of the session cookie this browser holds, or null. */
  token(): Promise<string | null>;
}

/** A body of somebody who comes to the door of the dashboard, where sign-ins may be counted. */
export const atTheDoor =
  (body: (journey: Journey, http: Http) => Promise<void>): JourneyBody =>
  (journey) =>
    withHttp(journey, (http) => body(mindingLimits(journey), http));

export async function visitor(journey: Journey, name: string): Promise<Visitor> {
  const { page, context } = await journey.person(name);
  const names = journey.environment.api?.sessionCookies ?? [];
  return {
    dashboard: new Visit(page, journey.environment),
    token: async () => {
      const cookies = await context.cookies();
      return names.map((one) => cookies.find((cookie) => cookie.name === one)?.value).find((value) => value) ?? null;
    },
  };
}

/** Null: said why not. */
export async function someAccount(journey: Journey, http: Http, assertion: string): Promise<Account | null> {
  const use = await useAccount(journey, http);
  return use.kind === 'account' ? use.account : notStarted(journey, assertion, use);
}

export async function tries(
  journey: Journey,
  { dashboard }: Visitor,
  who: Credentials,
  as = 'signing in',
): Promise<void> {
  await journey.does('opening the sign-in page', async () => {
    await dashboard.open('/login');
    await dashboard.email.waitFor();
  });
  await journey.does(as, () => dashboard.signIn(who));
}

/** A dashboard that is drawn for a moment, or for somebody else, lets nobody in. */
export async function isIn(journey: Journey, { dashboard }: Visitor, email: string): Promise<void> {
  const { page } = dashboard;
  await journey.sees('the dashboard did not appear and stay', (withinMs) => untilSide(page, 'inside', withinMs));
  await journey.sees('the platform did not know in the dashboard who was there', (withinMs) =>
    untilKnown(page, journey.environment, email, withinMs),
  );
}

export async function signsIn(journey: Journey, who: Visitor, as: Credentials): Promise<void> {
  await tries(journey, who, as);
  await isIn(journey, who, as.email);
}

/** The API as whoever holds this session token. */
export function holding({ environment }: Pick<Journey, 'environment'>, http: Http, token: string): Trpc {
  const api = environment.api!;
  const cookie = api.sessionCookies.map((name) => `${name}=${token}`).join('; ');
  return trpc(http, { ...api, headers: { ...baseHeaders(api), cookie } });
}

/** Whether a session opens anything. Only 401 says that it is over; whatever else comes in place of data says nothing of it. */
export type State = 'open' | 'over' | { readonly because: string };

export async function stateOf(client: Trpc): Promise<State> {
  const reply = await client.query('users.me');
  const because = whyNoData(reply);
  if (because === null) return 'open';
  return reply.status === 401 ? 'over' : { because: `users.me ${because}` };
}

/** Was this refused for how often it was asked, and not for what? */
export const isLimited = (because: string): boolean => /\b429\b|TOO_MANY/.test(because);

export const newPassword = (): string => `Sd2!${crypto.randomUUID().slice(0, 18)}`;
