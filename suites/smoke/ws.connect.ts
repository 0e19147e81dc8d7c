import { randomUUID } from 'node:crypto';
import { type Account, useAccount } from '../../platform/accounts.ts';
import { isRecord } from '../../platform/json.ts';
import { enter, knock, messageOf, ping } from '../../platform/realtime.ts';
import { whyNoData } from '../../platform/trpc.ts';
import { openHttp } from '../../probes/http.ts';
import { endingInWords, type Heard } from '../../probes/socket.ts';
import type { Body, BodyContext } from '../../runners/body.ts';

const body: Body = async (context) => {
  const { realtime } = context.environment;
  if (realtime === null) return context.unmet('realtime');
  const http = openHttp(context);
  try {
    const use = await useAccount(context, http);
    if (use.kind === 'unmet') return context.unmet(use.needs);
    const room = use.kind === 'account' ? await makeRoom(use.account) : use;
    if (room.kind === 'failed')
      return context.breaks('accepts', `nobody could be signed in to connect: ${room.because}`);
    const { token } = use.kind === 'account' ? use.account.session : { token: '' };
    for (const url of realtime.urls) await examine(context, { url, sessionId: room.id, token });
  } finally {
    await http.close();
  }
};
export default body;

interface Place {
  readonly url: string;
  readonly sessionId: string;
  readonly token: string;
}

/** A room is a chat session of one's own tenant. */
async function makeRoom({
  client,
}: Account): Promise<{ kind: 'room'; id: string } | { kind: 'failed'; because: string }> {
  const reply = await client.mutation('sessions.create', {});
  const wrong = whyNoData(reply);
  if (wrong !== null) return { kind: 'failed', because: `sessions.create: ${wrong}` };
  const data = reply.ok && reply.outcome.kind === 'data' ? reply.outcome.data : null;
  if (isRecord(data) && typeof data.id === 'string') return { kind: 'room', id: data.id };
  return { kind: 'failed', because: 'sessions.create answered without an id' };
}

async function examine(context: BodyContext, place: Place): Promise<void> {
  const before = await goodSession(context, place);
  const strangers = await Promise.all([
    stranger(context, place, 'a forged session', randomUUID()),
    stranger(context, place, 'no session', null),
  ]);
  const after = before && (await goodSession(context, place));
  for (const { who, let: letIn, seen } of strangers) {
    if (letIn !== null) context.breaks('refuses', `${place.url} ${who}: ${letIn}`, seen);
    // Turning everybody away is no refusal of strangers: without a good session let in, nothing is shown.
    else if (after) context.holds('refuses', seen);
  }
}

async function goodSession(context: BodyContext, place: Place): Promise<boolean> {
  const startMs = context.now();
  const entrance = await enter(context, place);
  const expected = 'first frame: ack with connected true';
  if (!entrance.ok) {
    context.breaks('accepts', `${place.url} with a good session: ${entrance.because}`, {
      startMs,
      expected,
      observed: endingInWords(entrance.heard),
    });
    return false;
  }
  context.holds('accepts', { startMs, expected, observed: `${place.url} ack after ${entrance.tookMs.toFixed(0)} ms` });
  const pong = await ping(context, entrance.socket);
  if (pong.ok)
    context.holds('ping', { expected: 'pong', observed: `${place.url} pong after ${pong.tookMs.toFixed(0)} ms` });
  else context.breaks('ping', `${place.url}: ${pong.because}`, { expected: 'pong' });
  entrance.socket.close();
  return true;
}

async function stranger(context: BodyContext, place: Place, who: string, token: string | null) {
  const startMs = context.now();
  const socket = knock(context, { ...place, token });
  const first = await socket.hear(() => true, context.environment.timeoutMs);
  // Some say why before they close; only the close turns anybody away.
  const toldWhy = first.kind === 'frame' && messageOf(first.frame)?.type === 'error';
  const end = toldWhy ? await socket.end(context.environment.timeoutMs) : first;
  const heard = end.kind === 'silent' || socket.frames.length > 1 ? first : end;
  socket.close();
  const seen = {
    startMs,
    expected: 'HTTP 401 or 403, or close 1008, and nothing before it but an error',
    observed: `${who}: ${endingInWords(heard)}`,
  };
  return { who, let: wrongWithRefusal(heard, context), seen };
}

function wrongWithRefusal(heard: Heard, { environment }: BodyContext): string | null {
  if (heard.kind === 'refused' && (heard.status === 401 || heard.status === 403)) return null;
  if (heard.kind === 'closed' && heard.code === 1008) return null;
  if (heard.kind === 'silent') return `was neither let in nor turned away within ${environment.timeoutMs / 1000} s`;
  if (heard.kind === 'frame') return `was let in and told ${heard.frame.data.subarray(0, 120).toString('utf8')}`;
  return `was answered by ${endingInWords(heard)}`;
}
