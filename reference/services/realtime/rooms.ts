import type { RoomEvent } from '../common/rooms.ts';
import { streamKey } from '../common/rooms.ts';
import type { Session } from '../common/sessions.ts';

export interface Numbered extends RoomEvent {
  readonly sequence: number;
}

/** What a room knows of a socket in it. */
export interface Member {
  readonly session: Session;
  send(type: string, payload: unknown, extra?: Readonly<Record<string, unknown>>): void;
  /** Hands over a message of the room; members that are still replaying hold it back. */
  deliver(event: Numbered): void;
  close(code: number, reason: string): void;
}

export interface Room {
  readonly key: string;
  readonly tenantId: string;
  readonly sessionId: string;
  readonly members: Set<Member>;
  /** Resolves when the room's stream and group exist; what is written from then on reaches the members. */
  ready: Promise<void>;
  /** The group stands at the end of the stream; read before, it would hand over what was said while nobody was here. */
  isOpen: boolean;
  /** Where reading goes on when no consumer group keeps the place. */
  lastId: string;
  /** Messages of this room are stored and appended one after the other, so that their order is that of arrival. */
  queue: Promise<unknown>;
}

export class Rooms {
  readonly #rooms = new Map<string, Room>();
  readonly #opened: (room: Room) => Promise<void>;
  readonly #emptied: (room: Room) => void;

  constructor(opened: (room: Room) => Promise<void>, emptied: (room: Room) => void) {
    this.#opened = opened;
    this.#emptied = emptied;
  }

  async join(member: Member, sessionId: string): Promise<Room> {
    const { tenantId } = member.session.user;
    const room = this.get(streamKey(tenantId, sessionId)) ?? this.#open(tenantId, sessionId);
    room.members.add(member);
    try {
      await room.ready;
    } catch (error) {
      this.leave(member, room);
      throw error;
    }
    return room;
  }

  leave(member: Member, room: Room): void {
    if (!room.members.delete(member) || room.members.size > 0) return;
    this.#rooms.delete(room.key);
    this.#emptied(room);
  }

  get(key: string): Room | undefined {
    return this.#rooms.get(key);
  }

  all(): IterableIterator<Room> {
    return this.#rooms.values();
  }

  get size(): number {
    return this.#rooms.size;
  }

  #open(tenantId: string, sessionId: string): Room {
    const key = streamKey(tenantId, sessionId);
    const ready = Promise.resolve();
    const room: Room = {
      key,
      tenantId,
      sessionId,
      members: new Set(),
      ready,
      isOpen: false,
      lastId: '0-0',
      queue: ready,
    };
    this.#rooms.set(key, room);
    room.ready = this.#opened(room);
    return room;
  }
}
