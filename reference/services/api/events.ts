import { EventEmitter, on } from 'node:events';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { log, text } from '../common/log.ts';

const channel = 'escalations:events';
const event = z.object({ tenantId: z.string(), type: z.string(), escalation: z.unknown() });

export interface EscalationEvent {
  readonly type: string;
  readonly escalation: unknown;
}

/** What happens to escalations, told to the people of the tenant who are looking at this moment, on any instance of the API. */
export class Events {
  readonly #redis: Redis;
  readonly #heard = new EventEmitter().setMaxListeners(0);

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async listen(subscriber: Redis): Promise<void> {
    subscriber.on('message', (_channel, raw) => {
      const { tenantId, ...told } = event.parse(JSON.parse(raw));
      this.#heard.emit(tenantId, told);
    });
    await subscriber.subscribe(channel);
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

  async *of(tenantId: string, signal: AbortSignal | undefined): AsyncGenerator<EscalationEvent> {
    try {
      for await (const [told] of on(this.#heard, tenantId, signal ? { signal } : {})) yield told;
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }
}
