import { clearInterval, clearTimeout, setInterval, setTimeout } from 'k6/timers';
import { WebSocket } from 'k6/websockets';
import { begin, count, fact, good, lost, now, spend } from 'k6/x/shakedown';
import { isRecord, parsed } from './calls.ts';
import { given, type Session } from './given.ts';

/** A realtime socket that was let in. */
export interface Room {
  say(content: string): void;
  /** Called with each chat message's content. */
  onMessage(take: (content: string) => void): void;
  isOpen(): boolean;
  leave(): void;
}

const pingEveryMs = 25_000;

/**
 * Connects and waits for the first ack: an opened connection proves nothing, since the platform upgrades before it looks
 * at the cookie. Null when it was lost. A socket that the deployment closes later counts as an error of its own.
 */
export function enter(session: Session, room: string, turn: number, dueMs: number): Promise<Room | null> {
  const { urls, cookies, origin } = given.realtime!;
  const url = urls[turn % urls.length]!;
  const headers: Record<string, string> = {
    Cookie: cookies.map((name) => `${name}=${session.token}`).join('; '),
    'User-Agent': given.api.headers['user-agent']!,
  };
  if (origin !== null) headers.Origin = origin;
  if (!spend('requests', 1)) return Promise.resolve(null);
  const operation = begin('T-ws-connect', dueMs, false);
  const address = `${url}${url.includes('?') ? '&' : '?'}sessionId=${room}`;
  const socket = new WebSocket(address, null, { headers, tags: { name: 'realtime' } });
  return new Promise((resolve) => follow(socket, operation, resolve));
}

type Phase = 'connecting' | 'in' | 'over';

function follow(socket: WebSocket, operation: number, resolve: (room: Room | null) => void): void {
  let phase: Phase = 'connecting';
  let take: (content: string) => void = () => undefined;
  let pings = 0;

  const giveUp = (cause: string) => {
    if (phase !== 'connecting') return;
    phase = 'over';
    clearTimeout(timer);
    lost(operation, cause);
    shut(socket);
    resolve(null);
  };
  const timer = setTimeout(() => giveUp('socket-timeout'), given.timeoutMs);

  const over = (cause: string) => {
    if (phase === 'connecting') giveUp(cause.startsWith('close-') ? `not-let-in-${cause}` : cause);
    else if (phase === 'in') {
      phase = 'over';
      clearInterval(pings);
      lost(begin('', now(), false), cause);
    }
  };

  const room: Room = {
    say: (content) =>
      socket.send(JSON.stringify({ type: 'chat_message', payload: content, messageId: content.split(' ')[0] })),
    onMessage: (next) => {
      take = next;
    },
    isOpen: () => phase === 'in',
    leave() {
      phase = 'over';
      clearInterval(pings);
      shut(socket);
    },
  };

  socket.onmessage = (event) => {
    const message = parsed(event?.data);
    if (!isRecord(message)) return over('not-a-message');
    if (phase === 'connecting') {
      // Others of the room may be heard of before one is told to be in; only the ack says so.
      if (!isWelcome(message)) return;
      phase = 'in';
      clearTimeout(timer);
      good(operation, 0);
      pings = setInterval(() => socket.send('{"type":"ping"}'), pingEveryMs);
      resolve(room);
    } else if (message.type === 'chat_message' && isRecord(message.payload)) take(String(message.payload.content));
  };
  socket.onclose = (event?: { readonly code?: number }) => over(`close-${event?.code ?? 'unknown'}`);
  socket.onerror = (event) => over(/refused/.test(String(event?.error)) ? 'socket-refused' : 'socket-error');
}

function isWelcome({ type, payload }: Record<string, unknown>): boolean {
  return type === 'ack' && isRecord(payload) && payload.connected === true;
}

function shut(socket: WebSocket): void {
  try {
    socket.close();
  } catch {
    // A socket that never opened has nothing to close.
  }
}

/** Messages under way between two users, each known by its first word. */
export class Post {
  readonly #open = new Map<string, { readonly operation: number; readonly timer: number }>();
  readonly #seen = new Set<string>();

  /** Sends at one user and is answered when it arrives at the other; both on this machine's clock. */
  send(from: Room, mark: string, dueMs: number, slotted: boolean): void {
    const operation = begin('T-ws-msg', dueMs, slotted);
    if (!from.isOpen()) {
      lost(operation, 'not-connected');
      return;
    }
    const timer = setTimeout(() => this.#end(mark, 'message-timeout'), given.timeoutMs);
    this.#open.set(mark, { operation, timer });
    from.say(`${mark} of a load that is being measured`);
  }

  /** A message that was due while one of the two was not connected. */
  refuse(dueMs: number): void {
    lost(begin('T-ws-msg', dueMs, true), 'not-connected');
  }

  arrived(content: string): void {
    const at = now();
    const mark = content.split(' ')[0]!;
    const open = this.#open.get(mark);
    if (open === undefined) {
      this.#stranger(mark);
      return;
    }
    clearTimeout(open.timer);
    this.#open.delete(mark);
    this.#seen.add(mark);
    good(open.operation, at);
    count('answers-right');
  }

  /** Nothing is waited for any more. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await rest(50);
  }

  #stranger(mark: string): void {
    if (this.#seen.has(mark)) count('messages-doubled');
    else if (mark.startsWith('sdm')) fact('foreign', `a message of another room arrived: ${mark.slice(0, 40)}`);
  }

  #end(mark: string, cause: string): void {
    const open = this.#open.get(mark);
    this.#open.delete(mark);
    this.#seen.add(mark);
    if (open !== undefined) lost(open.operation, cause);
  }
}

export function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
