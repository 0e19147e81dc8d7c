import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Config } from '../common/config.ts';
import type { Database } from '../common/database.ts';
import { log, text } from '../common/log.ts';
import { appendToRoom, idleSecondsOf, noticeChannel, type RoomEvent } from '../common/rooms.ts';
import { revokedChannel } from '../common/sessions.ts';
import type { Switches } from '../common/switches.ts';
import { once, type Said } from './once.ts';
import { type Member, type Numbered, type Room, Rooms } from './rooms.ts';
import { Streams } from './streams.ts';

const plainChannel = 'rooms:plain';
const notice = z.object({
  key: z.string(),
  type: z.string(),
  payload: z.unknown().optional(),
  origin: z.string(),
  exceptUser: z.string().optional(),
});

export class SessionEnded extends Error {}

export interface Stands {
  readonly config: Config;
  readonly switches: Switches;
  readonly database: Database;
  readonly redis: Redis;
  readonly reader: Redis;
  readonly subscriber: Redis;
  readonly name: string;
}

/** One instance: its rooms, the streams they are fed from, and what travels between instances. */
export class Hub {
  readonly config: Config;
  readonly switches: Switches;
  readonly serverId = `ws-${Date.now()}-${randomBytes(4).toString('hex')}`;
  readonly rooms: Rooms;
  readonly #database: Database;
  readonly #redis: Redis;
  readonly #streams: Streams;

  constructor({ config, switches, database, redis, reader, name }: Stands) {
    this.config = config;
    this.switches = switches;
    this.#database = database;
    this.#redis = redis;
    this.#streams = new Streams(reader, name, switches, (room, event) => this.#deliver(room, event));
    this.rooms = new Rooms(
      (room) => this.#streams.open(room),
      (room) => this.#streams.close(room),
    );
  }

  async listen(subscriber: Redis): Promise<void> {
    await this.#streams.watch(this.rooms, subscriber);
    subscriber.on('message', (channel, raw) => {
      if (channel === revokedChannel) this.#revoke(JSON.parse(raw));
      if (channel === noticeChannel) this.#spread(raw);
      if (channel === plainChannel) this.#plain(raw);
    });
    await subscriber.subscribe(revokedChannel, noticeChannel, plainChannel);
  }

  /** Whoever lost the connection before the ack sends the message again under the same id: it is said once, and acknowledged again. */
  say(from: Member, room: Room, content: string, clientMessageId: string | undefined): Promise<Said> {
    const fresh = () => this.#sayNew(from, room, content, clientMessageId);
    if (clientMessageId === undefined) return fresh();
    return once(this.#redis, `said:${room.key}:${from.session.user.id}:${clientMessageId}`, fresh);
  }

  /** Stored first, then put into the stream: what is acknowledged is in the database and in the order of the room. */
  async #sayNew(from: Member, room: Room, content: string, clientMessageId: string | undefined): Promise<Said> {
    const { user } = from.session;
    const timestamp = Date.now();
    const messageId = `msg_${timestamp}_${randomBytes(6).toString('hex')}`;
    const metadata = { messageId, userId: user.id, ...(clientMessageId === undefined ? {} : { clientMessageId }) };
    const forgotten = this.switches.hit('message-unstored-share');
    const stored = forgotten ? null : await this.#store(room, content, metadata, timestamp);
    const event: RoomEvent = {
      messageId,
      userId: user.id,
      content,
      timestamp,
      origin: this.serverId,
      ...(clientMessageId === undefined ? {} : { clientMessageId }),
    };
    try {
      return { messageId, ...(await this.#append(room, event)) };
    } catch (error) {
      // Nobody will be told of it, so it must not be found later either.
      await this.#database.inTenant(room.tenantId, (sql) =>
        sql.rows('message-unsay', 'DELETE FROM messages WHERE id = $1', [stored]),
      );
      throw error;
    }
  }

  async #append(room: Room, event: RoomEvent): Promise<{ sequence?: number }> {
    if (!this.switches.on('streams-off')) {
      const idleForSeconds = idleSecondsOf(this.switches);
      if (this.switches.value('wrong-room') === 'remote')
        await this.#redis.publish(plainChannel, JSON.stringify({ key: room.key, event }));
      return { sequence: await appendToRoom(this.#redis, room.key, event, { idleForSeconds }) };
    }
    await this.#redis.publish(plainChannel, JSON.stringify({ key: room.key, event }));
    return {};
  }

  async #store(room: Room, content: string, metadata: object, timestamp: number): Promise<string> {
    const row = await this.#database.inTenant(room.tenantId, (sql) =>
      sql.first<{ id: string }>(
        'message-say',
        `INSERT INTO messages (session_id, role, content, metadata, "timestamp")
         SELECT id, 'user', $2, $3, $4 FROM sessions WHERE id = $1 AND ended_at IS NULL RETURNING id`,
        [room.sessionId, content, JSON.stringify(metadata), new Date(timestamp)],
      ),
    );
    if (!row) throw new SessionEnded('This session has ended');
    return row.id;
  }

  /** Messages after the given one, from the stream; from the database when the stream no longer reaches back to it. */
  async history(room: Room, after: string | undefined): Promise<Numbered[]> {
    const kept = this.switches.on('streams-off') ? [] : await this.#streams.history(room);
    const at = kept.findIndex(
      (event) => event.messageId === after || event.clientMessageId === after || String(event.sequence) === after,
    );
    if (at >= 0) return kept.slice(at + 1);
    const stored = await this.#stored(room, after);
    const known = new Map(kept.map((event) => [event.messageId, event]));
    return stored.map((event) => known.get(event.messageId) ?? event);
  }

  /** Who types, comes and goes: of the moment only, so not kept. */
  tell(
    from: Member,
    room: Room | undefined,
    type: string,
    payload: Readonly<Record<string, unknown>> = {},
    exceptUser?: string,
  ): void {
    if (!room) return;
    const told = {
      key: room.key,
      type,
      payload: { userId: from.session.user.id, ...payload },
      origin: this.serverId,
      exceptUser,
    };
    this.#redis
      .publish(noticeChannel, JSON.stringify(told))
      .catch((error) => log('warn', 'notice lost', { error: text(error) }));
  }

  #deliver(room: Room, event: Numbered): void {
    const { switches } = this;
    if (switches.on('deaf') && event.origin !== this.serverId) return;
    if (switches.hit('message-lost-share')) return;
    const ms = switches.delayMs('message');
    const times = switches.hit('message-doubled-share') ? 2 : 1;
    const rooms = switches.value('wrong-room') === true ? [...this.rooms.all()] : [room];
    const now = () => {
      for (const target of rooms)
        for (const member of target.members) for (let i = 0; i < times; i++) member.deliver(event);
    };
    if (ms > 0) setTimeout(now, ms);
    else now();
  }

  #plain(raw: string): void {
    const { key, event } = JSON.parse(raw) as { key: string; event: RoomEvent };
    const room = this.rooms.get(key);
    if (this.switches.value('wrong-room') === 'remote') this.#leak(key, event);
    else if (room) this.#deliver(room, { ...event, sequence: 0 });
  }

  /** A planted fault: what another instance says of a room is told in all the others as well. */
  #leak(key: string, event: RoomEvent): void {
    if (event.origin === this.serverId) return;
    for (const room of this.rooms.all())
      if (room.key !== key) for (const member of room.members) member.deliver({ ...event, sequence: 0 });
  }

  #spread(raw: string): void {
    const { key, type, payload, origin, exceptUser } = notice.parse(JSON.parse(raw));
    if (this.switches.on('deaf') && origin !== this.serverId) return;
    for (const member of this.rooms.get(key)?.members ?? [])
      if (member.session.user.id !== exceptUser) member.send(type, payload);
  }

  #revoke(tokens: readonly string[]): void {
    if (this.switches.on('sockets-kept')) return;
    const over = new Set(tokens);
    for (const room of this.rooms.all())
      for (const member of room.members) if (over.has(member.session.token)) member.close(1008, 'Session ended');
  }

  async #stored(room: Room, after: string | undefined): Promise<Numbered[]> {
    const rows = await this.#database.readInTenant(room.tenantId, (sql) =>
      sql.rows<{
        id: string;
        role: RoomEvent['role'];
        content: string;
        metadata: { messageId?: string; userId?: string; clientMessageId?: string };
        timestamp: Date;
      }>(
        'messages-after',
        `SELECT id, role, content, metadata, "timestamp" FROM messages WHERE session_id = $1 AND "timestamp" >= coalesce(
           (SELECT "timestamp" FROM messages WHERE session_id = $1 AND (metadata->>'messageId' = $2 OR metadata->>'clientMessageId' = $2 OR id::text = $2) LIMIT 1),
           '-infinity') ORDER BY "timestamp", id LIMIT 1000`,
        [room.sessionId, after ?? ''],
      ),
    );
    const all = rows.map(({ id, role, content, metadata, timestamp }) => ({
      messageId: metadata.messageId ?? id,
      userId: metadata.userId ?? role ?? '',
      content,
      timestamp: timestamp.getTime(),
      ...(role ? { role } : {}),
      ...(metadata.clientMessageId === undefined ? {} : { clientMessageId: metadata.clientMessageId }),
      origin: '',
      sequence: 0,
    }));
    const at = all.findIndex((event) => event.messageId === after || event.clientMessageId === after);
    return all.slice(at + 1);
  }
}
