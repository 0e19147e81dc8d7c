import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Switches } from '../common/switches.ts';
import { answer, read } from './http.ts';

const given = z.object({
  channel: z.enum(['email', 'sms', 'call']),
  to: z.string().min(3).max(254),
  kind: z.string().max(40),
  subject: z.string().max(300).default(''),
  text: z.string().max(20_000),
  token: z.string().max(200).nullable().default(null),
  link: z.string().max(2000).nullable().default(null),
});

export interface Sent extends z.infer<typeof given> {
  readonly id: string;
  readonly at: string;
  /** False when the provider refused it, and for a call that nobody took: the stub's people never lift the receiver. */
  readonly delivered: boolean;
}

const most = 20_000;

/** In place of the providers of mail, text messages and calls: takes what is sent and lets it be read by who has the token. */
export class Outbox {
  readonly #sent: Sent[] = [];
  readonly #token: string;
  readonly #switches: Switches;

  constructor(token: string, switches: Switches) {
    this.#token = token;
    this.#switches = switches;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== '/messages') return answer(response, 404, { error: 'not found' });
    if (!this.#knows(request)) return answer(response, 401, { error: 'needs the token of the outbox' });
    if (request.method === 'POST') return this.#take(JSON.parse(await read(request)), response);
    const to = url.searchParams.get('to');
    answer(response, 200, { messages: this.#sent.filter((one) => to === null || one.to === to) });
  }

  #take(value: unknown, response: ServerResponse): void {
    const message = given.parse(value);
    const refused = this.#refuses()[message.channel];
    const delivered = !refused && message.channel !== 'call';
    this.#sent.push({ id: randomUUID(), at: new Date().toISOString(), ...message, delivered });
    if (this.#sent.length > most) this.#sent.shift();
    answer(response, refused ? 502 : 202, { delivered });
  }

  #refuses(): Record<Sent['channel'], boolean> {
    const switches = this.#switches;
    return { email: switches.on('email-fails'), sms: switches.on('sms-fails'), call: switches.on('call-fails') };
  }

  #knows(request: IncomingMessage): boolean {
    const [found, wanted] = [request.headers.authorization ?? '', `Bearer ${this.#token}`].map((text) =>
      Buffer.from(text),
    ) as [Buffer, Buffer];
    return found.length === wanted.length && timingSafeEqual(found, wanted);
  }
}
