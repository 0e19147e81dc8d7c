import type { IncomingMessage, ServerResponse } from 'node:http';
import { WebhookReceiver } from 'livekit-server-sdk';
import type { Config } from '../common/config.ts';
import { log, text } from '../common/log.ts';
import type { Rooms } from './rooms.ts';

/** The agent's address: its health, and where the meeting server tells what happens in rooms. */
export class Door {
  readonly #rooms: Rooms;
  readonly #receiver: WebhookReceiver;
  readonly #version: string;

  constructor({ livekit, revision }: Config, rooms: Rooms) {
    this.#rooms = rooms;
    this.#receiver = new WebhookReceiver(livekit.apiKey, livekit.apiSecret);
    this.#version = revision;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = `${request.method} ${request.url?.split('?')[0]}`;
    if (asked === 'GET /health') return answer(response, 200, { status: 'healthy', version: this.#version });
    if (asked === 'GET /status') return answer(response, 200, { status: 'healthy', rooms: this.#rooms.count });
    if (asked === 'POST /livekit') return this.#hear(request, response);
    answer(response, 404, { error: 'not found' });
  }

  async #hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const event = await this.#receiver.receive(await body(request), request.headers.authorization);
      const { room, participant } = event;
      // Somebody who only holds the signalling socket is not there yet; this comes once media can flow.
      if (event.event === 'participant_joined' && room && participant && !participant.identity.startsWith('agent-'))
        this.#rooms.enter(room.name);
      answer(response, 200, {});
    } catch (error) {
      log('warn', 'webhook refused', { error: text(error) });
      answer(response, 401, { error: 'not signed by the meeting server' });
    }
  }
}

async function body(request: IncomingMessage): Promise<string> {
  let raw = '';
  for await (const chunk of request) {
    raw += chunk;
    if (raw.length > 1_048_576) throw new Error('more than 1 MiB');
  }
  return raw;
}

function answer(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
