import { randomBytes } from 'node:crypto';
import { AccessToken } from 'livekit-server-sdk';
import type { Config } from '../common/config.ts';
import { log, text } from '../common/log.ts';
import type { Switches } from '../common/switches.ts';
import type { Stay } from './stay.ts';

/** As many meetings as one process of two cores carries well; more are for another agent. */
const capacity = 12;
const lifeSeconds = 7200;

/** The meetings the agent is in. */
export class Rooms {
  readonly #config: Config;
  readonly #switches: Switches;
  /** null while the agent is on its way in. */
  readonly #stays = new Map<string, Stay | null>();

  constructor(config: Config, switches: Switches) {
    this.#config = config;
    this.#switches = switches;
  }

  get count(): number {
    return this.#stays.size;
  }

  enter(room: string): void {
    if (this.#stays.has(room) || this.#switches.on('never-joins')) return;
    const tenantId = tenantOf(room);
    if (tenantId === null) {
      log('warn', 'not a room of a tenant', { room });
      return;
    }
    if (this.#stays.size >= capacity) {
      log('warn', 'no place left', { room, capacity });
      return;
    }
    this.#stays.set(room, null);
    this.#join(room, tenantId).catch((error) => {
      this.#stays.delete(room);
      log('warn', 'could not join', { room, error: text(error) });
    });
  }

  async leaveAll(): Promise<void> {
    await Promise.all([...this.#stays.values()].map((stay) => stay?.leave()));
  }

  async #join(room: string, tenantId: string): Promise<void> {
    // The native library is loaded with the first meeting: most of the time nobody meets.
    const { Stay } = await import('./stay.ts');
    const stay = new Stay(this.#config, this.#switches, tenantId, () => this.#stays.delete(room));
    this.#stays.set(room, stay);
    const { url, apiKey, apiSecret } = this.#config.livekit;
    const token = new AccessToken(apiKey, apiSecret, {
      identity: `agent-${randomBytes(4).toString('hex')}`,
      name: 'AI Assistant',
      ttl: lifeSeconds,
      metadata: JSON.stringify({ isAgent: true }),
    });
    token.kind = 'agent';
    token.addGrant({ room, roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: true });
    await stay.join(url, await token.toJwt());
    log('info', 'joined', { room });
  }
}

/** `tenant_{tenantId}_{roomName}`, cut at the first two underscores. */
function tenantOf(room: string): string | null {
  const [word, tenantId = '', ...name] = room.split('_');
  return word === 'tenant' && tenantId !== '' && name.join('_') !== '' ? tenantId : null;
}
