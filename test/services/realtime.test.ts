import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { down, handle, type ReferenceHandle, up } from '../../reference/index.ts';
import { ask, dial, type Frame, register, type Socket, type User } from './client.ts';

const directory = mkdtempSync(join(tmpdir(), 'shakedown-realtime-'));
let deployment: ReferenceHandle;
let ann: User;
let bob: User;
let tenant: string;

beforeAll(async () => {
  deployment = handle(
    await up({
      endWithCaller: true,
      directory,
      only: ['postgres', 'redis', 'models', 'api', 'realtime-1', 'realtime-2'],
    }),
  );
  [ann, bob] = [await register(deployment), await register(deployment)];
  tenant = (await ann.query('auth.getSession')).body.result.data.user.tenantId;
}, 60_000);
afterAll(() => down(directory), 20_000);

const newRoom = async () => (await ann.mutate('sessions.create', {})).body.result.data.id as string;
const address = (room: string, instance = 0, after = '') =>
  `${deployment.realtime[instance]}?sessionId=${room}${after && `&after=${after}`}`;
const withToken = (token: string, name = 'authjs.session-token') => ({ cookie: `${name}=${token}` });
const isAck = (frame: Frame) => frame.type === 'ack' && frame.payload.connected === true;
const says = (content: string) => (frame: Frame) => frame.type === 'chat_message' && frame.payload.content === content;

async function enter(room: string, instance = 0, after = ''): Promise<Socket> {
  const socket = dial(address(room, instance, after), withToken(ann.token));
  await socket.frame(isAck);
  return socket;
}

const say = (socket: Socket, content: string, messageId?: string) =>
  socket.send({ type: 'chat_message', payload: content, messageId });

describe('the door', () => {
  test.each(['authjs', '__Secure-authjs', 'next-auth', '__Secure-next-auth'])('opens to a %s cookie', async (name) => {
    const socket = dial(address(await newRoom()), withToken(ann.token, `${name}.session-token`));
    const ack = await socket.frame(() => true);
    expect(ack).toMatchObject({
      type: 'ack',
      payload: { connected: true, serverId: expect.stringMatching(/^ws-\d+-/) },
    });
    socket.close();
  });

  test.each([
    { who: 'nobody', headers: () => ({}), reason: 'No authentication cookie found' },
    { who: 'another cookie', headers: () => ({ cookie: 'a=b' }), reason: 'No session token in cookies' },
    { who: 'a forged token', headers: () => withToken('made-up'), reason: 'Invalid or expired session' },
    { who: 'another tenant', headers: () => withToken(bob.token), reason: 'Session not found or access denied' },
    {
      who: 'a foreign page',
      headers: () => ({ ...withToken(ann.token), origin: 'https://elsewhere.example' }),
      reason: 'Origin not allowed',
    },
  ])('is closed with 1008 to $who', async ({ headers, reason }) => {
    const socket = dial(address(await newRoom()), headers());
    expect(await socket.end()).toEqual({ code: 1008, reason });
    expect(socket.frames).toEqual([]);
  });

  test('stands in one place, and says how it is in another', async () => {
    const http = deployment.realtime[0]!.replace('ws:', 'http:');
    expect((await ask(http.replace('/ws', '/health'))).body).toMatchObject({ status: 'ok', instance: 'realtime-1' });
    expect((await ask(http)).status).toBe(426);
    const elsewhere = dial(`${deployment.realtime[0]}/other`);
    expect((await elsewhere.end()).code).toBe(1006);
  });
});

describe('a room', () => {
  test('tells both instances in order, with the sender’s own id, and stores what it acknowledged', async () => {
    const room = await newRoom();
    const [here, there] = [await enter(room, 0), await enter(room, 1)];
    const sent = Array.from({ length: 20 }, (_, i) => `message ${i}`);
    for (const [i, content] of sent.entries()) say(here, content, `mine-${i}`);
    await there.frame(says('message 19'));
    const heard = there.frames.filter((frame) => frame.type === 'chat_message').map((frame) => frame.payload);
    expect(heard.map((payload) => payload.content)).toEqual(sent);
    expect(heard.map((payload) => payload.sequence)).toEqual(sent.map((_, i) => i + 1));
    const ack = await here.frame((frame) => frame.messageId === 'mine-19');
    expect(ack).toMatchObject({ type: 'ack', payload: { clientMessageId: 'mine-19', messageId: heard[19].messageId } });
    const stored = (await ann.query('sessions.listMessages', { sessionId: room })).body.result.data;
    expect(stored.total).toBe(20);
    for (const socket of [here, there]) socket.close();
  });

  test('says a message once that is sent again under its id, at either instance, and acknowledges it as before', async () => {
    const room = await newRoom();
    const [here, there] = [await enter(room, 0), await enter(room, 1)];
    say(here, 'said once', 'mine');
    const first = await here.frame((frame) => frame.type === 'ack' && frame.messageId === 'mine');
    say(there, 'said once', 'mine');
    const again = await there.frame((frame) => frame.type === 'ack' && frame.messageId === 'mine');
    expect(again.payload).toEqual(first.payload);
    say(there, 'the last', 'another');
    await here.frame(says('the last'));
    expect(here.frames.filter(says('said once'))).toHaveLength(1);
    expect((await ann.query('sessions.listMessages', { sessionId: room })).body.result.data.total).toBe(2);
    for (const socket of [here, there]) socket.close();
  });

  test('replays what was said meanwhile, once, after the last message heard', async () => {
    const room = await newRoom();
    const [here, there] = [await enter(room, 0), await enter(room, 1)];
    say(here, 'before');
    const { messageId } = (await there.frame(says('before'))).payload;
    there.close();
    for (const content of ['meanwhile 1', 'meanwhile 2']) say(here, content);
    await here.frame(says('meanwhile 2'));
    const back = await enter(room, 1, messageId);
    const { payload } = await back.frame((frame) => frame.type === 'chat_history');
    expect(payload.messages.map((message: Frame) => message.content)).toEqual(['meanwhile 1', 'meanwhile 2']);
    say(here, 'after');
    await back.frame(says('after'));
    expect(back.frames.filter((frame) => frame.type === 'chat_message')).toHaveLength(1);
  });

  test('replays from the database when the stream is gone', async () => {
    const room = await newRoom();
    const here = await enter(room);
    for (const content of ['one', 'two', 'three']) say(here, content);
    const { messageId } = (await here.frame(says('one'))).payload;
    await here.frame(says('three'));
    await deployment.redisCommand('DEL', `session:${tenant}:${room}`);
    const back = await enter(room, 1, messageId);
    const { payload } = await back.frame((frame) => frame.type === 'chat_history');
    expect(payload.messages.map((message: Frame) => message.content)).toEqual(['two', 'three']);
    say(here, 'four');
    await Promise.all([here.frame(says('four')), back.frame(says('four'))]);
  });

  test('has a stream with a group of each instance, and nothing left pending', async () => {
    const room = await newRoom();
    const [here, there] = [await enter(room, 0), await enter(room, 1)];
    say(here, 'hello');
    await there.frame(says('hello'));
    await sleep(100);
    const groups = (await deployment.redisCommand('XINFO', 'GROUPS', `session:${tenant}:${room}`)) as unknown[][];
    expect(groups.map((group) => [group[1], group[5]]).sort()).toEqual([
      ['rt:realtime-1', 0],
      ['rt:realtime-2', 0],
    ]);
  });

  test('hears what is answered over the API, too', async () => {
    const room = await newRoom();
    const here = await enter(room);
    await ann.mutate('chat.sendMessage', { sessionId: room, content: 'Who are you?' });
    await here.frame(says('Who are you?'));
    await here.frame((frame) => frame.type === 'chat_message' && frame.payload.role === 'assistant');
  });

  test('takes no more messages when it has ended', async () => {
    const room = await newRoom();
    const here = await enter(room);
    await ann.mutate('sessions.end', { id: room });
    say(here, 'too late', 'late');
    expect(await here.frame((frame) => frame.messageId === 'late')).toMatchObject({
      type: 'error',
      payload: { error: 'This session has ended' },
    });
  });
});

describe('a socket', () => {
  test.each([
    { what: 'ping', frame: { type: 'ping' }, type: 'pong' },
    { what: 'text that is not JSON', frame: 'hello', type: 'error' },
    { what: 'null', frame: 'null', type: 'error' },
    { what: 'an empty message', frame: { type: 'chat_message', payload: '' }, type: 'error' },
  ])('answers $what with $type and stays open', async ({ frame, type }) => {
    const socket = await enter(await newRoom());
    socket.send(frame);
    await socket.frame((one) => one.type === type);
    expect(socket.closed()).toBeUndefined();
    socket.close();
  });

  test('is closed with 1009 for a frame beyond 64 KiB', async () => {
    const socket = await enter(await newRoom());
    socket.send('x'.repeat(65_537));
    expect((await socket.end()).code).toBe(1009);
  });

  test('is told when it floods', async () => {
    const socket = await enter(await newRoom());
    for (let i = 0; i < 300; i++) socket.send({ type: 'ping' });
    expect(await socket.frame((frame) => frame.type === 'error')).toMatchObject({
      payload: { error: 'Rate limit exceeded' },
    });
    socket.close();
  });

  test('is dropped when its user signs out', async () => {
    const user = await register(deployment);
    const room = (await user.mutate('sessions.create', {})).body.result.data.id;
    const socket = dial(address(room), withToken(user.token));
    await socket.frame(isAck);
    await user.mutate('auth.signOut', {});
    expect(await socket.end()).toEqual({ code: 1008, reason: 'Session ended' });
  });
});

describe('planted faults', () => {
  const both = ['realtime-1', 'realtime-2'];
  const set = async (name: string, value: unknown) => {
    for (const service of both) await deployment.switch(service, name, value);
  };
  /** How often a message said at one instance is heard at the other within half a second. */
  const heard = async (waitMs = 500) => {
    const room = await newRoom();
    const [here, there] = [await enter(room, 0), await enter(room, 1)];
    say(here, 'hello');
    await sleep(waitMs);
    for (const socket of [here, there]) socket.close();
    return there.frames.filter(says('hello')).length;
  };
  const admitted = async (token: string) => {
    const socket = dial(address(await newRoom()), withToken(token));
    const ack = await socket.frame(isAck).then(
      () => true,
      () => false,
    );
    socket.close();
    return ack;
  };
  const pong = async () => {
    const socket = await enter(await newRoom());
    socket.send({ type: 'ping' });
    return socket
      .frame((frame) => frame.type === 'pong')
      .then(
        () => true,
        () => false,
      );
  };
  const stream = async () => {
    const room = await newRoom();
    const socket = await enter(room);
    say(socket, 'hello');
    await socket.frame(says('hello'));
    return Number(await deployment.redisCommand('EXISTS', `session:${tenant}:${room}`));
  };
  const closing = async () => {
    const socket = await enter(await newRoom());
    await sleep(700);
    return socket.closed()?.code;
  };

  test.each([
    { name: 'refuse-all', value: true, look: () => admitted(ann.token), healthy: true, broken: false },
    { name: 'accept-bad-token', value: true, look: () => admitted('made-up'), healthy: false, broken: true },
    { name: 'no-ack', value: true, look: () => admitted(ann.token), healthy: true, broken: false },
    { name: 'no-pong', value: true, look: pong, healthy: true, broken: false },
    { name: 'room-unchecked', value: true, look: () => admitted(bob.token), healthy: false, broken: true },
    { name: 'message-lost-share', value: 1, look: heard, healthy: 1, broken: 0 },
    { name: 'message-doubled-share', value: 1, look: heard, healthy: 1, broken: 2 },
    { name: 'message-latency-ms', value: 900, look: () => heard(600), healthy: 1, broken: 0 },
    { name: 'deaf', value: true, look: heard, healthy: 1, broken: 0 },
    { name: 'groups-off', value: true, look: heard, healthy: 1, broken: 1 },
    { name: 'streams-off', value: true, look: stream, healthy: 1, broken: 0 },
    { name: 'close-code', value: 1011, look: closing, healthy: undefined, broken: 1011 },
  ])('$name shows while it is on, and not before or after', async ({ name, value, look, healthy, broken }) => {
    expect(await look()).toBe(healthy);
    await set(name, value);
    const found = await look();
    await set(name, null);
    expect(found).toBe(broken);
    expect(await look()).toBe(healthy);
  });
});
