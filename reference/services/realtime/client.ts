import { type RawData, WebSocket } from 'ws';
import { z } from 'zod';
import type { Session } from '../common/sessions.ts';
import { Bucket } from './bucket.ts';
import { type Hub, SessionEnded } from './hub.ts';
import type { Member, Numbered, Room } from './rooms.ts';

const frame = z.object({
  type: z.string().max(100),
  payload: z.unknown().optional(),
  messageId: z.string().max(200).optional(),
});
type Frame = z.infer<typeof frame>;
const longest = 10_000;

/** One socket in one room. */
export class Client implements Member {
  readonly session: Session;
  readonly #hub: Hub;
  readonly #socket: WebSocket;
  readonly #bucket: Bucket;
  #room: Room | undefined;
  /** Live messages that came while older ones were being replayed. */
  #held: Numbered[] | undefined = [];
  /** What the last replay held, because a message written meanwhile comes live as well. */
  #replayed: ReadonlySet<string> = new Set();
  #deaf = false;
  lastHeardMs = performance.now();

  constructor(hub: Hub, socket: WebSocket, session: Session) {
    this.#hub = hub;
    this.#socket = socket;
    this.session = session;
    this.#bucket = new Bucket(hub.config.limits.socket);
  }

  /** The ack comes first and means: from here on nothing is missed. */
  async enter(room: Room, after: string | undefined, welcome = true): Promise<void> {
    this.#room = room;
    if (!welcome) this.send('error', { error: 'Session not found or access denied' });
    else if (!this.#hub.switches.on('no-ack')) this.send('ack', { connected: true, serverId: this.#hub.serverId });
    if (after !== undefined) await this.#replay(after);
    this.#deaf = after !== undefined && this.#hub.switches.on('resumed-deaf');
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const event of held) this.#show(event);
  }

  hear(data: RawData) {
    this.lastHeardMs = performance.now();
    if (!this.#bucket.take()) return this.send('error', { error: 'Rate limit exceeded' });
    const parsed = read(data);
    if (!parsed) return this.send('error', { error: 'Invalid message format' });
    this.#handle(parsed);
  }

  send(type: string, payload: unknown, extra: Readonly<Record<string, unknown>> = {}): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ type, payload, ...extra, timestamp: Date.now() }));
  }

  deliver(event: Numbered): void {
    if (this.#held) this.#held.push(event);
    else this.#show(event);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Without a code, so that the client sees 1005. */
  drop(): void {
    this.#socket.close();
  }

  #handle({ type, payload, messageId }: Frame) {
    const { switches } = this.#hub;
    if (type === 'ping') return switches.on('no-pong') ? undefined : this.send('pong', {});
    if (type === 'chat_message') return this.#say(payload, messageId);
    if (type === 'user_typing' || type === 'user_stopped_typing') return this.#hub.tell(this, this.#room, type);
    if (type === 'chat_history') return void this.#replay(afterOf(payload));
    // Other types, the client's pong among them, are ignored.
  }

  #say(content: unknown, clientMessageId: string | undefined) {
    const { switches } = this.#hub;
    const wrong = whyNot(content);
    const echo = clientMessageId === undefined ? {} : { messageId: clientMessageId };
    if (wrong || !this.#room) return this.send('error', { error: wrong ?? 'Not in a room yet' }, echo);
    const room = this.#room;
    const store = () => this.#store(room, content as string, clientMessageId, echo);
    const race = Number(switches.value('messages-race-ms') ?? 0);
    // A planted fault: whatever is stored first is said first.
    if (race > 0) return void setTimeout(store, Math.random() * race);
    room.queue = room.queue.then(store);
  }

  async #store(
    room: Room,
    content: string,
    clientMessageId: string | undefined,
    echo: { messageId?: string },
  ): Promise<void> {
    try {
      const said = await this.#hub.say(this, room, content, clientMessageId);
      if (this.#hub.switches.on('no-ack')) return;
      this.send('ack', { ...said, ...(clientMessageId === undefined ? {} : { clientMessageId }) }, echo);
    } catch (error) {
      // No ack: what was not stored must not be taken for delivered.
      const why = error instanceof SessionEnded ? error.message : 'Message could not be stored';
      this.send('error', { error: why, ...(clientMessageId === undefined ? {} : { clientMessageId }) }, echo);
    }
  }

  async #replay(after: string | undefined): Promise<void> {
    if (!this.#room || this.#hub.switches.on('no-replay')) return;
    const from = this.#hub.switches.on('replay-whole') ? '' : after;
    const all = await this.#hub.history(this.#room, from).catch(() => undefined);
    const messages = all && this.#kept(all);
    if (!messages) return this.send('error', { error: 'History could not be read' });
    // The last one seen may only now be coming through this instance.
    this.#replayed = new Set([
      ...messages.map((message) => message.messageId),
      ...(after === undefined ? [] : [after]),
    ]);
    this.send('chat_history', { after: after ?? null, messages: messages.map(shown) });
  }

  /** Planted faults: only the last few are kept for whoever comes back, or only those of the last seconds. */
  #kept(messages: readonly Numbered[]): readonly Numbered[] {
    const { switches } = this.#hub;
    const sinceMs = Date.now() - Number(switches.value('replay-keeps-ms') ?? Number.POSITIVE_INFINITY);
    const most = Number(switches.value('replay-keeps') ?? messages.length);
    return messages.filter(({ timestamp }) => timestamp > sinceMs).slice(Math.max(0, messages.length - most));
  }

  #named(event: Numbered) {
    const said = shown(event);
    return this.#hub.switches.on('sender-mixed') ? { ...said, userId: this.session.user.id } : said;
  }

  #show(event: Numbered): void {
    if (!this.#deaf && !this.#replayed.has(event.messageId)) this.send('chat_message', this.#named(event));
  }
}

function read(data: RawData): Frame | undefined {
  try {
    return frame.parse(JSON.parse(data.toString()));
  } catch {
    return undefined;
  }
}

function whyNot(content: unknown): string | undefined {
  if (typeof content !== 'string' || content.length === 0) return 'Invalid message format';
  return content.length > longest ? `Message longer than ${longest} characters` : undefined;
}

function afterOf(payload: unknown): string | undefined {
  const parsed = z.object({ after: z.string() }).safeParse(payload);
  return parsed.success ? parsed.data.after : undefined;
}

function shown({ messageId, userId, content, timestamp, role, clientMessageId, sequence }: Numbered) {
  const client = clientMessageId === undefined ? {} : { clientMessageId };
  return { messageId, userId, content, timestamp, role: role ?? 'user', sequence, ...client };
}
