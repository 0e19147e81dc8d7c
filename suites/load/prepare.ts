import { randomBytes } from 'node:crypto';
import type { Environment } from '../../environment/types.ts';
import { type Making, makeTenant } from '../../platform/accounts.ts';
import { type Session, signIn } from '../../platform/auth.ts';
import { isRecord } from '../../platform/json.ts';
import { keyOf, mint, roomOf } from '../../platform/meetings.ts';
import { type Reply, type Trpc, trpc, whyNoData } from '../../platform/trpc.ts';
import { type Http, openHttp } from '../../probes/http.ts';
import { databaseClient } from '../../probes/postgres.ts';

/** A person as the k6 script wants it; `suites/load/k6/given.ts` is the other side. */
export interface Person {
  readonly index: number;
  /** In every mark of this run: what an earlier run left in a tenant is not somebody else's answer. */
  readonly run: string;
  readonly email: string;
  readonly password: string;
  readonly session: { readonly token: string; readonly headers: Readonly<Record<string, string>> };
  readonly room: string;
  readonly partner: number;
  readonly knowledge: { readonly text: string; readonly mark: string } | null;
  readonly meetingToken: string | null;
}

export interface Prepared {
  readonly people: readonly Person[];
  /** The tenants are on a plan whose limits allow for the load. */
  readonly plan: 'raised' | 'given' | 'unknown';
  readonly notes: readonly string[];
  /** One for each user who could not be made, signed in or set up: why. */
  readonly failures: readonly string[];
  /** Why nobody could be prepared; the deployment's doing. */
  readonly failed: string | null;
  /** What the environment file does not grant, where that is why there is nobody. */
  readonly needs: string | null;
}

/** A user who is signed in, before rooms and knowledge. */
interface Member {
  readonly email: string;
  readonly password: string;
  readonly tenantId: string | null;
  readonly userId: string | null;
  session: Session;
}

const atOnce = 4;
/** After so many in a row the deployment is not going to take any. */
const failuresAtMost = 5;

/** Makes the users, on a plan that allows for the load, signed in, two to a tenant, each with a chat session. */
export async function prepare(making: Making, http: Http, wanted: number): Promise<Prepared> {
  const { accounts, database } = making.environment;
  const notes: string[] = [];
  if (!accounts?.create) {
    const { members, failures } = await enterGiven(making, http, notes);
    return finish(making, http, members, 'given', { notes, failures });
  }
  const { members, failures, needs } = await register(making, http, wanted);
  const failed = failures.at(-1) ?? '';
  if (members.length === 0) return { people: [], plan: 'unknown', notes, failures, failed, needs };
  if (members.length < wanted) notes.push(`${members.length} of ${wanted} users could be made: ${failed}`);
  if (database.serviceUrl === null) {
    notes.push('without database.serviceUrl the plan of the tenants is not raised: the lowest limits are kept to');
    return finish(making, http, members, 'unknown', { notes, failures });
  }
  const raised = await arrange(making, http, members, database.serviceUrl);
  if (raised !== null) notes.push(raised);
  return finish(making, http, members, raised === null ? 'raised' : 'unknown', { notes, failures });
}

interface Registered {
  readonly members: Member[];
  readonly failures: string[];
  readonly needs: string | null;
}

async function register(making: Making, http: Http, wanted: number): Promise<Registered> {
  const members: Member[] = [];
  const failures: string[] = [];
  let needs: string | null = null;
  let inARow = 0;
  await inParallel(wanted, async () => {
    if (inARow >= failuresAtMost || making.signal.aborted) return;
    const made = await makeTenant(making, http);
    inARow = made.kind === 'account' ? 0 : inARow + 1;
    if (made.kind === 'account') members.push(made.account);
    else if (made.kind === 'failed') failures.push(made.because);
    else needs = made.needs;
  });
  return { members, failures, needs };
}

async function enterGiven(making: Making, http: Http, notes: string[]) {
  const { accounts, api } = making.environment;
  const members: Member[] = [];
  const failures: string[] = [];
  for (const account of accounts?.given ?? []) {
    const signedIn = await signIn(http, api!, account);
    if (signedIn.ok) members.push({ ...account, tenantId: account.tenant, userId: null, session: signedIn.session });
    else failures.push(`a given ${account.role} could not be used: ${signedIn.because}`);
  }
  // Two of one tenant stand beside each other, so that they can write to one another.
  for (const tenant of new Set(members.map(({ tenantId }) => tenantId)))
    making.residue('chat sessions with their messages', String(tenant), 'made by given accounts, whose tenant stays');
  notes.push(...failures);
  return { members: members.sort((a, b) => String(a.tenantId).localeCompare(String(b.tenantId))), failures };
}

/**
 * Raises the plan and moves every second user into the tenant of the one before: no procedure of the platform makes a
 * second user who can sign in. They sign in anew afterwards, since a session may remember its tenant.
 */
async function arrange(making: Making, http: Http, members: Member[], serviceUrl: string): Promise<string | null> {
  const { environment } = making;
  const client = databaseClient(serviceUrl, environment, 8_000);
  try {
    await client.connect();
    const tenants = members.map(({ tenantId }) => tenantId);
    const raised = await client.query(`update tenants set plan = 'enterprise' where id = any($1)`, [tenants]);
    const moves = pairsOf(members);
    const moved = await client.query<{ id: string }>(
      'update users set tenant_id = move.home from (select unnest($1::uuid[]) as id, unnest($2::uuid[]) as home) move where users.id = move.id returning users.id',
      [moves.map(({ guest }) => guest.userId), moves.map(({ host }) => host.tenantId)],
    );
    const there = new Set(moved.rows.map(({ id }) => id));
    const done = moves.filter(({ guest }) => there.has(String(guest.userId)));
    await inParallel(done.length, (i) => moveIn(http, environment, done[i]!.guest, done[i]!.host));
    // A role that row level security binds changes no row, and is told of no error.
    if (raised.rowCount === tenants.length) return null;
    return `the plan of ${tenants.length - (raised.rowCount ?? 0)} of ${tenants.length} tenants could not be raised: the role of database.serviceUrl does not see them`;
  } catch (error) {
    return `the plan of the tenants could not be raised: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function pairsOf(members: readonly Member[]) {
  return members.flatMap((guest, i) =>
    i % 2 === 1 && guest.userId !== null ? [{ host: members[i - 1]!, guest }] : [],
  );
}

async function moveIn(http: Http, { api }: Environment, guest: Member, host: Member): Promise<void> {
  const signedIn = await signIn(http, api!, guest);
  if (!signedIn.ok) return;
  guest.session = signedIn.session;
  homes.set(guest, host.tenantId);
}

/** Where a moved user lives now; its own tenant is still the one to be cleaned up. */
const homes = new WeakMap<Member, string | null>();

const homeOf = (member: Member): string | null => homes.get(member) ?? member.tenantId;

async function finish(
  making: Making,
  http: Http,
  members: readonly Member[],
  plan: Prepared['plan'],
  { notes, failures }: { readonly notes: string[]; readonly failures: readonly string[] },
): Promise<Prepared> {
  const people: (Person | null)[] = members.map(() => null);
  const troubles: string[] = [];
  const library = new Library();
  await inParallel(members.length, async (i) => {
    const settled = await settleIn(making, http, members, i, library);
    if (typeof settled === 'string') troubles.push(settled);
    else people[i] = settled;
  });
  for (const [i, one] of people.entries()) if (one) people[i] = { ...one, knowledge: await library.of(members[i]!) };
  const ready = reindexed(people);
  if (troubles.length > 0)
    notes.push(`${troubles.length} of ${members.length} users could not be set up: ${troubles[0]}`);
  return {
    people: ready,
    plan,
    notes,
    failures: [...failures, ...troubles],
    failed: ready.length > 0 ? null : (troubles[0] ?? 'no given account could sign in'),
    needs: null,
  };
}

/** Numbers must be without gaps, since the script asks for them in turn. */
function reindexed(people: readonly (Person | null)[]): Person[] {
  const kept = people.filter((one) => one !== null);
  const place = new Map(kept.map((one, i) => [one.index, i]));
  return kept.map((one, i) => ({ ...one, index: i, partner: place.get(one.partner) ?? i }));
}

async function settleIn(
  making: Making,
  http: Http,
  members: readonly Member[],
  i: number,
  library: Library,
): Promise<Person | string> {
  const { environment } = making;
  const member = members[i]!;
  const client = trpc(http, { ...environment.api!, headers: member.session.headers });
  const made = await client.mutation('sessions.create', {});
  const wrong = whyNoData(made);
  if (wrong !== null) return `sessions.create: ${wrong}`;
  const data = made.ok && made.outcome.kind === 'data' ? made.outcome.data : null;
  if (!isRecord(data) || typeof data.id !== 'string') return 'sessions.create answered without an id';
  return {
    index: i,
    run: library.run,
    email: member.email,
    password: member.password,
    session: member.session,
    room: data.id,
    partner: partnerOf(members, i),
    knowledge: await library.add(member, (mark) => teach(making, client, member, mark)),
    meetingToken: await ticket(making, members, i),
  };
}

function partnerOf(members: readonly Member[], i: number): number {
  const other = i % 2 === 0 ? i + 1 : i - 1;
  const home = homeOf(members[i]!);
  return members[other] !== undefined && home !== null && homeOf(members[other]) === home ? other : i;
}

type Knowledge = Person['knowledge'];

/**
 * One text a tenant, with the run in its mark: whoever finds another's of the same run has crossed a line. The first of a
 * tenant who may upload does.
 */
class Library {
  readonly run = randomBytes(4).toString('hex');
  readonly #ofHome = new Map<unknown, Promise<Knowledge>>();

  of(member: Member): Promise<Knowledge> {
    return this.#ofHome.get(homeOf(member) ?? member) ?? Promise.resolve(null);
  }

  add(member: Member, upload: (mark: string) => Promise<Knowledge>): Promise<Knowledge> {
    const before = this.of(member);
    const mark = `sdk${this.run}${randomBytes(4).toString('hex')}`;
    const after = before.then((known) => known ?? upload(mark));
    this.#ofHome.set(homeOf(member) ?? member, after);
    return after;
  }
}

/** Uploads a text of this tenant's own; null when the deployment does not take it. */
async function teach(making: Making, client: Trpc, member: Member, mark: string): Promise<Knowledge> {
  const text = `House rules ${mark}: the lift is serviced on Mondays, deliveries arrive at the north gate.`;
  const uploaded = await client.mutation('knowledge.upload', { title: `House rules ${mark}`, content: text });
  if (whyNoData(uploaded) !== null) return null;
  if (!making.environment.accounts?.create) making.cleanup(() => unteach(making, idOf(uploaded), member, mark));
  return { text, mark };
}

const idOf = (reply: Reply): unknown =>
  reply.ok && reply.outcome.kind === 'data' && isRecord(reply.outcome.data) ? reply.outcome.data.id : null;

/** A tenant of this run goes with all it holds; what was put into a given one has to be taken out again. */
async function unteach(making: Making, id: unknown, { session }: Member, mark: string): Promise<void> {
  const visit = { environment: making.environment, now: making.now, signal: AbortSignal.timeout(8_000) };
  const http = openHttp(visit);
  const client = trpc(http, { ...making.environment.api!, headers: session.headers });
  const wrong = whyNoData(await client.mutation('knowledge.delete', { id }));
  await http.close();
  if (wrong !== null) making.residue('knowledge document', `House rules ${mark}`, `knowledge.delete: ${wrong}`);
}

/** Four to a room, which bears the name of the first one's tenant. */
async function ticket({ environment, scope }: Making, members: readonly Member[], i: number): Promise<string | null> {
  const key = environment.meetings === null ? null : keyOf(environment.meetings);
  if (key === null) return null;
  const number = Math.floor(i / 4);
  const room = roomOf(homeOf(members[4 * number]!) ?? scope, `${scope}-load-${number}`);
  const identity = members[i]!.userId ?? `${scope}-load-${i}`;
  return mint(key, { room, identity, userName: `${scope}-load-${i}`, ttlSeconds: 3600 });
}

async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
}
