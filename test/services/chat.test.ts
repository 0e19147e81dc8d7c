import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEnvironment } from '../../environment/load.ts';
import { down, handle, type ReferenceHandle, up } from '../../reference/index.ts';
import { ask, listen, register, type User } from './client.ts';

const directory = mkdtempSync(join(tmpdir(), 'shakedown-chat-'));
let deployment: ReferenceHandle;
let ann: User;
let bob: User;
let room: string;

beforeAll(async () => {
  deployment = handle(await up({ directory, only: ['postgres', 'redis', 'models', 'stubs', 'api'] }));
  [ann, bob] = [await register(deployment), await register(deployment)];
  // A new tenant may ask ten questions in five minutes, which is not what is looked at here.
  await deployment.switch('api', 'limits-off', true);
  room = await newRoom(ann);
}, 120_000);
afterAll(() => down(directory), 20_000);

const newRoom = async (who: User): Promise<string> => (await who.mutate('sessions.create', {})).body.result.data.id;
const messages = async (sessionId: string) =>
  (await ann.query('sessions.listMessages', { sessionId })).body.result.data.messages;
const question = (sessionId: string, content = 'When do you open?') =>
  ann.mutate('chat.sendMessage', { sessionId, content });
const streamed = (sessionId: string, content = 'Tell me about the opening hours of your house, please.') =>
  listen(deployment, 'chat.streamMessage', { sessionId, content }, ann.cookie).then((stream) => stream.toEnd());

async function planted<T>(name: string, value: unknown, look: () => Promise<T>): Promise<T> {
  await deployment.switch('api', name, value);
  try {
    return await look();
  } finally {
    await deployment.switch('api', name, null);
  }
}

describe('a streamed answer', () => {
  test('comes in pieces that make up what is stored', async () => {
    const events = await streamed(room);
    const types = events.map(({ type }) => type);
    expect([types[0], types.at(-1)]).toEqual(['user_message', 'complete']);
    const pieces = events.filter(({ type }) => type === 'token').map(({ content }) => content);
    expect(pieces.length).toBeGreaterThan(5);
    const { userMessage, assistantMessage, usage } = events.at(-1)!;
    expect(pieces.join('')).toBe(assistantMessage.content);
    expect(usage.cost).toBeGreaterThan(0);
    expect((await messages(room)).map(({ id }: { id: string }) => id)).toEqual([userMessage.id, assistantMessage.id]);
    expect(events[0]!.message.id).toBe(userMessage.id);
  });

  test.each([
    { what: 'in a session of somebody else', who: () => newRoom(bob), told: 'Session not found or access denied' },
    { what: 'that the model fails on', who: () => newRoom(ann), told: 'The answer failed' },
  ])('$what ends with an error', async ({ who, told }) => {
    const sessionId = await who();
    const events = await streamed(sessionId, failing());
    expect(events.at(-1)).toEqual({ type: 'error', message: told });
  });

  test('is for who is signed in, and for our own pages', async () => {
    const url = `${deployment.api}/trpc/chat.streamMessage?input=${encodeURIComponent(JSON.stringify({ sessionId: room, content: 'x' }))}`;
    const texts = await Promise.all([
      ask(url, { headers: { accept: 'text/event-stream' } }),
      ask(url, { headers: { accept: 'text/event-stream', cookie: ann.cookie, origin: 'https://elsewhere.example' } }),
    ]);
    expect(JSON.stringify(texts.map(({ body }) => body))).toMatch(/UNAUTHORIZED.*FORBIDDEN/s);
  });

  test.each([
    { name: 'stream-broken', seen: (events: Told[]) => events.length === 1 && events[0]!.type === 'error' },
    { name: 'stream-whole', seen: (events: Told[]) => events.every(({ type }) => type !== 'token') },
    { name: 'stream-cut', seen: (events: Told[]) => events.every(({ type }) => type !== 'complete') },
    {
      name: 'stream-piece-lost',
      seen: (events: Told[]) =>
        events
          .filter(({ type }) => type === 'token')
          .map(({ content }) => content)
          .join('') !== events.at(-1)!.assistantMessage.content,
    },
  ])('is broken by $name', async ({ name, seen }) => {
    expect(seen(await planted(name, true, () => streamed(room)))).toBe(true);
  });
});

type Told = Awaited<ReturnType<typeof streamed>>[number];
const failing = () => loadEnvironment(deployment.environmentFile, {}).environment!.models!.failingPrompt;

describe('an answer', () => {
  test('is recorded with what it cost', async () => {
    const sessionId = await newRoom(ann);
    const { usage, assistantMessage } = (await question(sessionId)).body.result.data;
    const [event] = await deployment.sql(
      'SELECT model, input_tokens, output_tokens, cost_usd::float8 AS cost FROM cost_events WHERE session_id = $1',
      [sessionId],
    );
    expect(event).toEqual({
      model: assistantMessage.metadata.model,
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      cost: usage.cost,
    });
    expect(
      await planted('cost-unrecorded', true, async () => (await question(sessionId)).body.result.data.usage.cost),
    ).toBe(0);
  });

  test('counts in what the tenant spent, and in what routing saved it', async () => {
    const analysis = async () => (await ann.query('analytics.getCostAnalysis', {})).body.result.data;
    const before = await analysis();
    const { usage } = (await question(room)).body.result.data;
    const after = await analysis();
    expect(after.totalCost - before.totalCost).toBeCloseTo(usage.cost, 6);
    expect(after.savedShare).toBeGreaterThan(0.5);
    expect((await bob.query('analytics.getCostAnalysis', {})).body.result.data).toMatchObject({
      totalCost: 0,
      byModel: [],
    });
  });

  test.each([
    { name: 'chat-unstored-share', value: 1, kept: 0 },
    { name: 'chat-doubled-share', value: 1, kept: 3 },
  ])('$name leaves $kept messages', async ({ name, value, kept }) => {
    const sessionId = await newRoom(ann);
    expect((await planted(name, value, () => question(sessionId))).status).toBe(200);
    expect(await messages(sessionId)).toHaveLength(kept);
  });

  test.each([
    { switched: 'off', value: null, kept: 0 },
    { switched: 'on', value: true, kept: 1 },
  ])('that failed leaves $kept messages while failed-left-behind is $switched', async ({ value, kept }) => {
    const sessionId = await newRoom(ann);
    expect((await planted('failed-left-behind', value, () => question(sessionId, failing()))).status).toBe(500);
    expect(await messages(sessionId)).toHaveLength(kept);
  });

  test('comes from the tier its question asks for', async () => {
    const hard =
      'Please analyze and compare the architecture trade-offs of these designs step by step, evaluate the implications, explain why, and justify a strategy? And then synthesize a plan? Finally, prove it.';
    const tier = async (content: string) =>
      (await question(room, content)).body.result.data.assistantMessage.metadata.modelRouting.modelTier;
    expect([await tier('Hello'), await tier(hard)]).toEqual(['fast', 'powerful']);
    expect(await planted('tier-wrong', true, async () => [await tier('Hello'), await tier(hard)])).toEqual([
      'powerful',
      'fast',
    ]);
  });
});

describe('a file', () => {
  const content = Buffer.from('%PDF-1.4 nothing to see');
  const upload = (who: User, sessionId: string, fileName = 'plan.pdf') =>
    who.mutate('chat.uploadChatFile', {
      sessionId,
      fileName,
      fileType: 'application/pdf',
      fileSize: content.length,
      fileContent: content.toString('base64'),
    });

  test('is kept, opened by its signed address alone, and no other tenant’s', async () => {
    const { fileId, fileUrl } = (await upload(ann, room, '../../etc/passwd')).body.result.data;
    const opened = await ask(fileUrl);
    expect([opened.status, opened.body]).toEqual([200, content.toString()]);
    expect(opened.headers.get('content-disposition')).toMatch(/^attachment/);
    expect((await ask(fileUrl.replace(/signature=./, 'signature=x'))).status).toBe(403);
    expect((await ann.query('chat.getChatFile', { fileId })).body.result.data.fileName).toBe('../../etc/passwd');
    expect((await bob.query('chat.getChatFile', { fileId })).status).toBe(404);
    expect((await upload(bob, room)).status).toBe(404);
    expect(
      await planted('foreign-files', true, async () => (await bob.query('chat.getChatFile', { fileId })).status),
    ).toBe(200);
  });
});
