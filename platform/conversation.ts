import { setTimeout as sleep } from 'node:timers/promises';
import type { Visit } from '../probes/http.ts';
import type { Frame, Socket } from '../probes/socket.ts';
import { isRecord } from './json.ts';
import { chat, enter, messageOf, type Room } from './realtime.ts';

/** A chat message as somebody in the room got it. */
export interface Received {
  readonly id: string;
  readonly userId: string;
  readonly content: string;
  /** The replay it came in, counted from 1; null: it came by itself. */
  readonly replay: number | null;
  readonly atMs: number;
}

export type Seat =
  | { readonly ok: true; readonly ear: Ear; readonly serverId: string | null; readonly tookMs: number }
  | { readonly ok: false; readonly because: string };

/** Takes a place in a room: from the first ack on everything that is said there is heard. */
export async function sit(visit: Visit, room: Room): Promise<Seat> {
  const entrance = await enter(visit, room);
  if (!entrance.ok) return { ok: false, because: entrance.because };
  const { socket, serverId, tookMs } = entrance;
  return { ok: true, ear: new Ear(visit, socket), serverId, tookMs };
}

/** What the id of the last message seen may be called in the wish for a replay. */
export const resumeFields = ['after', 'afterId', 'lastMessageId', 'since'] as const;
export type ResumeField = (typeof resumeFields)[number];

/** One socket in a room and all that came over it, read once. */
export class Ear {
  readonly socket: Socket;
  readonly #visit: Visit;
  readonly #messages: Received[] = [];
  readonly #acks: Record<string, unknown>[] = [];
  readonly #errors: string[] = [];
  #read = 0;
  #replays = 0;

  constructor(visit: Visit, socket: Socket) {
    this.#visit = visit;
    this.socket = socket;
  }

  get messages(): readonly Received[] {
    this.#catchUp();
    return this.#messages;
  }

  /** Acks of messages; the one that says "connected" is not among them. */
  get acks(): readonly Record<string, unknown>[] {
    this.#catchUp();
    return this.#acks;
  }

  get errors(): readonly string[] {
    this.#catchUp();
    return this.#errors;
  }

  /** How many answers to the wish for a replay came, empty ones included. */
  get replays(): number {
    this.#catchUp();
    return this.#replays;
  }

  say(content: string, clientId?: string): void {
    this.socket.send(chat(content, clientId));
  }

  /** Asks for what was said after this message. The contract names the frame and not its field. */
  askFor(after: string, field: ResumeField): void {
    this.socket.send(JSON.stringify({ type: 'chat_history', payload: { [field]: after } }));
  }

  /** Waits until it holds or the time is up; says which. */
  async until(holds: () => boolean, withinMs: number): Promise<boolean> {
    const end = this.#visit.now() + withinMs;
    while (!holds()) {
      if (this.#visit.now() >= end || this.#visit.signal.aborted) return holds();
      await sleep(5);
    }
    return true;
  }

  /** The message with this content, once it has come. */
  async hears(content: string, withinMs: number): Promise<Received | null> {
    const find = () => this.messages.find((message) => message.content === content) ?? null;
    await this.until(() => find() !== null, withinMs);
    return find();
  }

  #catchUp(): void {
    const { frames } = this.socket;
    for (; this.#read < frames.length; this.#read++) this.#take(frames[this.#read]!);
  }

  #take(frame: Frame): void {
    const message = messageOf(frame);
    if (message?.type === 'chat_history') this.#replay(message.payload, frame.atMs);
    if (message === null || !isRecord(message.payload)) return;
    const { type, payload } = message;
    if (type === 'chat_message') this.#hear(payload, frame.atMs, null);
    if (type === 'ack' && payload.connected !== true) this.#acks.push(payload);
    if (type === 'error') this.#errors.push(String(payload.error ?? 'an error without a text'));
  }

  #replay(payload: unknown, atMs: number): void {
    this.#replays++;
    for (const one of replayedIn(payload)) if (isRecord(one)) this.#hear(one, atMs, this.#replays);
  }

  #hear({ messageId, id, userId, content }: Record<string, unknown>, atMs: number, replay: number | null): void {
    if (typeof content !== 'string') return;
    this.#messages.push({ id: String(messageId ?? id ?? ''), userId: String(userId ?? ''), content, replay, atMs });
  }
}

/** The contract says that a replay is a `chat_history`, not how it holds its messages. */
function replayedIn(payload: unknown): readonly unknown[] {
  if (Array.isArray(payload)) return payload;
  if (!isRecord(payload)) return [];
  return [payload.messages, payload.history, payload.items].find(Array.isArray) ?? [];
}
