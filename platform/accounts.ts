import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Environment, GivenAccount } from '../environment/types.ts';
import { type Http, openHttp, type Visit } from '../probes/http.ts';
import { databaseClient } from '../probes/postgres.ts';
import { baseHeaders, type Session, signIn, signOut } from './auth.ts';
import { despiteDeadlocks } from './deadlock.ts';
import { isRecord } from './json.ts';
import { type Trpc, trpc, whyNoData } from './trpc.ts';

/** What of a body's context is needed to make something and to remove it again. */
export interface Making extends Visit {
  readonly scope: string;
  cleanup(undo: () => Promise<void>): void;
  residue(what: string, id: string, why: string): void;
  /** Told of passwords and tokens this run makes, so that they stand in no file. */
  secret?(value: string): void;
}

/** A signed-in user, and the API as that user. */
export interface Account {
  readonly email: string;
  readonly password: string;
  readonly role: 'owner' | 'admin' | 'member';
  /** Known when this run made the tenant. */
  readonly tenantId: string | null;
  readonly userId: string | null;
  readonly session: Session;
  readonly client: Trpc;
}

export type Use =
  | { readonly kind: 'account'; readonly account: Account }
  | { readonly kind: 'unmet'; readonly needs: string }
  | { readonly kind: 'failed'; readonly because: string };

/** A signed-in owner of a tenant of this run, or else one of the accounts the environment file gives. */
export async function useAccount(making: Making, http: Http): Promise<Use> {
  const { accounts, api } = making.environment;
  if (api === null) return { kind: 'unmet', needs: 'api' };
  if (accounts?.create) return makeTenant(making, http);
  const given = accounts?.given[0];
  if (!given) return { kind: 'unmet', needs: 'accounts' };
  return enterGiven(making, http, given);
}

/** Signs one of the given accounts in, and out again at the end. */
export async function enterGiven(making: Making, http: Http, given: GivenAccount): Promise<Use> {
  const { api } = making.environment;
  if (api === null) return { kind: 'unmet', needs: 'api' };
  const signedIn = await signIn(http, api, given);
  if (!signedIn.ok) return { kind: 'failed', because: signedIn.because };
  const client = trpc(http, { ...api, headers: signedIn.session.headers });
  making.cleanup(() => withHttp(making, async (own) => void (await signOut(own, api, signedIn.session))));
  return { kind: 'account', account: { ...given, tenantId: null, userId: null, session: signedIn.session, client } };
}

/** Registers a tenant with a name of this run and signs its owner in; knows how it will go before it is made. */
export async function makeTenant(making: Making, http: Http): Promise<Use> {
  const { api } = making.environment;
  const remove = removalFor(making);
  if (api === null) return { kind: 'unmet', needs: 'api' };
  if (remove.kind === 'unmet') return remove;
  // The scope is the run's; several checks of it, and several runs beside each other, make tenants.
  const name = `${making.scope}-${randomBytes(4).toString('hex')}`;
  const who = { email: `${name}@example.com`, password: `Sd1!${randomBytes(12).toString('base64url')}` };
  making.secret?.(who.password);
  const anonymous = trpc(http, { ...api, headers: baseHeaders(api) });
  // From here on there may be a tenant, also when the answer does not come any more.
  const kept: Kept = { ...nobody, ...who, made: 'unanswered' };
  making.cleanup(() => remove.run(kept));
  const registered = await anonymous.mutation('auth.register', {
    ...who,
    name: `Shakedown ${making.scope}`,
    organizationName: name,
  });
  const wrong = whyNoData(registered);
  if (registered.ok || registered.status !== null) kept.made = wrong === null ? 'yes' : 'refused';
  if (wrong !== null) return { kind: 'failed', because: `auth.register: ${wrong}` };
  const made = madeBy(registered.ok && registered.outcome.kind === 'data' ? registered.outcome.data : null);
  Object.assign(kept, made);
  if (made.tenantId === null) return { kind: 'failed', because: 'auth.register answered without a tenant id' };
  const use = await enterAs(http, api, kept, made, anonymous);
  if (use.kind === 'account') making.secret?.(use.account.session.token);
  return use;
}

/** For an account that is made at a page or by a provider: removes it, and its tenant, when the check ends. Says what that needs, if it is not granted. */
export function removeLater(
  making: Making,
  who: { readonly email: string; readonly password?: string },
): string | null {
  const remove = removalFor(making);
  if (remove.kind === 'unmet') return remove.needs;
  const kept: Kept = { password: '', ...nobody, ...who, made: 'perhaps' };
  making.cleanup(() => remove.run(kept));
  return null;
}

async function enterAs(http: Http, api: Api, kept: Kept, made: Made, anonymous: Trpc): Promise<Use> {
  let signedIn = await signIn(http, api, kept);
  if (!signedIn.ok && signedIn.refused && made.verificationToken !== null) {
    // Auth.js does not ask for a verified address; a deployment that does and hands the token out can be satisfied.
    await anonymous.mutation('auth.verifyEmail', { token: made.verificationToken });
    signedIn = await signIn(http, api, kept);
  }
  if (!signedIn.ok) return { kind: 'failed', because: signedIn.because };
  const { session } = signedIn;
  kept.session = session;
  const client = trpc(http, { ...api, headers: session.headers });
  const { email, password } = kept;
  const { tenantId, userId } = made;
  return { kind: 'account', account: { email, password, role: 'owner', tenantId, userId, session, client } };
}

type Api = NonNullable<Environment['api']>;

interface Made {
  readonly tenantId: string | null;
  readonly userId: string | null;
  readonly verificationToken: string | null;
}

interface Kept extends Made {
  readonly email: string;
  readonly password: string;
  session: Session | null;
  /** Whoever is there only perhaps may never have come to be; a registration that is unanswered may still be under way. */
  made: 'yes' | 'perhaps' | 'unanswered' | 'refused';
}

const nobody = { tenantId: null, userId: null, verificationToken: null, session: null };

function madeBy(data: unknown): Made {
  const { tenant, user, verificationToken } = isRecord(data) ? data : {};
  return {
    tenantId: isRecord(tenant) ? text(tenant.id) : null,
    userId: isRecord(user) ? text(user.id) : null,
    verificationToken: text(verificationToken),
  };
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

type Removal =
  | { readonly kind: 'unmet'; readonly needs: string }
  | { readonly kind: 'removal'; run(kept: Kept): Promise<void> };

function removalFor(making: Making): Removal {
  const { accounts, database, api } = making.environment;
  if (!accounts?.create || api === null) return { kind: 'unmet', needs: 'accounts' };
  const { serviceUrl } = database;
  if (accounts.cleanup === 'database' && serviceUrl === null) return { kind: 'unmet', needs: 'database.serviceUrl' };
  return {
    kind: 'removal',
    run: async (kept) => {
      if (kept.session) await leave(making, api, kept.session);
      if (accounts.cleanup === 'database' && serviceUrl !== null) return removeFromDatabase(making, serviceUrl, kept);
      if (kept.made === 'refused') return;
      if (accounts.cleanup === 'procedure')
        return removeByProcedure(making, api, accounts.cleanupProcedure ?? '', kept);
      making.residue('tenant', kept.tenantId ?? kept.email, 'accounts.cleanup is none');
    },
  };
}

const leave = (making: Making, api: Api, session: Session): Promise<void> =>
  withHttp(making, async (http) => void (await signOut(http, api, session)));

async function removeFromDatabase(making: Making, serviceUrl: string, kept: Kept): Promise<void> {
  const { tenantId, email } = kept;
  const client = databaseClient(serviceUrl, making.environment, 8_000);
  try {
    await client.connect();
    const gone = await removeAtLast(client, kept);
    if (gone === 0 && kept.made === 'yes') making.residue('tenant', tenantId ?? email, 'deleting it changed no row');
    await client.query('delete from verification_tokens where identifier = $1', [email]);
  } catch (error) {
    making.residue(
      'tenant',
      tenantId ?? email,
      `could not be deleted: ${error instanceof Error ? error.message : error}`,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

const looksAtMost = 4;
const betweenLooksMs = 500;

/** A registration that nobody waits for any more may still be about to be stored. */
async function removeAtLast(client: pg.Client, { tenantId, email, made }: Kept): Promise<number> {
  for (let left = looksAtMost - 1; ; left--) {
    const gone = await despiteDeadlocks(() =>
      tenantId === null ? removeByEmail(client, email) : removeTenant(client, tenantId),
    );
    if (gone > 0 || made !== 'unanswered' || left === 0) return gone;
    await sleep(betweenLooksMs);
  }
}

async function removeTenant(client: pg.Client, tenantId: string): Promise<number> {
  return (await client.query('delete from tenants where id = $1', [tenantId])).rowCount ?? 0;
}

/** A deployment may have put the new user into a tenant that was there before: whatever has other people in it stays. */
async function removeByEmail(client: pg.Client, email: string): Promise<number> {
  const tenants = await client.query(
    `delete from tenants where id in (select tenant_id from users where email = $1)
       and not exists (select 1 from users other where other.tenant_id = tenants.id and other.email <> $1)`,
    [email],
  );
  const users = await client.query('delete from users where email = $1', [email]);
  return (tenants.rowCount ?? 0) + (users.rowCount ?? 0);
}

async function removeByProcedure(making: Making, api: Api, procedure: string, kept: Kept): Promise<void> {
  await withHttp(making, async (http) => {
    const signedIn = await signIn(http, api, kept);
    const headers = signedIn.ok ? signedIn.session.headers : {};
    const wrong = whyNoData(await trpc(http, { ...api, headers }).mutation(procedure, { tenantId: kept.tenantId }));
    if (wrong !== null) making.residue('tenant', kept.tenantId ?? kept.email, `${procedure}: ${wrong}`);
  });
}

/** Clean-up runs after the body's time is up, so it has connections and a signal of its own. */
async function withHttp(making: Making, work: (http: Http) => Promise<void>): Promise<void> {
  const { environment } = making;
  const http = openHttp({ environment, now: () => making.now(), signal: AbortSignal.timeout(8_000) });
  try {
    await work(http);
  } finally {
    await http.close();
  }
}
