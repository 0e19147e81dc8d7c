import { request } from 'undici';
import { guardedDispatcher } from '../environment/egress.ts';
import { spendRequest } from '../environment/spending.ts';
import { type Visit, whyNot } from './http.ts';

/** One event of a stream, as WHATWG HTML has them. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
  readonly atMs: number;
}

export interface Listening {
  readonly ok: true;
  /** Every event so far, in order. */
  readonly events: readonly StreamEvent[];
  close(): Promise<void>;
}

export type Listened = Listening | { readonly ok: false; readonly status: number | null; readonly because: string };

const maxEvents = 10_000;

/** Opens a stream of server-sent events; what comes is kept until it is closed. */
export async function listenTo(
  visit: Visit,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Listened> {
  if (!spendRequest(visit.environment)) return { ok: false, status: null, because: 'the budget of requests is spent' };
  const dispatcher = guardedDispatcher(visit.environment);
  const end = new AbortController();
  const signal = AbortSignal.any([end.signal, visit.signal]);
  const late = setTimeout(
    () => end.abort(new Error(`no answer within ${visit.environment.timeoutMs / 1000} s`)),
    visit.environment.timeoutMs,
  );
  try {
    const response = await request(url, {
      dispatcher,
      headers: { 'user-agent': 'shakedown (release verification)', accept: 'text/event-stream', ...headers },
      signal,
      bodyTimeout: 0,
      headersTimeout: 0,
    });
    clearTimeout(late);
    const type = String(response.headers['content-type'] ?? '');
    if (response.statusCode !== 200 || !type.startsWith('text/event-stream')) {
      await dispatcher.destroy();
      return {
        ok: false,
        status: response.statusCode,
        because: `answered ${response.statusCode} ${type}, which is no stream of events`,
      };
    }
    const events: StreamEvent[] = [];
    void collect(response.body, events, visit).catch(() => undefined);
    const close = async (): Promise<void> => {
      end.abort();
      await dispatcher.destroy();
    };
    return { ok: true, events, close };
  } catch (error) {
    clearTimeout(late);
    await dispatcher.destroy();
    return { ok: false, status: null, because: whyNot(error, url) };
  }
}

/** An event ends with an empty line; its data may stand in several. */
async function collect(body: AsyncIterable<Buffer>, events: StreamEvent[], visit: Visit): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest = `${rest}${decoder.decode(chunk, { stream: true })}`.replaceAll('\r\n', '\n');
    const parts = rest.split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (events.length < maxEvents) events.push(read(part, visit.now()));
  }
}

function read(part: string, atMs: number): StreamEvent {
  const lines = part.split('\n').map((line) => /^(\w+): ?(.*)$/.exec(line));
  const values = (field: string) => lines.flatMap((line) => (line?.[1] === field ? [line[2]!] : []));
  return { name: values('event').at(-1) ?? 'message', data: values('data').join('\n'), atMs };
}
