import type { Redis } from 'ioredis';
import { z } from 'zod';
import { log, text } from '../common/log.ts';
import { hintChannel, idleSecondsOf } from '../common/rooms.ts';
import type { Switches } from '../common/switches.ts';
import type { Numbered, Room, Rooms } from './rooms.ts';

const event = z.object({
  messageId: z.string(),
  userId: z.string(),
  content: z.string(),
  timestamp: z.number(),
  role: z.enum(['user', 'assistant', 'system']).optional(),
  clientMessageId: z.string().optional(),
  origin: z.string(),
});

type Entries = [id: string, fields: string[]][];
const sweepMs = 1000;
const groupLingersMs = 60_000;
const readAtOnce = 200;
const streamsAtOnce = 500;

/**
 * Reads the streams of the rooms open here, as this instance's consumer group of each. Hints name the streams that have
 * something new; a sweep once a second reads all of them, so that a lost hint costs a second and no message.
 */
export class Streams {
  readonly #redis: Redis;
  readonly #group: string;
  readonly #switches: Switches;
  readonly #deliver: (room: Room, event: Numbered) => void;
  readonly #due = new Set<string>();
  /** Read last without an answer: what Redis handed over then is with this consumer, and is not new any more. */
  readonly #unsure = new Set<string>();
  #rooms: Rooms | undefined;
  #reading = false;

  /** `redis` is a connection of its own: reads must not queue behind other commands. */
  constructor(redis: Redis, instance: string, switches: Switches, deliver: (room: Room, event: Numbered) => void) {
    this.#redis = redis;
    this.#group = `rt:${instance}`;
    this.#switches = switches;
    this.#deliver = deliver;
  }

  async watch(rooms: Rooms, subscriber: Redis): Promise<void> {
    this.#rooms = rooms;
    subscriber.on('message', (channel, key) => {
      if (channel === hintChannel && rooms.get(key)) this.#read(key);
    });
    await subscriber.subscribe(hintChannel);
    setInterval(() => this.#sweep(), sweepMs).unref();
  }

  /** Makes the stream and the group; the group starts at the end, older messages come by replay. */
  async open(room: Room): Promise<void> {
    if (this.#switches.on('streams-off')) {
      room.isOpen = true;
      return;
    }
    room.lastId = await this.#lastId(room.key);
    await this.#makeGroup(room.key, room.lastId);
    room.isOpen = true;
    this.#read(room.key);
  }

  /** The group goes when nobody came back for a while; the stream itself goes by its expiry. */
  close(room: Room): void {
    setTimeout(() => {
      if (this.#rooms?.get(room.key)) return;
      this.#redis.xgroup('DESTROY', room.key, this.#group).catch(() => {});
    }, groupLingersMs).unref();
  }

  async history(room: Room): Promise<Numbered[]> {
    const entries = (await this.#redis.xrange(room.key, '-', '+')) as Entries;
    return entries.map(([, fields]) => parse(fields)).filter((one) => one !== undefined);
  }

  #sweep(): void {
    for (const room of this.#rooms?.all() ?? []) this.#due.add(room.key);
    void this.#drain();
  }

  #read(key: string): void {
    this.#due.add(key);
    void this.#drain();
  }

  async #drain(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#due.size > 0) {
        const keys = [...this.#due].slice(0, streamsAtOnce);
        for (const key of keys) this.#due.delete(key);
        await this.#readOnce(keys);
      }
    } catch (error) {
      // The next sweep tries again, at first what was handed over to us and not acknowledged.
      log('warn', 'streams not read', { error: text(error) });
    } finally {
      this.#reading = false;
    }
  }

  async #readOnce(keys: readonly string[]): Promise<void> {
    const open = new Map(keys.flatMap((key) => this.#openRoom(key)));
    if (open.size === 0) return;
    const found = await this.#newEntries([...open.keys()]);
    for (const [key, entries] of found) this.#handOver(key, open.get(key)!, entries);
  }

  async #newEntries(keys: readonly string[]): Promise<[string, Entries][]> {
    if (this.#switches.on('groups-off')) {
      const places = keys.map((key) => this.#rooms?.get(key)?.lastId ?? '$');
      return ((await this.#redis.xread('COUNT', readAtOnce, 'STREAMS', ...keys, ...places)) ?? []) as [
        string,
        Entries,
      ][];
    }
    try {
      const places = keys.map((key) => (this.#unsure.has(key) ? '0' : '>'));
      const found = ((await this.#redis.xreadgroup(
        'GROUP', this.#group, 'one', 'COUNT', readAtOnce, 'STREAMS', ...keys, ...places,
      )) ?? []) as [string, Entries][]; // biome-ignore format: one command
      for (const [key, entries] of found)
        if (this.#unsure.has(key)) {
          this.#due.add(key);
          if (entries.length < readAtOnce) this.#unsure.delete(key);
        }
      return found;
    } catch (error) {
      if (!text(error).startsWith('NOGROUP')) {
        for (const key of keys) this.#unsure.add(key);
        throw error;
      }
      // A stream that expired or was removed takes its groups along: start again from the place we had reached.
      await Promise.all(keys.map((key) => this.#makeGroup(key, this.#rooms?.get(key)?.lastId ?? '0-0', false)));
      for (const key of keys) this.#due.add(key);
      return [];
    }
  }

  #openRoom(key: string): [string, Room][] {
    const room = this.#rooms?.get(key);
    return room?.isOpen ? [[key, room]] : [];
  }

  /** To the room it was read for: one that was closed and opened again meanwhile begins at the end. */
  #handOver(key: string, room: Room, entries: Entries): void {
    for (const [id, fields] of entries) {
      const one = parse(fields);
      if (!isAfter(id, room.lastId)) continue;
      room.lastId = id;
      if (one) this.#deliver(room, one);
    }
    if (entries.length === readAtOnce) this.#due.add(key);
    if (entries.length === 0) return;
    if (this.#switches.on('groups-off')) return;
    this.#redis.xack(key, this.#group, ...entries.map(([id]) => id)).catch(() => {});
  }

  async #lastId(key: string): Promise<string> {
    const [last] = (await this.#redis.xrevrange(key, '+', '-', 'COUNT', 1)) as Entries;
    return last?.[0] ?? '0-0';
  }

  async #makeGroup(key: string, from: string, place = true): Promise<void> {
    if (this.#switches.on('groups-off')) return;
    try {
      await this.#redis.xgroup('CREATE', key, this.#group, from, 'MKSTREAM');
    } catch (error) {
      if (!text(error).startsWith('BUSYGROUP')) throw error;
      if (place) await this.#redis.xgroup('SETID', key, this.#group, from);
    }
    await this.#redis.expire(key, idleSecondsOf(this.#switches));
  }
}

/** Whether an entry came after another: `<milliseconds>-<number>`. */
function isAfter(id: string, other: string): boolean {
  const [ms = 0, number = 0] = id.split('-').map(Number);
  const [otherMs = 0, otherNumber = 0] = other.split('-').map(Number);
  return ms > otherMs || (ms === otherMs && number > otherNumber);
}

function parse(fields: readonly string[] | null): Numbered | undefined {
  // An entry that was trimmed away after it was handed over has none.
  const found = Object.fromEntries(pairs(fields ?? []));
  try {
    return { ...event.parse(JSON.parse(found.event ?? 'null')), sequence: Number(found.sequence) };
  } catch {
    // Somebody else's entry, such as that of a probe of the stream.
    return undefined;
  }
}

function* pairs(fields: readonly string[]): Generator<[string, string]> {
  for (let i = 0; i + 1 < fields.length; i += 2) yield [fields[i]!, fields[i + 1]!];
}
