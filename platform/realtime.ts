import type { Environment } from '../environment/types.ts';
import type { Visit } from '../probes/http.ts';
import { dial, endingInWords, type Frame, type Heard, type Socket } from '../probes/socket.ts';
import { isRecord, jsonOf } from './json.ts';

/** `{type, payload, …}`, the JSON text frames both sides send. */
export interface Message {
  readonly type: string;
  readonly payload: unknown;
}

export interface Room {
  readonly url: string;
  /** A chat session of the caller. */
  readonly sessionId: string;
  /** Null: no cookie at all. */
  readonly token: string | null;
  /** Id of the last message that was seen here: what came after it is to be replayed. */
  readonly after?: string;
}

export type Entrance =
  | { readonly ok: true; readonly socket: Socket; readonly serverId: string | null; readonly tookMs: number }
  | { readonly ok: false; readonly because: string; readonly heard: Heard };

/**
 * The server upgrades before it looks at the cookie, so only the first `ack` says that one is in. News of others in the
 * room may overtake it; an error may not.
 */
export async function enter(visit: Visit, room: Room): Promise<Entrance> {
  const socket = knock(visit, room);
  const heard = await socket.hear(settlesIt, visit.environment.timeoutMs);
  const payload = heard.kind === 'frame' ? ackOf(heard.frame) : null;
  if (heard.kind === 'frame' && payload?.connected === true) {
    const serverId = typeof payload.serverId === 'string' ? payload.serverId : null;
    return { ok: true, socket, serverId, tookMs: heard.frame.atMs - socket.startMs };
  }
  socket.close();
  return { ok: false, because: whyNotIn(heard, visit), heard };
}

const settlesIt = (frame: Frame): boolean => ['ack', 'error', undefined].includes(messageOf(frame)?.type);

/** The token under each name the deployment may read it by: what signs in and what opens sockets need not agree. */
export const sessionCookie = ({ cookies }: NonNullable<Environment['realtime']>, token: string): string =>
  cookies.map((name) => `${name}=${token}`).join('; ');

/** Dials with the session cookie under the names the deployment may read, and the origin of its own pages. */
export function knock(visit: Visit, { url, sessionId, token, after }: Room): Socket {
  const realtime = granted(visit.environment);
  const address = new URL(url);
  address.searchParams.set('sessionId', sessionId);
  if (after !== undefined) address.searchParams.set('after', after);
  const headers: Record<string, string> = token === null ? {} : { cookie: sessionCookie(realtime, token) };
  return dial(visit, address.href, { headers, origin: realtime.origin });
}

function whyNotIn(heard: Heard, { environment }: Visit): string {
  if (heard.kind === 'silent') return `no ack within ${environment.timeoutMs / 1000} s`;
  if (heard.kind === 'frame')
    return `was answered with something else than an ack: ${heard.frame.data.subarray(0, 200).toString('utf8')}`;
  return heard.kind === 'failed' ? heard.because : `was turned away by ${endingInWords(heard)}`;
}

/** Application-level ping; resolves to the time the pong took. */
export async function ping(
  visit: Visit,
  socket: Socket,
): Promise<{ readonly ok: true; readonly tookMs: number } | { readonly ok: false; readonly because: string }> {
  const startMs = visit.now();
  const from = socket.frames.length;
  socket.send(JSON.stringify({ type: 'ping', payload: {} }));
  const heard = await socket.hear((frame) => messageOf(frame)?.type === 'pong', visit.environment.timeoutMs, from);
  if (heard.kind === 'frame') return { ok: true, tookMs: heard.frame.atMs - startMs };
  const because =
    heard.kind === 'silent'
      ? `no pong within ${visit.environment.timeoutMs / 1000} s`
      : `ping was answered by ${endingInWords(heard)}`;
  return { ok: false, because };
}

export const chat = (content: string, messageId?: string): string =>
  JSON.stringify({ type: 'chat_message', payload: content, ...(messageId ? { messageId } : {}) });

export function messageOf({ data, binary }: Frame): Message | null {
  const value = binary ? null : jsonOf(data);
  return isRecord(value) && typeof value.type === 'string' ? { type: value.type, payload: value.payload } : null;
}

export function ackOf(frame: Frame): Record<string, unknown> | null {
  const message = messageOf(frame);
  return message?.type === 'ack' && isRecord(message.payload) ? message.payload : null;
}

function granted({ realtime }: Environment): NonNullable<Environment['realtime']> {
  if (realtime === null) throw new Error('the environment file has no realtime');
  return realtime;
}
