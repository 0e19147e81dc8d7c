import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { loadEnvironment } from '../../environment/load.ts';
import type { ReferenceHandle } from '../../reference/index.ts';

/** A user of the deployment under test, by plain HTTP. */
export interface User {
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly csrf: string;
  readonly cookie: string;
  query(path: string, input?: unknown): Promise<Answer>;
  mutate(path: string, input: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says, looked at by the test
  readonly body: any;
}

export const password = 'Passw0rd!x';
let made = 0;

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text) };
}

export function caller({ api }: Pick<ReferenceHandle, 'api'>, who: Readonly<Record<string, string>> = {}) {
  return {
    query: (path: string, input?: unknown) =>
      ask(`${api}/trpc/${path}${input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`}`, {
        headers: who,
      }),
    mutate: (path: string, input: unknown, headers: Readonly<Record<string, string>> = {}) =>
      ask(`${api}/trpc/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...who, ...headers },
        body: JSON.stringify(input),
      }),
  };
}

export async function register(deployment: ReferenceHandle): Promise<User> {
  made += 1;
  const email = `user-${process.pid}-${Date.now()}-${made}@example.com`;
  await caller(deployment).mutate('auth.register', {
    email,
    password,
    name: `User ${made}`,
    organizationName: `Org ${made}`,
  });
  const { cookie, token } = await signIn(deployment, email, password);
  const csrf = (await ask(`${deployment.api}/api/auth/csrf`, { headers: { cookie } })).body.csrfToken;
  return { email, password, token, csrf, cookie, ...caller(deployment, { cookie, 'x-csrf-token': csrf }) };
}

export async function signIn({ api }: ReferenceHandle, email: string, secret: string, mfaCode?: string) {
  const csrf = await ask(`${api}/api/auth/csrf`);
  const answer = await ask(`${api}/api/auth/callback/credentials`, {
    method: 'POST',
    headers: { cookie: cookiesOf(csrf), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      csrfToken: csrf.body.csrfToken,
      email,
      password: secret,
      ...(mfaCode ? { mfaCode } : {}),
    }).toString(),
  });
  const cookie = cookiesOf(answer);
  return { answer, cookie, token: /authjs\.session-token=([^;]+)/.exec(cookie)?.[1] ?? '' };
}

export const cookiesOf = ({ headers }: Answer): string =>
  headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');

// biome-ignore lint/suspicious/noExplicitAny: a frame is whatever the server says, looked at by the test
export type Frame = any;

export interface Socket {
  readonly frames: Frame[];
  readonly closed: () => { code: number; reason: string } | undefined;
  send(value: unknown): void;
  /** The first frame that fits, from any time on; fails after two seconds. */
  frame(fits: (frame: Frame) => boolean): Promise<Frame>;
  end(): Promise<{ code: number; reason: string }>;
  close(): void;
}

export function dial(url: string, headers: Readonly<Record<string, string>> = {}): Socket {
  const socket = new WebSocket(url, { headers });
  const frames: Frame[] = [];
  let closed: { code: number; reason: string } | undefined;
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  socket.on('close', (code, reason) => {
    closed = { code, reason: String(reason) };
  });
  socket.on('error', () => undefined);
  return {
    frames,
    closed: () => closed,
    send: (value) => socket.send(typeof value === 'string' ? value : JSON.stringify(value)),
    frame: (fits) => until(() => frames.find(fits)),
    end: () => until(() => closed),
    close: () => socket.close(),
  };
}

export async function until<T>(look: () => T | undefined, withinMs = 3000): Promise<T> {
  for (const from = performance.now(); performance.now() - from < withinMs; await sleep(5)) {
    const found = look();
    if (found !== undefined) return found;
  }
  throw new Error(`nothing within ${withinMs} ms`);
}

/** A subscription as server-sent events. */
export async function listen({ api }: ReferenceHandle, path: string, input: unknown, cookie: string) {
  const ending = new AbortController();
  const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  const response = await fetch(`${api}/trpc/${path}${query}`, {
    headers: { accept: 'text/event-stream', cookie },
    signal: ending.signal,
  });
  const events = told(response.body!);
  // Subscribed once the server says so.
  const first = await events.next();
  if (first.done) throw new Error('the stream ended at once');
  return {
    next: async (): Promise<Frame> => (await events.next()).value,
    async toEnd(): Promise<Frame[]> {
      const all: Frame[] = [];
      for await (const event of events) all.push(event);
      return all;
    },
    close: () => ending.abort(),
  };
}

/** The data of each event; the first one says that the connection stands, pings are left out. */
async function* told(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (/^event: return/m.test(block)) return;
      if (data !== undefined && !/^event: ping/m.test(block)) yield JSON.parse(data);
    }
  }
}

/** What was sent to this address, oldest first. */
export async function outbox(to: string, { environmentFile }: ReferenceHandle): Promise<Answer['body'][]> {
  const { outbox: box } = loadEnvironment(environmentFile, {}).environment!;
  const { body } = await ask(`${box!.url}?to=${encodeURIComponent(to)}`, {
    headers: { authorization: `Bearer ${box!.token}` },
  });
  return body.messages;
}

/** Moves the clock of one account. */
export async function moveClock(email: string, aheadMs: number, { environmentFile }: ReferenceHandle): Promise<void> {
  const { clock } = loadEnvironment(environmentFile, {}).environment!;
  const { status } = await ask(clock!.url, {
    method: 'POST',
    headers: { authorization: `Bearer ${clock!.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ aheadMs, email }),
  });
  if (status !== 200) throw new Error(`the clock answered ${status}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
