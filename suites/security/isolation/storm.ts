import { type Account, makeTenant } from '../../../platform/accounts.ts';
import { signIn } from '../../../platform/auth.ts';
import { isRecord } from '../../../platform/json.ts';
import { type Reply, type Trpc, trpc } from '../../../platform/trpc.ts';
import type { Http } from '../../../probes/http.ts';
import { type Database, DatabaseFailure } from '../../../probes/postgres.ts';
import type { BodyContext } from '../../../runners/body.ts';

/** A tenant that asks the API, and what in an answer would tell that it is this tenant's. */
export interface Guest {
  readonly name: 'A' | 'B';
  readonly client: Trpc;
  /** Asks, and closes the connection after so many milliseconds. */
  readonly hurried: (ms: number) => Trpc;
  readonly sessionId: string;
  readonly marks: readonly string[];
}

export type Guests =
  | { readonly kind: 'guests'; readonly guests: readonly [Guest, Guest] }
  | { readonly kind: 'unmet'; readonly needs: string };

export async function twoGuests(context: BodyContext, http: Http, admin: Database): Promise<Guests> {
  const accounts = await twoAccounts(context, http);
  if (!Array.isArray(accounts)) return { kind: 'unmet', needs: accounts };
  await raise(context, admin, accounts);
  const guests: Guest[] = [];
  for (const [at, account] of accounts.entries()) {
    const made = await account.client.mutation('sessions.create', {});
    const data = made.ok && made.outcome.kind === 'data' ? made.outcome.data : null;
    if (!isRecord(data) || typeof data.id !== 'string')
      return { kind: 'unmet', needs: 'sessions.create to answer, for rows to tell tenants by' };
    guests.push(guestOf(context, http, account, at === 0 ? 'A' : 'B', data.id));
  }
  return { kind: 'guests', guests: guests as [Guest, Guest] & Guest[] };
}

function guestOf(context: BodyContext, http: Http, account: Account, name: 'A' | 'B', sessionId: string): Guest {
  const inAHurry = (ms: number): Http => ({ ...http, ask: (url, how) => http.ask(url, { ...how, timeoutMs: ms }) });
  return {
    name,
    client: account.client,
    hurried: (ms) => trpc(inAHurry(ms), { ...context.environment.api!, headers: account.session.headers }),
    sessionId,
    marks: [account.email, account.tenantId, account.userId, sessionId].filter((mark) => mark !== null),
  };
}

/** Two tenants of this run, or one account each of two tenants that the environment file gives; else what is missing. */
async function twoAccounts(context: BodyContext, http: Http): Promise<Account[] | string> {
  const { accounts, api } = context.environment;
  if (accounts?.create) {
    const made = [await makeTenant(context, http), await makeTenant(context, http)];
    const wrong = made.find((one) => one.kind !== 'account');
    if (wrong?.kind === 'unmet') return wrong.needs;
    if (wrong?.kind === 'failed') return `two accounts that can sign in: ${wrong.because}`;
    return made.flatMap((one) => (one.kind === 'account' ? [one.account] : []));
  }
  const given = accounts?.given ?? [];
  const second = given.find(({ tenant }) => tenant !== given[0]?.tenant);
  if (!given[0] || !second) return 'accounts.given of two tenants, or accounts.create';
  const found: Account[] = [];
  for (const one of [given[0], second]) {
    const signedIn = await signIn(http, api!, one);
    if (!signedIn.ok) return `accounts that can sign in: ${signedIn.because}`;
    const client = trpc(http, { ...api!, headers: signedIn.session.headers });
    context.residue('chat session', one.email, 'made by a given account, whose tenant stays');
    found.push({ ...one, tenantId: null, userId: null, session: signedIn.session, client });
  }
  return found;
}

/** So many calls in seconds are beyond the smallest plan; tenants of our own get a larger one, where that can be done. */
async function raise(context: BodyContext, admin: Database, accounts: readonly Account[]): Promise<void> {
  const own = accounts.flatMap(({ tenantId }) => tenantId ?? []);
  try {
    if (own.length > 0) await admin.bare(`update tenants set plan = 'enterprise' where id = any ($1)`, [own]);
  } catch (error) {
    if (!(error instanceof DatabaseFailure)) throw error;
    context.note('plan of our tenants', `not raised, so that limits may cut in: ${error.message}`);
  }
}

export interface Storm {
  readonly asked: number;
  readonly answered: number;
  readonly cutOff: number;
  readonly limited: number;
  /** Answers to a tenant that held what is its own. */
  readonly own: number;
  readonly odd: ReadonlyMap<string, number>;
  /** How long half of the answers took at most; 0 without one. */
  readonly medianMs: number;
}

export interface How {
  readonly name: string;
  readonly rounds: number;
  /** Every third request is cut off at some moment before an answer that takes so long. */
  readonly cutWithinMs?: number;
  readonly mayFail?: boolean;
}

type Procedure = { readonly path: string; readonly input?: unknown; readonly own: string };

/** Both tenants and nobody in turns, many at once; each answer is searched for what is another's. */
export async function storm(
  context: BodyContext,
  guests: readonly [Guest, Guest],
  anonymous: Trpc,
  { name, rounds, cutWithinMs = 0, mayFail = false }: How,
): Promise<Storm> {
  const tally: Tally = { asked: 0, answered: 0, cutOff: 0, limited: 0, own: 0, odd: new Map(), tookMs: [] };
  const turns = Array.from({ length: rounds }, (_, round) => turn(round, guests));
  const worker = async (): Promise<void> => {
    for (let next = turns.pop(); next && !context.signal.aborted; next = turns.pop()) {
      const { guest, other, call, round } = next;
      const hasty = cutWithinMs > 0 && round % 3 === 2;
      const client = guest === null ? anonymous : hasty ? guest.hurried(momentOf(round, cutWithinMs)) : guest.client;
      tally.asked += 1;
      const reply = await client.query(call.path, call.input);
      const others = guest === null ? guests.flatMap(({ marks }) => marks) : other.marks;
      judgeReply(
        context,
        {
          reply,
          call,
          others,
          who: guest?.name ?? null,
          name,
          mayFail: mayFail || hasty,
          own: guest?.marks ?? [],
        },
        tally,
      );
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { ...tally, medianMs: tally.tookMs.sort((a, b) => a - b)[tally.tookMs.length >> 1] ?? 0 };
}

const atOnce = 16;

/** Spread over the time an answer takes, so that some are cut off while each of its statements is under way. */
const momentOf = (round: number, withinMs: number): number =>
  Math.max(1, Math.round(withinMs * (0.1 + 0.1 * (Math.floor(round / 3) % 9))));

interface Tally {
  asked: number;
  answered: number;
  cutOff: number;
  limited: number;
  own: number;
  readonly odd: Map<string, number>;
  readonly tookMs: number[];
}

function turn(round: number, [a, b]: readonly [Guest, Guest]) {
  const guest = [a, b, null, b, a, null, a, b][round % 8]!;
  const other = guest === a ? b : a;
  const calls: readonly Procedure[] = [
    { path: 'users.me', own: 'email' },
    { path: 'sessions.list', input: {}, own: 'session' },
    { path: 'sessions.get', input: { id: (guest ?? a).sessionId }, own: 'session' },
    { path: 'sessions.get', input: { id: other.sessionId }, own: 'none' },
  ];
  return { guest, other, call: calls[(round >> 3) % calls.length]!, round };
}

interface Turn {
  readonly reply: Reply;
  readonly call: Procedure;
  readonly others: readonly string[];
  readonly own: readonly string[];
  readonly who: string | null;
  readonly name: string;
  readonly mayFail: boolean;
}

function judgeReply(context: BodyContext, turn: Turn, tally: Tally): void {
  const { reply, call, others, who, name } = turn;
  const cell = `${call.path}, ${who === null ? 'nobody' : `tenant ${who}`}, ${name}`;
  if (!reply.answer.ok) {
    tally.cutOff += 1;
    return;
  }
  const body = reply.answer.body.toString('utf8');
  // What was asked with is no news when it comes back.
  const asked = JSON.stringify(call.input ?? '');
  const foreign = others.filter((mark) => !asked.includes(mark) && body.includes(mark));
  const gave = reply.ok && reply.outcome.kind === 'data' && (who === null || call.own === 'none');
  tally.answered += 1;
  tally.tookMs.push(reply.answer.tookMs);
  if (reply.status === 429) tally.limited += 1;
  const wrong = turn.mayFail || who === null || call.own === 'none' ? null : whyNotOwn(turn, body);
  if (foreign.length > 0 || gave) {
    const whom = who === null ? 'nobody' : `tenant ${who}`;
    leaks(context, cell, `an answer to ${whom} holds what is another tenant's (${call.path}, ${name})`);
  } else if (wrong === 'elsewhere') {
    const because = `tenant ${who} did not find its own ${call.own} with ${call.path}: it was served as somebody else (${name})`;
    leaks(context, cell, because);
  } else {
    if (wrong !== null) tally.odd.set(wrong, (tally.odd.get(wrong) ?? 0) + 1);
    const had = reply.ok && reply.outcome.kind === 'data';
    if (had && turn.own.some((mark) => body.includes(mark))) tally.own += 1;
    context.holds('cells', { cell, observed: had ? 'own data only' : `refused with ${reply.status}` });
  }
}

function leaks(context: BodyContext, cell: string, because: string): void {
  context.breaks('answers', because, { cell });
  context.breaks('cells', because, { cell });
}

/** An own thing that is missing was looked for in another's name; a call that failed otherwise is no evidence of that. */
function whyNotOwn({ reply, own, call }: Turn, body: string): string | null {
  if (!reply.ok) return reply.because;
  if (reply.outcome.kind === 'data') return own.some((mark) => body.includes(mark)) ? null : 'elsewhere';
  const { name, message } = reply.outcome.error;
  if (name === 'NOT_FOUND' && !/procedure/i.test(message) && call.input !== undefined) return 'elsewhere';
  return `${call.path}: ${name}`;
}
