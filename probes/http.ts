import { type Dispatcher, request } from 'undici';
import { guardedDispatcher, type OnConnected } from '../environment/egress.ts';
import { spendRequest } from '../environment/spending.ts';
import type { Environment } from '../environment/types.ts';
import { certificateTrouble, isCertificateTrouble } from './tls.ts';

/** What a probe needs to know of the run it belongs to; every `BodyContext` is one. */
export interface Visit {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  now(): number;
  /** Where a spent budget is reported: what was not sent says nothing about the deployment. */
  ours?(what: 'budget', detail: string): void;
}

export interface Answered {
  readonly ok: true;
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly setCookies: readonly string[];
  readonly body: Buffer;
  readonly startMs: number;
  /** From sending to the last byte. */
  readonly tookMs: number;
}

export interface Unanswered {
  readonly ok: false;
  readonly because: string;
  readonly startMs: number;
  readonly tookMs: number;
  /** True when our own guard or budget would not let the request out: nothing about the deployment follows from it. */
  readonly ours: boolean;
}

export type Answer = Answered | Unanswered;

export interface Ask {
  readonly method?: Dispatcher.HttpMethod;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

export interface Http {
  ask(url: string, how?: Ask): Promise<Answer>;
  /** GET that goes along with redirects, each of them checked like a request of its own. */
  follow(url: string, how?: Ask): Promise<Answer>;
  close(): Promise<void>;
}

const maxBytes = 32 * 1024 * 1024;
const maxRedirects = 5;
const userAgent = 'shakedown (release verification)';

/** A client with connections of its own that are reused, as a browser's would be. */
export function openHttp(visit: Visit, onConnected?: OnConnected): Http {
  const dispatcher = guardedDispatcher(visit.environment, undefined, onConnected ? { onConnected } : {});
  const ask = (url: string, how: Ask = {}): Promise<Answer> => once(visit, dispatcher, url, how);
  return { ask, follow: (url, how) => following(ask, url, how), close: () => dispatcher.destroy() };
}

async function once(visit: Visit, dispatcher: Dispatcher, url: string, how: Ask): Promise<Answer> {
  const startMs = visit.now();
  if (!spendRequest(visit.environment)) return overBudget(visit, startMs);
  const timeoutMs = how.timeoutMs ?? visit.environment.timeoutMs;
  const deadline = AbortSignal.timeout(timeoutMs);
  let begun = false;
  try {
    const response = await request(url, {
      dispatcher,
      method: how.method ?? 'GET',
      headers: { 'user-agent': userAgent, ...how.headers },
      body: how.body ?? null,
      signal: AbortSignal.any([deadline, visit.signal]),
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    begun = true;
    const body = await read(response.body, how.maxBytes ?? maxBytes);
    return { ...described(url, response), body, startMs, tookMs: visit.now() - startMs };
  } catch (error) {
    const late = deadline.aborted ? tooLate(begun, timeoutMs) : null;
    const because = late ?? (visit.signal.aborted ? 'the run was stopped' : whyNot(error, url));
    return { ok: false, because, startMs, tookMs: visit.now() - startMs, ours: isOurs(error) };
  }
}

function overBudget(visit: Visit, startMs: number): Unanswered {
  const because = `the budget of ${visit.environment.budget.requests} requests is spent`;
  visit.ours?.('budget', because);
  return { ok: false, because, startMs, tookMs: 0, ours: true };
}

function described(url: string, response: Dispatcher.ResponseData): Omit<Answered, 'body' | 'startMs' | 'tookMs'> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  const setCookies = [response.headers['set-cookie'] ?? []].flat();
  return { ok: true, url, status: response.statusCode, headers, setCookies };
}

async function read(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limit) throw new TooLong(`sent more than ${Math.round(limit / 1024)} KiB and did not end`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

class TooLong extends Error {}

const tooLate = (begun: boolean, timeoutMs: number): string =>
  begun ? `began to answer and did not end within ${timeoutMs / 1000} s` : `no answer within ${timeoutMs / 1000} s`;

async function following(ask: Http['ask'], url: string, how?: Ask): Promise<Answer> {
  let at = url;
  const startMs: number[] = [];
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const answer = await ask(at, how);
    startMs.push(answer.startMs);
    const next = answer.ok ? redirectOf(answer) : null;
    if (next === null) return answer;
    at = next;
  }
  const because = `redirected more than ${maxRedirects} times, last to ${at}`;
  return { ok: false, because, startMs: startMs[0] ?? 0, tookMs: 0, ours: false };
}

/** Where a redirect leads, absolute; null when the answer is none or says nothing usable. */
export function redirectOf(answer: Answered): string | null {
  const location = answer.headers.get('location');
  if (![301, 302, 303, 307, 308].includes(answer.status) || !location) return null;
  return URL.canParse(location, answer.url) ? new URL(location, answer.url).href : null;
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'closed the connection without an answer',
  EPIPE: 'closed the connection without an answer',
  UND_ERR_SOCKET: 'closed the connection without an answer',
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name does not resolve',
  EHOSTUNREACH: 'cannot be reached (no route to the host)',
  ENETUNREACH: 'cannot be reached (no route to the network)',
  ETIMEDOUT: 'no connection before the system gave up',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_OVERFLOW: 'sent headers without an end',
};

/** Why a request came to nothing, in words that complete "failed because it …". */
export function whyNot(thrown: unknown, url: string): string {
  const error = innermost(thrown);
  const code = error.code ?? '';
  if (isCertificateTrouble(code)) return `certificate is not valid for ${hostOf(url)}: ${certificateTrouble(code)}`;
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) return `TLS handshake failed: ${error.reason ?? error.message}`;
  if (isNotHttp(error)) return 'answered something that is not HTTP';
  return reasons[code] ?? error.message;
}

const isNotHttp = ({ code = '', message }: Caused): boolean =>
  code.startsWith('HPE_') || /does not match the HTTP|^Parse Error/.test(message);

interface Caused extends Error {
  readonly code?: string;
  readonly reason?: string;
}

function innermost(thrown: unknown): Caused {
  const error = thrown instanceof Error ? (thrown as Caused) : new Error(String(thrown));
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors.at(-1));
  return error.cause instanceof Error ? innermost(error.cause) : error;
}

const isOurs = (thrown: unknown): boolean => innermost(thrown).code === 'EGRESS_REFUSED';

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);
