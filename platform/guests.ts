import { randomBytes, randomUUID } from 'node:crypto';
import type { Http } from '../probes/http.ts';
import { iceServersFor } from '../probes/livekit.ts';
import type { IceServer } from '../probes/media/ice.ts';
import { type Account, type Making, useAccount } from './accounts.ts';
import { askFor, claimsOf, type Issued, keyOf, mint, removeAtTheEnd, roomOf, roomsAt } from './meetings.ts';
import { raisePlan, tenantOf, usePair } from './people.ts';

/** A meeting of this run, and the means to let several people in. */
export interface Meeting {
  readonly url: string;
  readonly room: string;
  readonly iceServers: readonly IceServer[];
  /** How many different people can be in it at the same time; one token is one person. */
  readonly places: number;
  /** A token for the person of this number, from 0; the same number is the same person. */
  ticket(person: number): Promise<Issued>;
}

export type Opened =
  | { readonly kind: 'meeting'; readonly meeting: Meeting }
  | { readonly kind: 'unmet'; readonly needs: string }
  | { readonly kind: 'failed'; readonly because: string };

/** With the key anybody can be let in; otherwise the platform issues tokens, one for each account that can be had. */
export async function openMeeting(making: Making, http: Http): Promise<Opened> {
  const { meetings } = making.environment;
  if (!meetings) return { kind: 'unmet', needs: 'meetings' };
  if (!meetings.tokens) return { kind: 'unmet', needs: 'meetings.tokens' };
  const id = `${making.scope}-${randomBytes(4).toString('hex')}`;
  const door =
    'mint' in meetings.tokens ? minted(making, http, id) : issued(making, http, meetings.tokens.procedure, id);
  const found = await door;
  if (found.kind !== 'door') return found;
  const first = await found.ticket(0);
  if (first.kind !== 'ticket') return first;
  const told = await iceServersFor(making, meetings.url, first.token);
  if (!told.ok) return { kind: 'failed', because: `nobody can join a meeting: ${told.because}` };
  const { places, ticket } = found;
  return {
    kind: 'meeting',
    meeting: { url: meetings.url, room: first.room, iceServers: told.iceServers, places, ticket },
  };
}

type Door = { readonly kind: 'door' } & Pick<Meeting, 'places' | 'ticket'>;
type Closed = Exclude<Opened, { kind: 'meeting' }>;

const enough = 8;

async function minted(making: Making, http: Http, id: string): Promise<Door | Closed> {
  const { meetings } = making.environment;
  const key = meetings && keyOf(meetings);
  if (!meetings || !key) return { kind: 'unmet', needs: 'meetings.tokens.mint' };
  const owner = await useAccount(making, http);
  const account = owner.kind === 'account' ? owner.account : null;
  // The meeting server knows nothing of tenants: without an account one that nobody has will do.
  const room = roomOf((account && (await tenantOf(account))) ?? randomUUID(), id);
  removeAtTheEnd(making, meetings.url, key, room);
  // A server may make rooms only when asked to; whether users can is another check's matter.
  const trouble = await roomsAt(http, meetings.url, key).make(room);
  if (trouble !== null) return { kind: 'failed', because: trouble };
  const identities = Array.from({ length: enough }, (_, i) => (i === 0 && account?.userId) || randomUUID());
  const ticket = async (person: number): Promise<Issued> => ({
    kind: 'ticket',
    room,
    token: await mint(key, {
      room,
      identity: identities[person] ?? randomUUID(),
      userName: `${making.scope}-guest-${person}`,
      role: person === 0 ? 'host' : 'guest',
    }),
  });
  return { kind: 'door', places: enough, ticket };
}

async function issued(making: Making, http: Http, procedure: string, id: string): Promise<Door | Closed> {
  const accounts = await people(making, http);
  if ('kind' in accounts) return accounts;
  await raisePlan(making, accounts);
  const ask = (person: number): Promise<Issued> => {
    const account = accounts[person];
    if (!account)
      return Promise.resolve({
        kind: 'unmet',
        needs: 'two accounts of one tenant in accounts.given, or meetings.tokens.mint',
      });
    return askFor(account.client, procedure, id);
  };
  return { kind: 'door', places: accounts.length, ticket: keptTickets(ask) };
}

const renewBeforeMs = 60_000;

/** A ticket is good until it ends: whoever comes and goes asks for no more of them than a user's limits allow. */
export function keptTickets(ask: (person: number) => Promise<Issued>, nowMs = Date.now): Meeting['ticket'] {
  const tickets = new Map<number, Issued>();
  return async (person) => {
    const had = tickets.get(person);
    if (had?.kind === 'ticket' && (claimsOf(had.token).untilMs ?? 0) - nowMs() > renewBeforeMs) return had;
    const asked = await ask(person);
    tickets.set(person, asked);
    return asked;
  };
}

/** Two people of one tenant where two can be had, else one. */
async function people(making: Making, http: Http): Promise<readonly Account[] | Closed> {
  const pair = await usePair(making, http);
  if (pair.kind === 'pair') return [pair.host, pair.guest];
  if (pair.kind === 'failed') return pair;
  const use = await useAccount(making, http);
  return use.kind === 'account' ? [use.account] : use;
}
