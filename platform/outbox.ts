import { setTimeout as sleep } from 'node:timers/promises';
import type { Http, Visit } from '../probes/http.ts';
import { isRecord, jsonOf } from './json.ts';

/** Something the deployment sent to somebody outside. */
export interface Sent {
  readonly id: string;
  readonly channel: string;
  readonly kind: string;
  readonly text: string;
  readonly token: string | null;
  readonly link: string | null;
  /** When it went out, ms by the outbox's own clock; null where the outbox does not tell. */
  readonly atMs: number | null;
}

/** Everything sent to this address or number, oldest first; a text says why it cannot be read. */
export async function sentTo({ environment }: Visit, http: Http, to: string): Promise<readonly Sent[] | string> {
  const { outbox } = environment;
  if (outbox === null) return 'the environment file has no outbox';
  const url = new URL(outbox.url);
  url.searchParams.set('to', to);
  const headers: Record<string, string> = outbox.token === null ? {} : { authorization: `Bearer ${outbox.token}` };
  const answer = await http.ask(url.href, { headers });
  if (!answer.ok) return `the outbox ${answer.because}`;
  const body = jsonOf(answer.body);
  if (answer.status !== 200 || !isRecord(body) || !Array.isArray(body.messages))
    return `the outbox answered ${answer.status} without messages`;
  return body.messages.filter(isRecord).filter(wentOut).map(read);
}

/** What a provider refused reached nobody. That nobody took a call does not mean that it was not placed. */
const wentOut = ({ channel, delivered }: Record<string, unknown>): boolean => channel === 'call' || delivered !== false;

const read = (one: Record<string, unknown>): Sent => ({
  id: String(one.id ?? ''),
  channel: String(one.channel ?? ''),
  kind: String(one.kind ?? ''),
  text: String(one.text ?? ''),
  token: typeof one.token === 'string' ? one.token : null,
  link: typeof one.link === 'string' ? one.link : null,
  atMs: timeOf(one.at),
});

const timeOf = (at: unknown): number | null => {
  const ms = typeof at === 'string' || typeof at === 'number' ? new Date(at).getTime() : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
};

export type Awaited = { readonly ok: true; readonly sent: Sent } | { readonly ok: false; readonly because: string };

/** Waits for something to be sent there. */
export async function awaitSent(
  visit: Visit,
  http: Http,
  wanted: { readonly to: string; readonly is: (sent: Sent) => boolean; readonly withinMs: number },
): Promise<Awaited> {
  const end = visit.now() + wanted.withinMs;
  for (;;) {
    const all = await sentTo(visit, http, wanted.to);
    if (typeof all === 'string') return { ok: false, because: all };
    const found = all.find(wanted.is);
    if (found) return { ok: true, sent: found };
    if (visit.now() >= end || visit.signal.aborted)
      return { ok: false, because: `nothing arrived within ${wanted.withinMs / 1000} s` };
    await sleep(250);
  }
}

/** Moves the deployment's clock for one account; null when it did, else why not. */
export async function moveClock(
  { environment }: Visit,
  http: Http,
  aheadMs: number,
  email: string,
): Promise<string | null> {
  const { clock } = environment;
  if (clock === null) return 'the environment file has no clock';
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (clock.token !== null) headers.authorization = `Bearer ${clock.token}`;
  const answer = await http.ask(clock.url, { method: 'POST', headers, body: JSON.stringify({ aheadMs, email }) });
  if (!answer.ok) return `the clock ${answer.because}`;
  return answer.status < 300 ? null : `the clock answered ${answer.status}`;
}
