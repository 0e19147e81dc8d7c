import { type ChildProcess, fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { allowed, refusal } from '../../environment/egress.ts';
import { canonicalHost, hostPortOf } from '../../environment/hosts.ts';
import { trustOf } from '../../environment/trust.ts';
import type { Environment } from '../../environment/types.ts';
import type { Visit } from '../http.ts';
import { type Stretch, starvedShare } from '../waiting.ts';
import { hostOf, type IceServer } from './ice.ts';
import type { Down, Happening, Joined, Joining, Order, Person, Stats, Up } from './protocol.ts';

/** It worked; the deployment (or the way there) did not let it; or it failed for our own fault. */
export type Done<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly because: string; readonly ours: boolean };

export interface Entry {
  readonly url: string;
  readonly token: string;
  /** What the server named in its join answer; those that may not be contacted are left out. */
  readonly iceServers: readonly IceServer[];
  readonly relayOnly?: boolean;
  readonly timeoutMs?: number;
  /** True unless said. */
  readonly listens?: boolean;
}

/** People in meetings, in a process of their own. Times are on the run's clock. */
export interface Participants {
  join(who: string, entry: Entry): Promise<Done<Joined>>;
  leave(who: string): Promise<Done<null>>;
  show(who: string, source: 'camera' | 'screen'): Promise<Done<null>>;
  speak(who: string, how: { readonly everyMs: number; readonly count: number }): Promise<Done<null>>;
  mute(who: string, muted: boolean): Promise<Done<null>>;
  say(who: string, topic: string, text: string): Promise<Done<null>>;
  chat(who: string, text: string): Promise<Done<null>>;
  stats(who: string): Promise<Done<Stats>>;
  people(who: string): Promise<Done<readonly Person[]>>;
  /** Of a stretch of time, the share in which our own threads waited for a processor; 0 where the system does not say. */
  starvedShare(fromMs: number, toMs: number): number;
  /** Hears of everything that happens from now on; returns how to stop. */
  listen(listener: (happening: Happening) => void): () => void;
  /** The first thing that is wanted, of all that has happened or will within the time; null when it does not come. */
  await(wanted: (happening: Happening) => boolean, withinMs: number): Promise<Happening | null>;
  /** The first thing that is wanted of what happens from now on; null when it does not come within the time. */
  next(wanted: (happening: Happening) => boolean, withinMs: number): Promise<Happening | null>;
  /** The latest of all that has happened so far; null when there was none. */
  last(wanted: (happening: Happening) => boolean): Happening | null;
  /** Milliseconds on the run's clock. */
  now(): number;
  close(): Promise<void>;
}

const main = fileURLToPath(new URL('./process/main.ts', import.meta.url));
const remembered = 20_000;

export function openParticipants(visit: Visit): Participants {
  const link = new Link(visit);
  const ask = <T>(order: Order): Promise<Done<T>> => link.ask<T>(order);
  return {
    join: async (who, entry) => {
      const refused = refusedEntry(visit.environment, entry.url);
      if (refused !== null) return { ok: false, because: refused, ours: true };
      const done = await ask<Joined>({ verb: 'join', who, how: joining(visit.environment, entry) });
      return done.ok ? { ok: true, value: { ...done.value, startMs: link.onRunClock(done.value.startMs) } } : done;
    },
    leave: (who) => ask({ verb: 'leave', who }),
    show: (who, source) => ask({ verb: 'show', who, source }),
    speak: (who, how) => ask({ verb: 'speak', who, ...how }),
    mute: (who, muted) => ask({ verb: 'mute', who, muted }),
    say: (who, topic, text) => ask({ verb: 'say', who, topic, text }),
    chat: (who, text) => ask({ verb: 'chat', who, text }),
    stats: async (who) => {
      const done = await ask<Stats>({ verb: 'stats', who });
      return done.ok ? { ok: true, value: { ...done.value, atMs: link.onRunClock(done.value.atMs) } } : done;
    },
    people: (who) => ask({ verb: 'people', who }),
    starvedShare: (fromMs, toMs) => starvedShare(link.stretches, fromMs, toMs),
    listen: (listener) => link.listen(listener),
    await: (wanted, withinMs) => link.await(wanted, withinMs),
    next: (wanted, withinMs) => link.next(wanted, withinMs),
    last: (wanted) => link.last(wanted),
    now: () => visit.now(),
    close: () => link.close(),
  };
}

/** The library opens its own sockets, so where it may go is decided before it is told to. */
function refusedEntry(environment: Environment, url: string): string | null {
  const target = hostPortOf(url);
  if (target === null) return `${url} is no address`;
  return refusal(environment, target.host, target.port)?.message ?? null;
}

function joining(environment: Environment, entry: Entry): Joining {
  const { url, token, relayOnly = false, listens = true } = entry;
  const usable = usableServers(environment, entry.iceServers);
  const iceServers = usable.length > 0 ? usable : [nowhere(url)];
  return { url, token, iceServers, relayOnly, listens, timeoutMs: entry.timeoutMs ?? 3 * environment.timeoutMs };
}

/** Of what a server names, that which may be contacted; a public STUN server is not. */
export function usableServers(environment: Environment, servers: readonly IceServer[]): IceServer[] {
  const may = (url: string): boolean => {
    const target = hostOf(url);
    return target !== null && mayReach(environment, target.host, target.port);
  };
  return servers.map((server) => ({ ...server, urls: server.urls.filter(may) })).filter(({ urls }) => urls.length > 0);
}

/** Relays are part of the meeting server: on its own host, every port is allowed; on another host, it must be listed. */
function mayReach(environment: Environment, host: string, port: number): boolean {
  const own = [environment.meetings?.url ?? '', ...(environment.meetings?.urls ?? [])].map(
    (url) => hostPortOf(url)?.host,
  );
  return own.includes(canonicalHost(host)) || allowed(environment, host, port);
}

/** A list that is not empty and leads nowhere but to the meeting server itself. */
const nowhere = (url: string): IceServer => ({
  urls: [`stun:${new URL(url).hostname}:${new URL(url).port || 3478}`],
  username: '',
  credential: '',
});

/** Who takes the time should not wait for those whose time is taken. Where the system does not allow it, our waiting is told apart. */
function preferred(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_ABOVE_NORMAL);
  } catch {
    // Only an administrator may.
  }
}

class Link {
  private readonly child: ChildProcess;
  private readonly offsetMs: number;
  private readonly waiting = new Map<number, (done: Done<never>) => void>();
  private readonly listeners = new Set<(happening: Happening) => void>();
  private readonly happened: Happening[] = [];
  readonly stretches: Stretch[] = [];
  private ids = 0;
  private lastWords = '';
  private ended: Promise<void>;
  private gone: string | null = null;

  constructor({ environment, now, signal }: Visit) {
    this.offsetMs = now() - Number(process.hrtime.bigint()) / 1e6;
    const trust = trustOf(environment);
    this.child = fork(main, [], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: trust.variables,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    preferred(this.child.pid);
    this.child.stderr?.on('data', (text: Buffer) => {
      this.lastWords = (this.lastWords + text.toString('utf8')).slice(-2_000);
    });
    this.child.on('message', (message: Up) => this.take(message));
    this.child.on('error', (error) => {
      trust.remove();
      this.end(error.message);
    });
    this.ended = new Promise((resolve) => {
      this.child.once('exit', (code, how) => {
        trust.remove();
        this.end(
          `it ended with ${how ?? code}${this.lastWords ? `: ${this.lastWords.trim().split('\n').at(-1)}` : ''}`,
        );
        resolve();
      });
    });
    signal.addEventListener('abort', () => this.kill(), { once: true });
  }

  onRunClock(hrtimeMs: number): number {
    return hrtimeMs + this.offsetMs;
  }

  ask<T>(order: Order): Promise<Done<T>> {
    return new Promise((resolve) => {
      if (this.gone !== null) return resolve(this.broken());
      const id = ++this.ids;
      this.waiting.set(id, resolve as (done: Done<never>) => void);
      this.child.send({ id, order } satisfies Down, (error) => {
        if (error) this.settle(id, { ok: false, because: error.message, ours: true });
      });
    });
  }

  listen(listener: (happening: Happening) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  await(wanted: (happening: Happening) => boolean, withinMs: number): Promise<Happening | null> {
    const known = this.happened.find(wanted);
    return known ? Promise.resolve(known) : this.next(wanted, withinMs);
  }

  last(wanted: (happening: Happening) => boolean): Happening | null {
    return this.happened.findLast(wanted) ?? null;
  }

  next(wanted: (happening: Happening) => boolean, withinMs: number): Promise<Happening | null> {
    return new Promise((resolve) => {
      const done = (found: Happening | null): void => {
        clearTimeout(timer);
        stop();
        resolve(found);
      };
      const timer = setTimeout(() => done(null), withinMs);
      const stop = this.listen((happening) => {
        if (wanted(happening)) done(happening);
      });
    });
  }

  async close(): Promise<void> {
    this.kill();
    await this.ended;
  }

  private take(message: Up): void {
    if (message.type === 'done') this.settle(message.id, { ok: true, value: message.value as never });
    if (message.type === 'failed') this.settle(message.id, { ok: false, because: message.because, ours: false });
    if (message.type === 'waited') {
      const { fromMs, toMs, waitedMs } = message;
      this.stretches.push({ fromMs: this.onRunClock(fromMs), toMs: this.onRunClock(toMs), waitedMs });
    }
    if (message.type !== 'happened') return;
    const happening = { ...message.happening, atMs: this.onRunClock(message.happening.atMs) } as Happening;
    if (this.happened.length < remembered) this.happened.push(happening);
    for (const listener of [...this.listeners]) listener(happening);
  }

  private settle(id: number, done: Done<never>): void {
    this.waiting.get(id)?.(done);
    this.waiting.delete(id);
  }

  private end(why: string): void {
    this.gone ??= why;
    for (const id of [...this.waiting.keys()]) this.settle(id, this.broken());
  }

  private broken(): Done<never> {
    return { ok: false, because: `our process that takes part in meetings is gone: ${this.gone}`, ours: true };
  }

  private kill(): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
  }
}
