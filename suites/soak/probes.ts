import { randomBytes } from 'node:crypto';
import { isRecord } from '../../platform/json.ts';
import { enter } from '../../platform/realtime.ts';
import { type Reply, trpc, whyNoData } from '../../platform/trpc.ts';
import type { Http } from '../../probes/http.ts';
import type { SoakContext } from '../../runners/soak/types.ts';
import type { Person } from '../load/prepare.ts';
import type { Told } from './streams.ts';

/** A query of the person's own; a wrong answer is as bad as none. */
export async function probeApi(soak: SoakContext, http: Http, person: Person, turn: number): Promise<Told> {
  const calls = [
    {
      path: 'users.me',
      isRight: (data: unknown) => isRecord(data) && data.email === person.email,
    },
    {
      path: 'sessions.list',
      input: { limit: 10 },
      isRight: (data: unknown) => isRecord(data) && Array.isArray(data.sessions),
    },
    {
      path: 'sessions.get',
      input: { id: person.room },
      isRight: (data: unknown) => isRecord(data) && data.id === person.room,
    },
  ];
  const call = calls[turn % calls.length]!;
  return told(await clientOf(soak, http, person).query(call.path, call.input), call.isRight);
}

/** Searches a text that only this person's tenant holds. */
export async function probeSearch(soak: SoakContext, http: Http, person: Person): Promise<Told> {
  const { knowledge } = person;
  if (knowledge === null) return { ok: false, because: 'nothing was uploaded', ours: true };
  const input = { query: knowledge.text, limit: 5, minScore: 0.3 };
  return told(
    await clientOf(soak, http, person).query('knowledge.search', input),
    (data) => isRecord(data) && JSON.stringify(data.results ?? null).includes(knowledge.mark),
  );
}

/** After so many questions a new chat session takes the place of the old one; both go with their tenant. */
const questionsPerRoom = 20;
const answerTimeoutMs = 10_000;

/** Asks the AI; the answer must be to this question. */
export async function probeChat(
  soak: SoakContext,
  http: Http,
  person: Person,
  room: { id: string; asked: number },
): Promise<Told> {
  const patient: Http = {
    ...http,
    ask: (url, how) => http.ask(url, { timeoutMs: Math.max(answerTimeoutMs, soak.environment.timeoutMs), ...how }),
  };
  const client = clientOf(soak, patient, person);
  const content = `What should I look at first, and why? My reference is sdq${randomBytes(6).toString('hex')}.`;
  const reply = await client.mutation('chat.sendMessage', { sessionId: room.id, content });
  room.asked += 1;
  if (room.asked >= questionsPerRoom) void renew(client, room);
  const answer = told(reply, (data) => isAnswerTo(data, content));
  return answer.ok ? { ...answer, usd: costOf(reply) } : answer;
}

const isAnswerTo = (data: unknown, content: string): boolean =>
  isRecord(data) &&
  isRecord(data.userMessage) &&
  data.userMessage.content === content &&
  isRecord(data.assistantMessage) &&
  typeof data.assistantMessage.content === 'string' &&
  data.assistantMessage.content !== '';

/** What the platform says an answer cost; it is known only afterwards. */
function costOf(reply: Reply): number {
  const data = reply.ok && reply.outcome.kind === 'data' ? reply.outcome.data : null;
  const usage = isRecord(data) && isRecord(data.usage) ? data.usage : {};
  const usd = Number(usage.cost);
  return Number.isFinite(usd) && usd > 0 ? usd : 0;
}

async function renew(client: ReturnType<typeof trpc>, room: { id: string; asked: number }): Promise<void> {
  room.asked = 0;
  const made = await client.mutation('sessions.create', {});
  const data = made.ok && made.outcome.kind === 'data' ? made.outcome.data : null;
  if (isRecord(data) && typeof data.id === 'string') room.id = data.id;
}

/** Opens a socket, waits to be let in, and leaves. */
export async function probeConnect(soak: SoakContext, person: Person, turn: number): Promise<Told> {
  const urls = soak.environment.realtime!.urls;
  const room = { url: urls[turn % urls.length]!, sessionId: person.room, token: person.session.token };
  const entrance = await enter(soak, room);
  if (!entrance.ok) return { ok: false, because: entrance.because };
  const doneMs = entrance.socket.startMs + entrance.tookMs;
  entrance.socket.close();
  return { ok: true, doneMs };
}

const clientOf = (soak: SoakContext, http: Http, { session }: Person) =>
  trpc(http, { ...soak.environment.api!, headers: session.headers });

function told(reply: Reply, isRight: (data: unknown) => boolean): Told {
  if (!reply.ok) return { ok: false, because: reply.because, ours: !reply.answer.ok && reply.answer.ours };
  const wrong = whyNoData(reply);
  if (wrong !== null) return { ok: false, because: wrong };
  const right = reply.outcome.kind === 'data' && isRight(reply.outcome.data);
  return right ? { ok: true } : { ok: false, because: 'a wrong answer: not what was asked for' };
}
