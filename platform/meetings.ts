import { randomBytes, randomUUID } from 'node:crypto';
import { decodeJwt, SignJWT } from 'jose';
import type { Environment } from '../environment/types.ts';
import type { Http } from '../probes/http.ts';
import { openHttp } from '../probes/http.ts';
import { callRoomApi } from '../probes/livekit.ts';
import { type Making, useAccount } from './accounts.ts';
import { isRecord } from './json.ts';
import { type Trpc, whyNoData } from './trpc.ts';

export type Meetings = NonNullable<Environment['meetings']>;

export interface Key {
  readonly key: string;
  readonly secret: string;
}

/** The API key, where the environment file grants one. */
export const keyOf = ({ tokens }: Meetings): Key | null => (tokens && 'mint' in tokens ? tokens.mint : null);

export interface Ticket {
  readonly token: string;
  readonly room: string;
}

export type Issued =
  | ({ readonly kind: 'ticket' } & Ticket)
  | { readonly kind: 'unmet'; readonly needs: string }
  | { readonly kind: 'failed'; readonly because: string };

/** A token to join a room of this run: minted with the granted key, or asked of the platform as a signed-in user. */
export async function issue(making: Making, http: Http, room: string): Promise<Issued> {
  const { meetings } = making.environment;
  if (meetings?.tokens == null) return { kind: 'unmet', needs: 'meetings.tokens' };
  if ('mint' in meetings.tokens) {
    const named = roomOf(randomUUID(), room);
    const who = { identity: randomUUID(), userName: `${making.scope}-guest` };
    return { kind: 'ticket', room: named, token: await mint(meetings.tokens.mint, { room: named, ...who }) };
  }
  const use = await useAccount(making, http);
  if (use.kind !== 'account') return use;
  return askFor(use.account.client, meetings.tokens.procedure, room);
}

/** Query or mutation: the contract names the procedure and not its verb, and the API says when it is the other one. */
export async function askFor(client: Trpc, procedure: string, meetingId: string): Promise<Issued> {
  const first = await client.query(procedure, { meetingId });
  const reply = first.status === 405 ? await client.mutation(procedure, { meetingId }) : first;
  const wrong = whyNoData(reply);
  if (wrong !== null) return { kind: 'failed', because: `${procedure}: ${wrong}` };
  const data = reply.ok && reply.outcome.kind === 'data' ? reply.outcome.data : null;
  if (!isRecord(data) || typeof data.token !== 'string')
    return { kind: 'failed', because: `${procedure} answered without a token` };
  const { token, roomName } = data;
  const room = claimsOf(token).room ?? (typeof roomName === 'string' ? roomName : meetingId);
  return { kind: 'ticket', token, room };
}

/** What a token says by itself: the room it opens, and until when, ms since 1970; null where it does not say. */
export function claimsOf(token: string): { readonly room: string | null; readonly untilMs: number | null } {
  try {
    const { exp, video } = decodeJwt(token);
    const room = isRecord(video) && typeof video.room === 'string' && video.room !== '' ? video.room : null;
    return { room, untilMs: exp === undefined ? null : 1_000 * exp };
  } catch {
    return { room: null, untilMs: null };
  }
}

/** The name of a room as the platform gives it. The agent cuts it at the first two underscores to learn whose it is. */
export const roomOf = (tenantId: string, name: string): string => `tenant_${tenantId}_${name}`;

export interface Grant {
  readonly room: string;
  /** As the platform's own tokens: the id of the user. */
  readonly identity: string;
  readonly userName: string;
  /** `guest` unless said. */
  readonly role?: 'host' | 'guest';
  /** Seconds from now; negative for a token whose time is over. */
  readonly ttlSeconds?: number;
}

/** With the claims of the platform's own tokens; whoever reads its metadata, as the agent may, finds them there. */
export function mint({ key, secret }: Key, grant: Grant): Promise<string> {
  const { room, identity, userName, role = 'guest', ttlSeconds = 600 } = grant;
  const may = { canPublish: true, canSubscribe: true, canPublishData: true, canUpdateOwnMetadata: role === 'host' };
  const video = { roomJoin: true, room, ...may };
  const metadata = JSON.stringify({ userName, role });
  return sign({ video, name: userName, metadata }, key, secret, identity, ttlSeconds);
}

/** The same token as another would make it who does not know the secret. */
export function forge(token: string): Promise<string> {
  const { iss = 'unknown', sub = 'unknown', exp: _, nbf: __, iat: ___, ...claims } = decodeJwt(token);
  return sign(claims, iss, randomBytes(32).toString('hex'), sub, 600);
}

function sign(
  claims: Record<string, unknown>,
  key: string,
  secret: string,
  identity: string,
  ttlSeconds: number,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return (
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(key)
      .setSubject(identity)
      // The clocks of two machines differ; a token that is not valid yet would be refused for our own fault.
      .setNotBefore(now + Math.min(ttlSeconds, 0) - 120)
      .setExpirationTime(now + ttlSeconds)
      .sign(new TextEncoder().encode(secret))
  );
}

export interface Rooms {
  make(name: string): Promise<string | null>;
  /** Names of those rooms among `names` that the server lists. */
  list(
    names: readonly string[],
  ): Promise<
    { readonly ok: true; readonly names: readonly string[] } | { readonly ok: false; readonly because: string }
  >;
  /** Null when it worked, else why not. */
  remove(name: string): Promise<string | null>;
}

/** The room API of one node, as the holder of the key. */
export function roomsAt(http: Http, url: string, key: Key): Rooms {
  const call = async (method: string, room: string, input: unknown) => {
    const video = { roomCreate: true, roomList: true, roomAdmin: true, room };
    return callRoomApi(http, url, method, await sign({ video }, key.key, key.secret, 'shakedown', 60), input);
  };
  return {
    make: async (name) => {
      const made = await call('CreateRoom', name, { name, empty_timeout: 120 });
      if (!made.ok) return made.because;
      return isRecord(made.value) && made.value.name === name ? null : 'CreateRoom answered with another room';
    },
    list: async (names) => {
      const listed = await call('ListRooms', '', { names });
      if (!listed.ok) return listed;
      const rooms = isRecord(listed.value) && Array.isArray(listed.value.rooms) ? listed.value.rooms : [];
      return {
        ok: true,
        names: rooms.flatMap((room) => (isRecord(room) && typeof room.name === 'string' ? [room.name] : [])),
      };
    },
    remove: async (name) => {
      const removed = await call('DeleteRoom', name, { room: name });
      return removed.ok ? null : removed.because;
    },
  };
}

/** Sees to it that a room of this run is gone at the end; rooms that are gone already are no residue. */
export function removeAtTheEnd(making: Making, url: string, key: Key, name: string): void {
  making.cleanup(async () => {
    const { environment } = making;
    const http = openHttp({ environment, now: () => making.now(), signal: AbortSignal.timeout(8_000) });
    try {
      const rooms = roomsAt(http, url, key);
      const listed = await rooms.list([name]);
      if (listed.ok && !listed.names.includes(name)) return;
      const trouble = await rooms.remove(name);
      if (trouble !== null) making.residue('meeting room', name, trouble);
    } finally {
      await http.close();
    }
  });
}
