import { EventEmitter, on } from 'node:events';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { log, text } from '../common/log.ts';
import { revokedChannel, type Session } from '../common/sessions.ts';

const channel = 'escalations:events';
const revoked = z.array(z.string());
const event = z.object({ tenantId: z.string(), type: z.string(), escalation: z.unknown() });

export interface EscalationEvent {
  readonly type: string;
  readonly escalation: unknown;
}

/** What happens to escalations, told to the people of the tenant who are looking at this moment, on any instance of the API. */
export class Events {
  readonly #redis: Redis;
  readonly #heard = new EventEmitter().setMaxListeners(0);
  readonly #ended = new EventEmitter().setMaxListeners(0);

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async listen(subscriber: Redis): Promise<void> {
    subscriber.on('message', (from, raw) => {
      if (from === revokedChannel) return this.#revoke(revoked.parse(JSON.parse(raw)));
      const { tenantId, ...told } = event.parse(JSON.parse(raw));
      this.#heard.emit(tenantId, told);
    });
    await subscriber.subscribe(channel, revokedChannel);
  }

  /** The stream keeps what nobody was there to hear; the message is for those who are. */
  async tell(tenantId: string, told: EscalationEvent): Promise<void> {
    const written = JSON.stringify(told.escalation);
    try {
      await this.#redis.xadd(
        `tenant:${tenantId}:escalations`, 'MAXLEN', '~', 1000, '*', 'type', told.type, 'escalation', written,
      ); // biome-ignore format: one command
      await this.#redis.publish(channel, JSON.stringify({ tenantId, ...told }));
    } catch (error) {
      log('error', 'escalation not told', { error: text(error) });
    }
  }

  /** Until the listener goes, or the session it came with. */
  async *of({ user, token }: Session, signal: AbortSignal | undefined): AsyncGenerator<EscalationEvent> {
    const ended = new AbortController();
    const either = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
    const end = () => ended.abort();
    this.#ended.once(token, end);
    try {
      for await (const [told] of on(this.#heard, user.tenantId, { signal: either })) yield told;
    } catch (error) {
      if (!either.aborted) throw error;
    } finally {
      this.#ended.off(token, end);
    }
  }

  #revoke(tokens: readonly string[]): void {
    for (const token of tokens) this.#ended.emit(token);
  }
}
