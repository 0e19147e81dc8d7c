import { randomBytes } from 'node:crypto';
import { isRecord, jsonOf } from '../../platform/json.ts';
import { chat, sessionCookie } from '../../platform/realtime.ts';
import { type LastingSocket, openLasting } from '../../probes/lasting-socket.ts';
import { ownTrouble } from '../../probes/own-network.ts';
import type { SoakContext } from '../../runners/soak/types.ts';
import type { Person } from '../load/prepare.ts';
import type { Servers } from './servers.ts';
import { isExpected } from './socket-limit.ts';
import type { Streams, Told } from './streams.ts';

/** Pairs of people of one tenant who hold their sockets for hours and write to each other. */
export interface Hold {
  /** One message, from one of a pair to the other; pairs take turns. */
  write(dueMs: number): Promise<void>;
  leave(): void;
}

export function hold(soak: SoakContext, streams: Streams, people: readonly Person[], servers: Servers): Hold {
  const pairs = people
    .filter(({ index, partner }) => partner >= index)
    .map((person, i) => new Pair(soak, streams, servers, [person, people[person.partner]!], i));
  let turn = 0;
  return {
    write: async (dueMs) => {
      const pair = pairs[turn++ % Math.max(1, pairs.length)];
      if (pair) await streams.timed('T-ws-msg', dueMs, () => pair.write());
    },
    leave: () => {
      for (const pair of pairs) pair.leave();
    },
  };
}

class Pair {
  readonly #soak: SoakContext;
  readonly #waiting = new Map<string, (told: Told) => void>();
  readonly #here: Seat;
  readonly #there: Seat;

  constructor(
    soak: SoakContext,
    streams: Streams,
    servers: Servers,
    [one, other]: readonly [Person, Person],
    turn: number,
  ) {
    this.#soak = soak;
    const urls = soak.environment.realtime!.urls;
    const seat = (person: Person, at: number, heard: (content: string) => void) =>
      new Seat(soak, streams, servers, { person, room: one.room, url: urls[at % urls.length]!, heard });
    this.#here = seat(one, turn, () => undefined);
    this.#there = seat(other, turn + 1, (content) => this.#arrived(content));
  }

  write(): Promise<Told> {
    const mark = `sdm${randomBytes(8).toString('hex')}`;
    const { timeoutMs } = this.#soak.environment;
    return new Promise((resolve) => {
      const settle = (told: Told) => {
        clearTimeout(timer);
        this.#waiting.delete(mark);
        resolve(told);
      };
      const timer = setTimeout(
        () => settle({ ok: false, because: `did not arrive within ${timeoutMs / 1000} s` }),
        timeoutMs,
      );
      this.#waiting.set(mark, settle);
      const away = this.#here.away() ?? this.#there.away();
      if (away !== null) settle(away);
      else if (!this.#here.send(chat(`${mark} of a soak`, mark))) settle({ ok: false, because: 'not connected' });
    });
  }

  leave(): void {
    for (const settle of [...this.#waiting.values()]) settle({ ok: false, because: 'we left', ours: true });
    this.#here.leave();
    this.#there.leave();
  }

  #arrived(content: string): void {
    this.#waiting.get(content.split(' ')[0]!)?.({ ok: true, doneMs: this.#soak.now() });
  }
}

interface SeatOptions {
  readonly person: Person;
  readonly room: string;
  readonly url: string;
  readonly heard: (content: string) => void;
}

const pingEveryMs = 25_000;
const firstAgainMs = 500;
const lastAgainMs = 15_000;
/** After an expected end a message waits until the socket is there again. */
const graceMs = 3_000;

/** One socket, taken again whenever it is lost. */
class Seat {
  readonly #soak: SoakContext;
  readonly #streams: Streams;
  readonly #servers: Servers;
  readonly #options: SeatOptions;
  #socket: LastingSocket | null = null;
  #inSinceMs: number | null = null;
  #expectedEndMs: number | null = null;
  #left = false;
  #againMs = firstAgainMs;
  #timers: NodeJS.Timeout[] = [];

  constructor(soak: SoakContext, streams: Streams, servers: Servers, options: SeatOptions) {
    this.#soak = soak;
    this.#streams = streams;
    this.#servers = servers;
    this.#options = options;
    this.#open();
  }

  send(text: string): boolean {
    return this.#inSinceMs === null ? false : (this.#socket?.send(text) ?? false);
  }

  /** Null: it is in. Not in for a cause that is nobody's fault counts neither way. */
  away(): Told | null {
    if (this.#inSinceMs !== null) return null;
    const ours = this.#expectedEndMs !== null && this.#soak.now() - this.#expectedEndMs < graceMs;
    return { ok: false, because: 'not connected', ours };
  }

  leave(): void {
    this.#left = true;
    this.#servers.ended(this);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#socket?.leave();
  }

  #open(): void {
    if (this.#left || this.#soak.signal.aborted) return;
    const { person, room, url } = this.#options;
    const realtime = this.#soak.environment.realtime!;
    const address = new URL(url);
    address.searchParams.set('sessionId', room);
    this.#timers = [];
    this.#socket = openLasting(this.#soak, {
      url: address.href,
      headers: { cookie: sessionCookie(realtime, person.session.token) },
      origin: realtime.origin,
      onText: (text) => this.#heard(text),
      onEnd: (how) => this.#ended(how),
    });
  }

  #heard(text: string): void {
    const message = jsonOf(Buffer.from(text));
    if (!isRecord(message) || !isRecord(message.payload)) return;
    this.#servers.heard(this);
    if (message.type === 'ack' && message.payload.connected === true && this.#inSinceMs === null) {
      this.#letIn();
      this.#servers.letIn(this, this.#options.url, message.payload.serverId);
    }
    if (message.type === 'chat_message') this.#options.heard(String(message.payload.content));
  }

  #letIn(): void {
    this.#inSinceMs = this.#soak.now();
    this.#expectedEndMs = null;
    this.#againMs = firstAgainMs;
    const everyMs = pingEveryMs / this.#soak.timeScale;
    this.#timers.push(setInterval(() => this.#socket?.send('{"type":"ping","payload":{}}'), Math.max(1_000, everyMs)));
  }

  #ended({ code, because }: { readonly code: number | null; readonly because: string }): void {
    this.#servers.ended(this);
    for (const timer of this.#timers) clearInterval(timer);
    const nowMs = this.#soak.now();
    const ageMs = this.#inSinceMs === null ? null : nowMs - this.#inSinceMs;
    this.#inSinceMs = null;
    if (this.#left || this.#soak.signal.aborted) return;
    const expected = isExpected({ ageMs, limitMs: this.#soak.socketLimitMs });
    if (expected) this.#expectedEndMs = nowMs;
    else if (ownTrouble(because) === null && !this.#soak.disturbed(nowMs - 1_000, nowMs)) this.#tell(ageMs, because);
    if (expected)
      this.#soak.emit({ kind: 'sample', series: 'harness.sockets.cut', unit: '1', atMs: Math.round(nowMs), value: 1 });
    this.#timers = [setTimeout(() => this.#open(), expected ? 0 : this.#againMs)];
    this.#againMs = code === null ? Math.min(lastAgainMs, this.#againMs * 2) : firstAgainMs;
  }

  /** One that was never let in counts as an answer that is missing; one that was in was cut. */
  #tell(ageMs: number | null, because: string): void {
    if (ageMs === null) {
      this.#streams.counted({ ok: false, because: `a socket ${because}` });
      return;
    }
    if (!this.#soak.checks.has('soak.critical')) return;
    this.#soak.emit({
      kind: 'event',
      what: 'disconnect',
      service: 'realtime',
      atMs: Math.round(this.#soak.now()),
      detail: `${because} after ${Math.round(ageMs / 1000)} s`,
    });
  }
}
