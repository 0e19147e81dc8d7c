import type { Account } from '../../platform/accounts.ts';
import { type Asked, ask, simpleQuestion } from '../../platform/assistant.ts';
import { inDatabase, makeSession, useStrangers } from '../../platform/people.ts';
import { whyNoData } from '../../platform/trpc.ts';
import type { Body, BodyContext } from '../../runners/body.ts';
import { type Chair, lostAfterMs, notStarted, seat, withHttp } from './room.ts';

const spoken = 200;
const perSecond = 40;

const body: Body = (context) =>
  withHttp(context, async (http) => {
    const { realtime, database } = context.environment;
    if (realtime === null) return context.unmet('realtime');
    if (database.serviceUrl === null) return context.unmet('database.serviceUrl');
    const people = await useStrangers(context, http);
    if (people.kind !== 'pair') return void notStarted(context, 'stored-once', people);
    const { host, guest } = people;
    const session = await makeSession(host);
    if (!session.ok) return context.breaks('stored-once', session.because);
    const url = realtime.urls[0]!;
    const chair = await seat(context, 'stored-once', { name: 'the writer', account: host, url, sessionId: session.id });
    if (chair === null) return;
    const said = await speak(context, chair);
    const { answered, failed } = await answers(context, host, session.id);
    const refused = await sayInVain(context, { host, guest, sessionId: session.id, chair });
    const stored = await storedIn(context, database.serviceUrl, session.id);
    if (!stored.ok) return context.unmet(`database.serviceUrl that can be read: ${stored.because}`);
    compareStored(context, said, stored.value);
    compareAnswers(context, answered, stored.value);
    leftNothing(context, refused, stored.value);
    if (failed !== null) failureLeftNothing(context, failed, stored.value);
    await compareListed(context, host, session.id, said.acknowledged);
  });
export default body;

interface Said {
  readonly marks: readonly string[];
  readonly acknowledged: number;
}

async function speak(context: BodyContext, { ear }: Chair): Promise<Said> {
  const run = crypto.randomUUID().slice(0, 8);
  const marks = Array.from({ length: spoken }, (_, i) => `${context.scope} ${run} durable ${i + 1}`);
  const startMs = context.now();
  for (const [i, mark] of marks.entries()) {
    await ear.until(() => context.now() >= startMs + (i * 1000) / perSecond, 1_000);
    ear.say(mark, crypto.randomUUID());
  }
  await ear.until(() => ear.acks.length + ear.errors.length >= marks.length, lostAfterMs(context));
  return { marks, acknowledged: ear.acks.length };
}

const asked = 4;

/** Questions to the AI in the same conversation, and one that its provider's stand-in fails at, where there is such a text. */
async function answers(context: BodyContext, host: Account, sessionId: string): Promise<Answers> {
  const { models } = context.environment;
  const all: Asked[] = [];
  for (let i = 0; i < asked; i++) all.push(await ask(host, sessionId, simpleQuestion(crypto.randomUUID())));
  if (models === null) {
    context.unmet('models', 'failed-left-nothing');
    return { answered: all, failed: null };
  }
  const content = `${models.failingPrompt} ${crypto.randomUUID()}`;
  const wrong = whyNoData(await host.client.mutation('chat.sendMessage', { sessionId, content }));
  return { answered: all, failed: { content, wrong } };
}

interface Answers {
  readonly answered: readonly Asked[];
  /** The question that could not be answered, and how that was said; null: none was asked. */
  readonly failed: Failed | null;
}

interface Failed {
  readonly content: string;
  readonly wrong: string | null;
}

function failureLeftNothing(
  context: BodyContext,
  { content, wrong }: Failed,
  stored: ReadonlyMap<string, number>,
): void {
  const left = stored.has(content);
  const observed = `${wrong ?? 'answered'}; the question is ${left ? 'in' : 'not in'} the conversation`;
  if (wrong === null) context.unmet('a models.failingPrompt that makes the provider fail', 'failed-left-nothing');
  else if (left)
    context.breaks('failed-left-nothing', 'a question that could not be answered stayed in the conversation', {
      observed,
    });
  else context.holds('failed-left-nothing', { observed });
}

function compareAnswers(context: BodyContext, all: readonly Asked[], stored: ReadonlyMap<string, number>): void {
  for (const one of all) {
    if (!one.ok && one.limited) context.unmet('a plan that allows for four questions', 'answers-stored-once');
    else if (!one.ok) context.breaks('answers-stored-once', one.because, { startMs: one.startMs });
    else {
      const times = [stored.get(one.asked) ?? 0, stored.get(one.text) ?? 0] as const;
      const seen = {
        expected: 'question and answer once each',
        observed: `question ${times[0]}, answer ${times[1]} times`,
      };
      // Two answers may read alike; no two questions do.
      const alike = all.filter((other) => other.ok && other.text === one.text).length;
      if (times[0] === 1 && times[1] === alike) context.holds('answers-stored-once', seen);
      else
        context.breaks(
          'answers-stored-once',
          `of an answer that was given the question is stored ${times[0]} and the answer ${times[1]} times`,
          seen,
        );
    }
  }
}

interface InVain {
  readonly host: Account;
  readonly guest: Account;
  readonly sessionId: string;
  readonly chair: Chair;
}

/** Says things that must be refused: by somebody of another tenant, and by the owner once the session has ended. */
async function sayInVain(context: BodyContext, { host, guest, sessionId, chair }: InVain): Promise<Refused[]> {
  const run = `${context.scope} ${crypto.randomUUID().slice(0, 8)} in vain`;
  const write = async ({ client }: Account, who: string): Promise<Refused> => {
    const content = `${run} ${who}`;
    const reply = await client.mutation('sessions.sendMessage', { sessionId, role: 'assistant', content });
    return { who, content, wasRefused: whyNoData(reply) !== null };
  };
  const foreign = await write(guest, 'somebody of another tenant');
  const ended = await host.client.mutation('sessions.end', { id: sessionId });
  if (whyNoData(ended) !== null) return [foreign];
  const late = await write(host, 'the owner after the session ended');
  const [acksBefore, errorsBefore] = [chair.ear.acks.length, chair.ear.errors.length];
  const content = `${run} by socket`;
  chair.ear.say(content, crypto.randomUUID());
  await chair.ear.until(
    () => chair.ear.errors.length > errorsBefore || chair.ear.acks.length > acksBefore,
    context.environment.timeoutMs,
  );
  const bySocket = {
    who: 'a socket after the session ended',
    content,
    wasRefused: chair.ear.acks.length === acksBefore,
    mayBeTaken: true as const,
  };
  return [foreign, late, bySocket];
}

interface Refused {
  readonly who: string;
  readonly content: string;
  readonly wasRefused: boolean;
  /** Nothing says that this must be refused: taken and stored is as good. */
  readonly mayBeTaken?: true;
}

const storedIn = (context: BodyContext, serviceUrl: string, sessionId: string) =>
  inDatabase(context, serviceUrl, async (client) => {
    const found = await client.query<{ content: string; times: number }>(
      'select content, count(*)::int as times from messages where session_id = $1 group by content',
      [sessionId],
    );
    return new Map(found.rows.map(({ content, times }) => [content, times]));
  });

function compareStored(context: BodyContext, { marks, acknowledged }: Said, stored: ReadonlyMap<string, number>): void {
  const once = marks.filter((mark) => stored.get(mark) === 1).length;
  const often = marks.filter((mark) => (stored.get(mark) ?? 0) > 1).length;
  const expected = `${acknowledged} acknowledged, so ${acknowledged} stored once`;
  const observed = `${once} stored once, ${often} more than once, ${marks.length - once - often} not at all`;
  if (acknowledged === 0)
    context.breaks('stored-once', `none of ${marks.length} messages was acknowledged`, { observed });
  else if (once + often < acknowledged)
    context.breaks(
      'stored-once',
      `of ${acknowledged} acknowledged messages ${acknowledged - once - often} were never stored`,
      { expected, observed },
    );
  else if (often > 0)
    context.breaks('stored-once', `${often} of ${acknowledged} acknowledged messages were stored more than once`, {
      expected,
      observed,
    });
  else context.holds('stored-once', { expected, observed });
}

function leftNothing(context: BodyContext, refused: readonly Refused[], stored: ReadonlyMap<string, number>): void {
  for (const { who, content, wasRefused, mayBeTaken } of refused) {
    const left = stored.has(content);
    const observed = `${who}: ${wasRefused ? 'refused' : 'taken'}, ${left ? 'stored' : 'not stored'}`;
    const expected = 'refused, and nothing of it stored';
    if (wasRefused && left)
      context.breaks('refused-left-nothing', `what ${who} wrote was refused and stored all the same`, {
        expected,
        observed,
      });
    else if (!wasRefused && !mayBeTaken)
      context.breaks('refused-left-nothing', `what ${who} wrote was not refused`, { expected, observed });
    else if (!wasRefused && !left)
      context.breaks('stored-once', `what ${who} wrote was acknowledged and never stored`, { observed });
    else context.holds('refused-left-nothing', { observed });
  }
}

/** What the API shows of the session agrees with what was acknowledged. */
async function compareListed(
  context: BodyContext,
  { client }: Account,
  sessionId: string,
  acknowledged: number,
): Promise<void> {
  const reply = await client.query('sessions.listMessages', { sessionId, limit: 1 });
  const wrong = whyNoData(reply);
  if (wrong !== null) return context.breaks('listed', `sessions.listMessages: ${wrong}`);
  const data = reply.ok && reply.outcome.kind === 'data' ? (reply.outcome.data as { total?: unknown }) : {};
  const total = Number(data.total);
  const seen = { expected: `${acknowledged} messages`, observed: `total ${String(data.total)}` };
  if (total >= acknowledged) context.holds('listed', seen);
  else
    context.breaks(
      'listed',
      `sessions.listMessages counts ${String(data.total)} of ${acknowledged} acknowledged messages`,
      seen,
    );
}
