/** One room over a WebSocket: comes back by itself after a drop and asks for what was said meanwhile. */

export interface RoomMessage {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'system';
  readonly userId?: string | undefined;
  readonly content: string;
  readonly at: number;
  readonly clientId?: string | undefined;
}

export type RoomState = 'connecting' | 'connected' | 'reconnecting' | 'refused';

interface Hears {
  readonly message: (message: RoomMessage) => void;
  readonly typing: (userId: string, typing: boolean) => void;
  readonly state: (state: RoomState, why?: string) => void;
  /** What became of a message this socket sent: delivered, or why not. */
  readonly outcome: (clientId: string, problem: string | undefined) => void;
}

interface Frame {
  readonly type: string;
  readonly payload?: {
    readonly connected?: boolean;
    readonly error?: string;
    readonly userId?: string;
    readonly clientMessageId?: string;
    readonly messages?: readonly Wire[];
  } & Partial<Wire>;
  readonly messageId?: string;
}

interface Wire {
  readonly messageId: string;
  readonly userId: string;
  readonly role?: RoomMessage['role'];
  readonly content: string;
  readonly timestamp: number;
  readonly clientMessageId?: string;
}

const pingEveryMs = 25_000;
const waitsMs = [200, 500, 1_000, 2_000, 5_000];
const refusedCode = 1008;

export class RoomSocket {
  readonly #sessionId: string;
  readonly #hears: Hears;
  #socket: WebSocket | undefined;
  #last: string | undefined;
  #failures = 0;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pinging: ReturnType<typeof setInterval> | undefined;

  constructor(sessionId: string, hears: Hears) {
    this.#sessionId = sessionId;
    this.#hears = hears;
    addEventListener('online', this.#now);
    this.#open();
  }

  /** False where there is no connection; the message is then the caller's to keep. */
  say(clientId: string, content: string): boolean {
    return this.#send({ type: 'chat_message', payload: content, messageId: clientId });
  }

  typing(on: boolean): void {
    this.#send({ type: on ? 'user_typing' : 'user_stopped_typing' });
  }

  close(): void {
    this.#closed = true;
    removeEventListener('online', this.#now);
    clearTimeout(this.#timer);
    clearInterval(this.#pinging);
    this.#socket?.close();
  }

  #now = (): void => {
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#open();
  };

  #open(): void {
    if (this.#closed) return;
    const after = this.#last === undefined ? '' : `&after=${encodeURIComponent(this.#last)}`;
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws?sessionId=${this.#sessionId}${after}`);
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#socket === socket && this.#hear(JSON.parse(String(data)));
    socket.onclose = ({ code, reason }) => this.#socket === socket && this.#lost(code, reason);
  }

  #lost(code: number, reason: string) {
    clearInterval(this.#pinging);
    if (this.#closed) return;
    if (code === refusedCode) return this.#hears.state('refused', reason);
    this.#hears.state('reconnecting');
    const waitMs = waitsMs[Math.min(this.#failures, waitsMs.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#open(), waitMs);
  }

  #hear({ type, payload = {}, messageId }: Frame) {
    if (type === 'ack' && payload.connected) return this.#entered();
    if (type === 'chat_message') return this.#take(payload as Wire);
    if (type === 'chat_history') for (const one of payload.messages ?? []) this.#take(one);
    if (type === 'user_typing' || type === 'user_stopped_typing')
      this.#hears.typing(payload.userId ?? '', type === 'user_typing');
    const about = payload.clientMessageId ?? messageId;
    if ((type === 'ack' || type === 'error') && about) this.#hears.outcome(about, payload.error);
    if (type === 'ping') this.#send({ type: 'pong' });
  }

  #entered(): void {
    this.#failures = 0;
    this.#hears.state('connected');
    clearInterval(this.#pinging);
    this.#pinging = setInterval(() => this.#send({ type: 'ping' }), pingEveryMs);
  }

  #take({ messageId, userId, role, content, timestamp, clientMessageId }: Wire): void {
    this.#last = messageId;
    this.#hears.message({
      id: messageId,
      role: role ?? 'user',
      userId,
      content,
      at: timestamp,
      clientId: clientMessageId,
    });
  }

  #send(frame: object): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }
}
