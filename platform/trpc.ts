import type { Answer, Http } from '../probes/http.ts';
import { under } from './health.ts';
import { isRecord, jsonOf } from './json.ts';

/** tRPC 11 over HTTP, spoken by hand: what is on the wire is the promise, not what a client library makes of it. */
export interface TrpcError {
  readonly message: string;
  /** JSON-RPC number. */
  readonly code: number;
  /** `NOT_FOUND`, `BAD_REQUEST`, … */
  readonly name: string;
  readonly httpStatus: number;
  readonly path: string | null;
}

export type Outcome =
  | { readonly kind: 'data'; readonly data: unknown }
  | { readonly kind: 'error'; readonly error: TrpcError };

export type Reply =
  | { readonly ok: true; readonly status: number; readonly outcome: Outcome; readonly answer: Answer }
  /** No answer, or one that is not tRPC. */
  | { readonly ok: false; readonly status: number | null; readonly because: string; readonly answer: Answer };

export type Batch =
  | { readonly ok: true; readonly status: number; readonly outcomes: readonly Outcome[] }
  | { readonly ok: false; readonly status: number | null; readonly because: string };

export interface Trpc {
  query(path: string, input?: unknown): Promise<Reply>;
  mutation(path: string, input?: unknown): Promise<Reply>;
  batchOfQueries(calls: readonly { readonly path: string; readonly input?: unknown }[]): Promise<Batch>;
}

export interface TrpcOptions {
  readonly url: string;
  readonly trpcPath: string;
  /** Cookies, CSRF token: whatever makes the caller somebody. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function trpc(http: Http, { url, trpcPath, headers = {} }: TrpcOptions): Trpc {
  const base = under(url, trpcPath);
  const json = { ...headers, 'content-type': 'application/json' };
  return {
    query: async (path, input) => replyOf(await http.ask(`${base}/${path}${inQuery(input)}`, { headers })),
    mutation: async (path, input) =>
      replyOf(await http.ask(`${base}/${path}`, { method: 'POST', headers: json, body: JSON.stringify(input ?? {}) })),
    batchOfQueries: async (calls) => {
      const inputs = Object.fromEntries(calls.flatMap(({ input }, i) => (input === undefined ? [] : [[i, input]])));
      const paths = calls.map(({ path }) => path).join(',');
      const search = `batch=1&input=${encodeURIComponent(JSON.stringify(inputs))}`;
      return batchOf(await http.ask(`${base}/${paths}?${search}`, { headers }), calls.length);
    },
  };
}

const inQuery = (input: unknown): string =>
  input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;

function replyOf(answer: Answer): Reply {
  if (!answer.ok) return { ok: false, status: null, because: answer.because, answer };
  const { status } = answer;
  const outcome = outcomeOf(jsonOf(answer.body));
  if (outcome) return { ok: true, status, outcome, answer };
  return { ok: false, status, because: `answered ${status} with something that is not a tRPC answer`, answer };
}

function batchOf(answer: Answer, calls: number): Batch {
  if (!answer.ok) return { ok: false, status: null, because: answer.because };
  const { status } = answer;
  const list = jsonOf(answer.body);
  const outcomes = Array.isArray(list) ? list.map(outcomeOf) : [];
  const known = outcomes.filter((outcome) => outcome !== null);
  if (known.length === calls && outcomes.length === calls) return { ok: true, status, outcomes: known };
  const found = Array.isArray(list) ? `${known.length} tRPC answers` : 'something that is not a list';
  return { ok: false, status, because: `answered ${status} with ${found} for ${calls} calls` };
}

/** `{result:{data}}` or `{error:{message,code,data:{code,httpStatus,path}}}`; a transformer puts `json` around what it touches. */
function outcomeOf(value: unknown): Outcome | null {
  if (!isRecord(value)) return null;
  if (isRecord(value.result)) return { kind: 'data', data: unwrapped(value.result.data) };
  const error = errorOf(unwrapped(value.error));
  return error ? { kind: 'error', error } : null;
}

function errorOf(value: unknown): TrpcError | null {
  if (!isRecord(value) || !isRecord(value.data)) return null;
  const { message, code, data } = value;
  if (typeof message !== 'string' || typeof code !== 'number') return null;
  if (typeof data.code !== 'string' || typeof data.httpStatus !== 'number') return null;
  return {
    message,
    code,
    name: data.code,
    httpStatus: data.httpStatus,
    path: typeof data.path === 'string' ? data.path : null,
  };
}

function unwrapped(value: unknown): unknown {
  if (!isRecord(value) || !('json' in value)) return value;
  return Object.keys(value).every((key) => key === 'json' || key === 'meta') ? value.json : value;
}

/** The issues of a zod failure: the message is a JSON text of the list. */
export function issuesOf(message: string): readonly { readonly path: readonly unknown[] }[] | null {
  const issues = jsonOf(message);
  const isIssue = (one: unknown): one is { readonly path: readonly unknown[] } =>
    isRecord(one) && typeof one.code === 'string' && typeof one.message === 'string' && Array.isArray(one.path);
  return Array.isArray(issues) && issues.length > 0 && issues.every(isIssue) ? issues : null;
}

/** Why a reply is not the data that was asked for, in words; null when it is. */
export function whyNoData(reply: Reply): string | null {
  if (!reply.ok) return reply.because;
  const { outcome, status } = reply;
  if (outcome.kind === 'data') return status === 200 ? null : `answered ${status} with data`;
  return `answered ${status} ${outcome.error.name}: ${outcome.error.message.slice(0, 200)}`;
}
