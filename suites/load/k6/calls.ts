import http, { type RefinedResponse } from 'k6/http';
import { begin, count, fact, good, lost, now, spend } from 'k6/x/shakedown';
import { noAnswer } from './answer.ts';
import { given, type Session } from './given.ts';

/** Why the data is not the right answer; '' when it is. `foreign…` is an answer that was somebody else's. */
export type Verify = (data: unknown) => string;

interface Call {
  readonly session: Session;
  readonly path: string;
  readonly input?: unknown;
  /** The stream it is timed on; '' counts towards the error rate only. */
  readonly stream: string;
  /** Below zero: the iteration's own due time. */
  readonly dueMs: number;
  readonly verify: Verify;
  readonly timeoutMs?: number;
}

/** A tRPC query; its data, or null when it was lost. */
export function query(call: Call): unknown {
  const joint = call.path.includes('?') ? '&' : '?';
  const search = call.input === undefined ? '' : `${joint}input=${encodeURIComponent(JSON.stringify(call.input))}`;
  return timed(call, (params) => http.get(`${given.api.trpc}/${call.path}${search}`, params));
}

/** A tRPC mutation. */
export function mutation(call: Call): unknown {
  const body = JSON.stringify(call.input ?? {});
  return timed(call, (params) =>
    http.post(`${given.api.trpc}/${call.path}`, body, {
      ...params,
      headers: { ...params.headers, 'content-type': 'application/json' },
    }),
  );
}

type Answer = RefinedResponse<'text'>;

/** As k6's own parameters, narrowed to text so that the body is one. */
export interface Sending {
  readonly headers: Record<string, string>;
  readonly timeout: number;
  readonly redirects: number;
  readonly responseType: 'text';
  readonly jar: http.CookieJar;
  readonly tags: Record<string, string>;
}

/** A jar of its own for each request: what a deployment sets on one must not be sent with the next user's. */
export function sending(name: string, headers: Record<string, string>, timeoutMs: number): Sending {
  return { headers, timeout: timeoutMs, redirects: 0, responseType: 'text', jar: new http.CookieJar(), tags: { name } };
}

function timed(call: Call, send: (params: Sending) => Answer): unknown {
  if (!spend('requests', 1)) return null;
  const operation = begin(call.stream, call.dueMs, false);
  const response = send(sending(call.path, call.session.headers, call.timeoutMs ?? given.timeoutMs));
  const answeredAt = now();
  const { cause, data } = outcomeOf(response, call.path.includes(','));
  const wrong = cause === '' ? call.verify(data) : cause;
  if (wrong === '') good(operation, answeredAt);
  else lost(operation, wrong);
  if (cause === '') tellAnswer(wrong, call, data);
  return wrong === '' ? data : null;
}

/** Whose it was is told by the marks of this run alone: the data itself may be somebody's who never asked to be read. */
function tellAnswer(wrong: string, { path }: Call, data: unknown): void {
  if (wrong === '') count('answers-right');
  if (!wrong.startsWith('foreign')) return;
  const marks = JSON.stringify(data ?? null).match(/sd[qk][0-9a-z]{6,40}/g) ?? [];
  fact(
    'foreign',
    `${path}: ${wrong}; marks of this run in it: ${[...new Set(marks)].slice(0, 5).join(', ') || 'none'}`,
  );
}

function outcomeOf(response: Answer, batch: boolean): { readonly cause: string; readonly data?: unknown } {
  const missing = noAnswer(response);
  if (missing !== '') return { cause: missing };
  if (response.status === 429 || response.status >= 500) return { cause: `http-${response.status}` };
  const json = parsed(response.body);
  if (batch) return batchOf(json, response.status);
  return oneOf(json, response.status);
}

function batchOf(json: unknown, status: number): { readonly cause: string; readonly data?: unknown } {
  if (!Array.isArray(json)) return { cause: `not-trpc-${status}` };
  const each = json.map((one) => oneOf(one, status));
  return { cause: each.find(({ cause }) => cause !== '')?.cause ?? '', data: each.map(({ data }) => data) };
}

function oneOf(json: unknown, status: number): { readonly cause: string; readonly data?: unknown } {
  if (!isRecord(json)) return { cause: `not-trpc-${status}` };
  if (isRecord(json.error)) return { cause: `trpc-${codeOf(json.error)}` };
  if (!isRecord(json.result) || (status !== 200 && status !== 207)) return { cause: `not-trpc-${status}` };
  const { data } = json.result;
  return { cause: '', data: isRecord(data) && Object.keys(data).length <= 2 && 'json' in data ? data.json : data };
}

function codeOf(error: Record<string, unknown>): string {
  const data = isRecord(error.data)
    ? error.data
    : isRecord(error.json) && isRecord(error.json.data)
      ? error.json.data
      : {};
  return typeof data.code === 'string' ? data.code.toLowerCase() : 'error';
}

export function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
