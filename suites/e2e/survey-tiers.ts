import { setTimeout as sleep } from 'node:timers/promises';
import { type Sent, sentTo } from '../../platform/outbox.ts';
import type { Http } from '../../probes/http.ts';
import type { BodyContext } from '../../runners/body.ts';
import { lostAfterMs } from './room.ts';

/** The tiers in their order: what each sends, the assertion it is held by, and what it is called. */
const tiers = [
  { channel: 'call', assertion: 'call', word: 'call' },
  { channel: 'sms', assertion: 'text-message', word: 'text message' },
  { channel: 'email', assertion: 'mail', word: 'mail' },
] as const;

/** A scheduler may look whom to ask only twice a minute. */
const pollMs = 30_000;
/** No tier may come in less than this share of its delay. */
const tolerance = 0.8;
const secondTimeMs = 2_000;

export interface Customer {
  readonly phone: string;
  readonly email: string;
}

/** What goes out to one customer from now on. */
export class Mail {
  readonly customer: Customer;
  readonly #context: BodyContext;
  readonly #http: Http;
  readonly #before = new Set<string>();

  constructor(context: BodyContext, http: Http, customer: Customer) {
    this.#context = context;
    this.#http = http;
    this.customer = customer;
  }

  /** Sets aside what is there already; a text says why nothing can be read. */
  async begin(): Promise<string | null> {
    const all = await this.surveys();
    if (typeof all === 'string') return all;
    for (const sent of all) this.#before.add(keyOf(sent));
    return null;
  }

  async surveys(): Promise<readonly Sent[] | string> {
    const found: Sent[] = [];
    for (const to of [this.customer.phone, this.customer.email]) {
      const all = await sentTo(this.#context, this.#http, to);
      if (typeof all === 'string') return all;
      found.push(...all.filter((sent) => sent.kind === 'survey' && !this.#before.has(keyOf(sent))));
    }
    return found;
  }
}

const keyOf = ({ id, channel, text, atMs }: Sent): string => id || `${channel} ${atMs} ${text}`;

export interface Survey {
  readonly id: string;
  readonly sessionId: string;
  /** When it was offered, on the run's clock. */
  readonly startMs: number;
}

interface Came {
  readonly sent: Sent;
  readonly seenMs: number;
}

/** Each tier in its turn and its time, once; gives how many came. */
export async function goesThroughTiers(
  context: BodyContext,
  mail: Mail,
  survey: Survey,
  seconds: readonly number[],
): Promise<number> {
  let last: Came | null = null;
  let before = 'the survey was offered';
  for (const [i, { channel, assertion, word }] of tiers.entries()) {
    const delayMs = (seconds[i] ?? 0) * 1000;
    const came = await arrives(context, mail, channel, delayMs + pollMs + lostAfterMs(context));
    if (typeof came === 'string') {
      context.breaks(assertion, `after ${before} and nobody answered, no ${word} went out: ${came}`);
      return i;
    }
    const wrong = tooEarly(survey, last, came, delayMs) ?? (channel === 'call' ? null : badLink(survey, came.sent));
    if (wrong === null) context.holds(assertion, { observed: came.sent.text.slice(0, 120) });
    else context.breaks(assertion, `after ${before} and nobody answered, ${wrong}`);
    last = came;
    before = `the ${word} went out`;
  }
  await isOnce(context, mail);
  return tiers.length;
}

async function arrives(
  context: BodyContext,
  mail: Mail,
  channel: Sent['channel'],
  withinMs: number,
): Promise<Came | string> {
  const end = context.now() + withinMs;
  for (;;) {
    const all = await mail.surveys();
    if (typeof all === 'string') return all;
    const sent = all.find((one) => one.channel === channel);
    if (sent) return { sent, seenMs: context.now() };
    if (context.now() >= end || context.signal.aborted) return `nothing within ${(withinMs / 1000).toFixed(0)} s`;
    await sleep(250);
  }
}

/** By the clock of the outbox where it tells the time of both, else by when they were seen, which is a little later. */
function tooEarly(survey: Survey, last: Came | null, { sent, seenMs }: Came, delayMs: number): string | null {
  const [from, to] = [last?.sent.atMs ?? null, sent.atMs];
  const gapMs = from !== null && to !== null ? to - from : seenMs - (last?.seenMs ?? survey.startMs);
  if (gapMs >= tolerance * delayMs) return null;
  return `the next message went out ${(gapMs / 1000).toFixed(1)} s later and not ${delayMs / 1000} s`;
}

function badLink({ id, sessionId }: Survey, { link, text }: Sent): string | null {
  const address = link ?? /https?:\/\/\S+/.exec(text)?.[0] ?? null;
  if (address === null) return 'the message carries no link to answer at';
  if (address.includes(id) || address.includes(sessionId)) return null;
  return `the link in the message names neither the survey nor its session: ${address.slice(0, 120)}`;
}

/** Nobody is asked twice in the same way. */
async function isOnce(context: BodyContext, mail: Mail): Promise<void> {
  await sleep(secondTimeMs);
  const all = await mail.surveys();
  if (typeof all === 'string') return;
  for (const { channel, assertion, word } of tiers) {
    const times = all.filter((one) => one.channel === channel).length;
    if (times !== 1) context.breaks(assertion, `one survey sent ${times} ${word}s to the same customer`);
  }
}
