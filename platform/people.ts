import type pg from 'pg';
import type { Http } from '../probes/http.ts';
import { databaseClient } from '../probes/postgres.ts';
import { type Account, type Making, makeTenant, type Use, useAccount } from './accounts.ts';
import { baseHeaders, signIn } from './auth.ts';
import { isRecord } from './json.ts';
import { type Reply, type Trpc, trpc, whyNoData } from './trpc.ts';

/** Two people of one tenant. */
export type Pair =
  | { readonly kind: 'pair'; readonly host: Account; readonly guest: Account }
  | { readonly kind: 'unmet'; readonly needs: string }
  | { readonly kind: 'failed'; readonly because: string };

/**
 * Two users of one tenant who can both sign in. No procedure of the platform makes a second one: the second is registered
 * with a tenant of its own and moved over in the database, or both are given.
 */
export async function usePair(making: Making, http: Http): Promise<Pair> {
  const { accounts, database } = making.environment;
  if (accounts?.create && database.serviceUrl !== null) return makePair(making, http, database.serviceUrl);
  const given = pairOf(accounts?.given ?? []);
  if (given === null)
    return { kind: 'unmet', needs: 'database.serviceUrl with accounts.create, or two accounts.given of one tenant' };
  const [host, guest] = [await enterGiven(making, http, given[0]), await enterGiven(making, http, given[1])];
  if (host.kind !== 'account') return host;
  return guest.kind === 'account' ? { kind: 'pair', host: host.account, guest: guest.account } : guest;
}

async function makePair(making: Making, http: Http, serviceUrl: string): Promise<Pair> {
  const [host, guest] = await Promise.all([makeTenant(making, http), makeTenant(making, http)]);
  if (host.kind !== 'account') return host;
  if (guest.kind !== 'account') return guest;
  const moved = await inDatabase(making, serviceUrl, (client) =>
    client.query(`update users set tenant_id = $2, role = 'admin' where id = $1`, [
      guest.account.userId,
      host.account.tenantId,
    ]),
  );
  // What the granted role may not do, or does not see, is nothing the deployment has failed at.
  if (!moved.ok) return { kind: 'unmet', needs: `database.serviceUrl that can move a user: ${moved.because}` };
  if (moved.value.rowCount !== 1) return { kind: 'unmet', needs: seesAll };
  const again = await enterGiven(making, http, guest.account);
  if (again.kind !== 'account') return again;
  return {
    kind: 'pair',
    host: host.account,
    guest: { ...again.account, userId: guest.account.userId, tenantId: host.account.tenantId, role: 'admin' },
  };
}

/** A role that row level security binds changes no row, and is told of no error. */
const seesAll = 'database.serviceUrl of a role that sees past row level security';

type Given = Pick<Account, 'email' | 'password' | 'role'>;

async function enterGiven(making: Making, http: Http, who: Given): Promise<Use> {
  const { api } = making.environment;
  if (api === null) return { kind: 'unmet', needs: 'api' };
  const signedIn = await signIn(http, api, who);
  // A session remembers its tenant, so whoever was moved signs in anew.
  if (!signedIn.ok) return { kind: 'failed', because: signedIn.because };
  making.secret?.(signedIn.session.token);
  const client = trpc(http, { ...api, headers: signedIn.session.headers });
  return { kind: 'account', account: { ...who, tenantId: null, userId: null, session: signedIn.session, client } };
}

function pairOf<T extends { readonly tenant: string }>(given: readonly T[]): readonly [T, T] | null {
  for (const [i, one] of given.entries()) {
    const other = given.slice(i + 1).find(({ tenant }) => tenant === one.tenant);
    if (other) return [one, other];
  }
  return null;
}

/** Two people of different tenants. */
export async function useStrangers(making: Making, http: Http): Promise<Pair> {
  const { accounts } = making.environment;
  if (accounts?.create) {
    const [host, guest] = await Promise.all([makeTenant(making, http), makeTenant(making, http)]);
    if (host.kind !== 'account') return host;
    return guest.kind === 'account' ? { kind: 'pair', host: host.account, guest: guest.account } : guest;
  }
  const [first] = accounts?.given ?? [];
  const other = accounts?.given.find(({ tenant }) => tenant !== first?.tenant);
  if (!first || !other) return { kind: 'unmet', needs: 'accounts.create, or accounts.given of two tenants' };
  const [host, guest] = [await enterGiven(making, http, first), await enterGiven(making, http, other)];
  if (host.kind !== 'account') return host;
  return guest.kind === 'account' ? { kind: 'pair', host: host.account, guest: guest.account } : guest;
}

export { useAccount };

/** The API as whoever has no session: a customer of a tenant, in its widget. Needs `api`. */
export function asNobody({ environment: { api } }: Pick<Making, 'environment'>, http: Http): Trpc {
  return trpc(http, { ...api!, headers: baseHeaders(api!) });
}

/** The tenant of an account, which the platform is asked for where this run has not made it. */
export async function tenantOf({ client, tenantId }: Account): Promise<string | null> {
  if (tenantId !== null) return tenantId;
  const data = dataOf(await client.query('auth.getSession'));
  const user = isRecord(data) && isRecord(data.user) ? data.user : {};
  return typeof user.tenantId === 'string' ? user.tenantId : null;
}

export type Made = { readonly ok: true; readonly id: string } | { readonly ok: false; readonly because: string };

/** A chat session of the caller, which is a room for sockets as well. */
export async function makeSession({ client }: Account): Promise<Made> {
  return idOf('sessions.create', await client.mutation('sessions.create', {}));
}

/** The id in an answer that makes something. */
export function idOf(procedure: string, reply: Reply): Made {
  const wrong = whyNoData(reply);
  if (wrong !== null) return { ok: false, because: `${procedure}: ${wrong}` };
  const data = dataOf(reply);
  if (isRecord(data) && typeof data.id === 'string') return { ok: true, id: data.id };
  return { ok: false, because: `${procedure} answered without an id` };
}

export const dataOf = (reply: Reply): unknown =>
  reply.ok && reply.outcome.kind === 'data' ? reply.outcome.data : undefined;

export type Asked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly because: string };

/** One connection as the service role, for what no procedure shows or changes. */
export async function inDatabase<T>(
  { environment }: Pick<Making, 'environment'>,
  serviceUrl: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<Asked<T>> {
  const client = databaseClient(serviceUrl, environment, 8_000);
  try {
    await client.connect();
    return { ok: true, value: await work(client) };
  } catch (error) {
    return { ok: false, because: error instanceof Error ? error.message : String(error) };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Raises the plan of tenants of this run, so that their limits allow for the samples a target takes; false when it may not be touched. */
export async function raisePlan(making: Making, accounts: readonly Account[]): Promise<boolean> {
  const { serviceUrl } = making.environment.database;
  const ids = accounts.flatMap(({ tenantId }) => (tenantId === null ? [] : [tenantId]));
  if (serviceUrl === null || ids.length === 0) return false;
  const raised = await inDatabase(making, serviceUrl, (client) =>
    client.query(`update tenants set plan = 'enterprise' where id = any($1)`, [ids]),
  );
  return raised.ok && raised.value.rowCount === ids.length;
}
