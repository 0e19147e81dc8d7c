import type { Account } from '../../platform/accounts.ts';
import { type Ear, sit } from '../../platform/conversation.ts';
import { makeSession } from '../../platform/people.ts';
import { ping } from '../../platform/realtime.ts';
import { openHttp } from '../../probes/http.ts';
import { endingInWords } from '../../probes/socket.ts';
import type { BodyContext } from '../../runners/body.ts';
import { lostAfterMs } from './room.ts';
import { holding, type State, stateOf } from './visitors.ts';

const looks = 6;

/** Asked over connections of their own, as several instances may answer, one of which may remember what the others forgot. */
export async function stateOverConnections(context: BodyContext, token: string): Promise<State> {
  for (let look = 0; look < looks; look++) {
    const once = await stateOverOne(context, token);
    if (once !== 'over') return once;
  }
  return 'over';
}

export async function stateOverOne(context: BodyContext, token: string): Promise<State> {
  const http = openHttp(context);
  try {
    return await stateOf(holding(context, http, token));
  } finally {
    await http.close();
  }
}

/** Sockets of one account: opened with the session that is to end, and one with another session, to hold them against. */
export interface Sockets {
  readonly own: readonly { readonly url: string; readonly ear: Ear }[];
  readonly other: Ear;
}

/** Null: said why not. */
export async function openSockets(context: BodyContext, account: Account, token: string): Promise<Sockets | null> {
  const urls = context.environment.realtime?.urls ?? [];
  const room = urls.length > 0 ? await makeSession(account) : null;
  if (room === null) return null;
  if (!room.ok) return lacking(context, `a chat session to sit in (${room.because})`);
  const own: { url: string; ear: Ear }[] = [];
  for (const url of urls) {
    const seat = await take(context, url, room.id, token);
    if (typeof seat === 'string')
      return lacking(context, `a socket opened with the session of the dashboard (${seat})`);
    own.push({ url, ear: seat });
  }
  const other = await take(context, urls[0]!, room.id, account.session.token);
  return typeof other === 'string' ? lacking(context, `a socket of another session (${other})`) : { own, other };
}

function lacking(context: BodyContext, needs: string): null {
  context.unmet(needs, 'socket');
  return null;
}

async function take(context: BodyContext, url: string, sessionId: string, token: string): Promise<Ear | string> {
  const seat = await sit(context, { url, sessionId, token });
  if (!seat.ok) return `at ${url} it ${seat.because}`;
  context.cleanup(async () => seat.ear.socket.close());
  return seat.ear;
}

/** Each must be closed. By 1008, or for no reason that the socket of another session shares. */
export async function closed(context: BodyContext, { own, other }: Sockets): Promise<void> {
  const untilMs = context.now() + lostAfterMs(context);
  for (const { url, ear } of own) {
    const heard = await ear.socket.end(Math.max(1, untilMs - context.now()));
    const seen = { expected: 'close 1008', observed: `${url}: ${endingInWords(heard)}` };
    if (heard.kind === 'silent')
      context.breaks('socket', 'after logging out a socket that was opened with the session stays open', seen);
    else if (heard.kind === 'closed' && heard.code === 1008) context.holds('socket', seen);
    else if ((await ping(context, other.socket)).ok) context.holds('socket', seen);
    else context.unmet(`sockets that stay open while their session lasts (${seen.observed})`, 'socket');
  }
}
