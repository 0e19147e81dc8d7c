import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { down, handle, up } from '../../reference/index.ts';
import { appendToRoom } from '../../reference/services/common/rooms.ts';
import { Switches } from '../../reference/services/common/switches.ts';
import { type Member, Rooms } from '../../reference/services/realtime/rooms.ts';
import { Streams } from '../../reference/services/realtime/streams.ts';

const directory = mkdtempSync(join(tmpdir(), 'shakedown-streams-'));
let redis: Redis;
let reader: Redis;
let subscriber: Redis;

beforeAll(async () => {
  const { url } = handle(await up({ endWithCaller: true, directory, only: ['redis'] })).redis;
  [redis, reader, subscriber] = [new Redis(url), new Redis(url), new Redis(url)];
}, 60_000);
afterAll(async () => {
  for (const client of [redis, reader, subscriber]) client?.disconnect();
  await down(directory);
}, 20_000);

test('what Redis handed over in an answer that came too late is delivered all the same, once and in order', async () => {
  const delivered: string[] = [];
  const streams = new Streams(reader, 'test', new Switches('realtime'), (_, { content }) => delivered.push(content));
  const rooms = new Rooms(
    (room) => streams.open(room),
    (room) => streams.close(room),
  );
  const member: Member = {
    session: { user: { tenantId: 'a' } } as Member['session'],
    send: () => undefined,
    deliver: () => undefined,
    close: () => undefined,
  };
  await streams.watch(rooms, subscriber);
  const { key } = await rooms.join(member, 'b');
  const say = (content: string) => {
    const event = { messageId: content, userId: 'u', content, timestamp: Date.now(), origin: 'other' };
    return appendToRoom(redis, key, event, { idleForSeconds: 60 });
  };
  await say('1');
  await vi.waitFor(() => expect(delivered).toEqual(['1']), 5_000);

  const read = reader.xreadgroup.bind(reader) as (...args: unknown[]) => Promise<unknown>;
  const late = vi.spyOn(reader, 'xreadgroup').mockImplementationOnce((async (...args: unknown[]) => {
    await read(...args);
    throw new Error('Command timed out');
  }) as never);
  for (const content of ['2', '3', '4']) await say(content);
  await vi.waitFor(() => expect(delivered).toEqual(['1', '2', '3', '4']), 5_000);
  await say('5');
  await vi.waitFor(() => expect(delivered).toEqual(['1', '2', '3', '4', '5']), 5_000);
  expect(late.mock.calls.length).toBeGreaterThan(2);
  await vi.waitFor(async () => expect(await redis.xpending(key, 'rt:test')).toEqual([0, null, null, null]), 5_000);
}, 30_000);
