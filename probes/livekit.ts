import { Redis } from 'ioredis';
import { redisConnector } from '../environment/sockets.ts';
import type { Http, Visit } from './http.ts';
import { type IceServer, iceServersIn } from './media/ice.ts';
import { dial, type Heard } from './socket.ts';

/** http(s) form of a meeting server's address, with or without a path under it. */
export const httpOf = (url: string): string => url.replace(/^ws/, 'http').replace(/\/+$/, '');

export type Tried =
  | { readonly kind: 'in' }
  | { readonly kind: 'refused'; readonly how: string }
  | { readonly kind: 'unclear'; readonly because: string };

/** Asks the server what it thinks of a token, without joining. */
export async function validate(http: Http, url: string, token: string): Promise<Tried> {
  const answer = await http.ask(`${httpOf(url)}/rtc/validate?access_token=${encodeURIComponent(token)}`);
  if (!answer.ok) return { kind: 'unclear', because: `/rtc/validate: ${answer.because}` };
  if (answer.status === 200) return { kind: 'in' };
  if (answer.status === 401 || answer.status === 403) return { kind: 'refused', how: `/rtc/validate ${answer.status}` };
  return { kind: 'unclear', because: `/rtc/validate answered ${answer.status}` };
}

/** Joins over the signalling socket as a client does; one is in when the server sends its join answer. */
export async function join(visit: Visit, url: string, token: string): Promise<Tried> {
  return triedBy(await knock(visit, url, token), visit.environment.timeoutMs);
}

export type Told =
  | { readonly ok: true; readonly iceServers: readonly IceServer[] }
  | { readonly ok: false; readonly because: string };

/** Which STUN and TURN servers the server names to somebody who joins. */
export async function iceServersFor(visit: Visit, url: string, token: string): Promise<Told> {
  const heard = await knock(visit, url, token);
  const tried = triedBy(heard, visit.environment.timeoutMs);
  if (heard.kind === 'frame' && tried.kind === 'in') return { ok: true, iceServers: iceServersIn(heard.frame.data) };
  return {
    ok: false,
    because:
      tried.kind === 'refused' ? `the token was refused (${tried.how})` : tried.kind === 'in' ? '' : tried.because,
  };
}

async function knock(visit: Visit, url: string, token: string): Promise<Heard> {
  const query = new URLSearchParams({
    access_token: token,
    auto_subscribe: '1',
    sdk: 'js',
    version: '2.0.0',
    protocol: '15',
  });
  const socket = dial(visit, `${url.replace(/\/+$/, '')}/rtc?${query}`);
  const heard = await socket.hear(() => true, visit.environment.timeoutMs);
  socket.close();
  return heard;
}

function triedBy(heard: Heard, timeoutMs: number): Tried {
  switch (heard.kind) {
    case 'frame':
      return isJoinAnswer(heard.frame.data)
        ? { kind: 'in' }
        : { kind: 'unclear', because: 'the signalling socket sent something else than a join answer' };
    case 'refused':
      if (heard.status === 401 || heard.status === 403) return { kind: 'refused', how: `/rtc ${heard.status}` };
      return { kind: 'unclear', because: `the signalling socket was answered HTTP ${heard.status}` };
    case 'closed':
      return { kind: 'refused', how: `close ${heard.code}` };
    case 'failed':
      return { kind: 'unclear', because: `the signalling socket: ${heard.because}` };
    case 'silent':
      return { kind: 'unclear', because: `the signalling socket said nothing within ${timeoutMs / 1000} s` };
  }
}

/** `SignalResponse` is a protobuf union whose member 1 is the join answer: field 1, length-delimited, is the byte 0x0a. */
const isJoinAnswer = (data: Buffer): boolean => data.length > 2 && data[0] === 0x0a;

export type Called = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly because: string };

/**
 * The room API by hand (Twirp: POST, JSON). The server SDK would send through the global `fetch`, where neither our
 * time-outs nor the deployment's own authority apply.
 */
export async function callRoomApi(
  http: Http,
  url: string,
  method: string,
  token: string,
  input: unknown,
): Promise<Called> {
  const answer = await http.ask(`${httpOf(url)}/twirp/livekit.RoomService/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  if (!answer.ok) return { ok: false, because: `${method}: ${answer.because}` };
  if (answer.status !== 200)
    return {
      ok: false,
      because: `${method} answered ${answer.status} ${answer.body.subarray(0, 200).toString('utf8')}`,
    };
  try {
    return { ok: true, value: JSON.parse(answer.body.toString('utf8')) as unknown };
  } catch {
    return { ok: false, because: `${method} answered 200 with something that is not JSON` };
  }
}

export type Shared =
  | { readonly ok: true; readonly nodes: number; readonly room: boolean }
  | { readonly ok: false; readonly because: string };

/** What the Redis of a meeting server knows: its nodes, and whether it has heard of a room. */
export async function lookInRedis({ environment }: Visit, url: string, room: string): Promise<Shared> {
  const { timeoutMs } = environment;
  const redis = new Redis(url, {
    Connector: redisConnector(environment),
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let trouble = '';
  redis.on('error', (error: Error) => {
    trouble = error.message;
  });
  try {
    await redis.connect();
    const [nodes, known] = await Promise.all([redis.hlen('nodes'), redis.hexists('rooms', room)]);
    return { ok: true, nodes, room: known === 1 };
  } catch (error) {
    return { ok: false, because: trouble || (error instanceof Error ? error.message : String(error)) };
  } finally {
    redis.disconnect();
  }
}
