import { setTimeout as sleep } from 'node:timers/promises';
import { type Sent, sentTo } from '../../platform/outbox.ts';
import type { Answer, Http } from '../../probes/http.ts';
import type { BodyContext } from '../../runners/body.ts';
import { lostAfterMs } from './room.ts';
import type { Letter } from './survey-page.ts';

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

  /** Goes where a message leads, as whoever got it: without a session. */
  follow(address: string): Promise<Answer> {
    return this.#http.follow(address);
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

interface Sending extends Letter {
  readonly sent: Sent;
}

/** Looks at what stands behind the link of a message that was sent, and says whether it is the survey. */
export type Opens = (letter: Letter, address: string) => Promise<void>;

/** Each tier in its turn and its time, once, with a link that leads to the survey; gives how many came. */
export async function goesThroughTiers(
  context: BodyContext,
  mail: Mail,
  survey: Survey,
  { seconds, opens }: { readonly seconds: readonly number[]; readonly opens: Opens },
): Promise<number> {
  const letters: Sending[] = [];
  const came = await inTurn(context, mail, survey, seconds, letters);
  // Opened only now, because whoever looks at a survey may be taken for somebody who answers it.
  for (const letter of letters) {
    const address = await leadsThere(context, mail, survey, letter);
    if (address !== null) await opens(letter, address);
  }
  if (came === tiers.length) await isOnce(context, mail);
  return came;
}

async function inTurn(
  context: BodyContext,
  mail: Mail,
  survey: Survey,
  seconds: readonly number[],
  letters: Sending[],
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
    const early = tooEarly(survey, last, came, delayMs);
    if (early !== null) context.breaks(assertion, `after ${before} and nobody answered, ${early}`);
    else if (channel === 'call') context.holds(assertion, { observed: came.sent.text.slice(0, 120) });
    else letters.push({ assertion, word, sent: came.sent });
    last = came;
    before = `the ${word} went out`;
  }
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

/** Whoever was sent a link has no session, and finds the survey behind it all the same. Null: it leads nowhere, and that is said. */
async function leadsThere(
  context: BodyContext,
  mail: Mail,
  survey: Survey,
  { assertion, word, sent }: Sending,
): Promise<string | null> {
  const breaks = (because: string): null => {
    context.breaks(assertion, because);
    return null;
  };
  const address = addressIn(sent);
  if (address === null) return breaks(`the ${word} carries no link to answer at`);
  const shown = address.slice(0, 120);
  if (!namesOne(survey, address))
    return breaks(`the link in the ${word} names neither the survey nor its session: ${shown}`);
  const answer = await mail.follow(address);
  if (!answer.ok && answer.ours) {
    context.unmet(`the host of the links of surveys in addresses (${shown}: ${answer.because})`, assertion);
    return null;
  }
  const wrong = whyNotThere(answer);
  return wrong === null ? address : breaks(`the link in the ${word} leads to no survey: ${shown} ${wrong}`);
}

/** What stands behind an address in a sentence or in the source of a page is no part of it. */
const addressIn = ({ link, text }: Sent): string | null =>
  link ?? /https?:\/\/[^\s"'<>]+/.exec(text)?.[0].replace(/[).,;:!?\]]+$/, '') ?? null;

/** By its id, or by a token, which is anything that is no plain word. */
function namesOne({ id, sessionId }: Survey, address: string): boolean {
  if (address.includes(id) || address.includes(sessionId)) return true;
  const parts = address.replace(/^https?:\/\/[^/?#]*/, '').split(/[/?&=#]/);
  return parts.some((part) => part.length >= 5 && !/^[a-z]+([_-][a-z]+)*$/.test(part));
}

function whyNotThere(answer: Answer): string | null {
  if (!answer.ok) return answer.because;
  if (answer.status !== 200) return `answered ${answer.status}`;
  const { pathname } = new URL(answer.url);
  return /\/(log|sign)-?in\b/i.test(pathname) ? `asks whoever has no account to sign in, at ${pathname}` : null;
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
