import {
  ContinualGatheringPolicy,
  IceServer,
  IceTransportType,
  type RemoteParticipant,
  type RemoteTrackPublication,
  Room,
  type TextStreamReader,
  type Track,
  TrackSource,
} from '@livekit/rtc-node';
import type { Config } from '../common/config.ts';
import { log, text } from '../common/log.ts';
import type { Switches } from '../common/switches.ts';
import { listen } from './ear.ts';
import { complete } from './model.ts';
import { Voice } from './voice.ts';

const greetsAfterMs = 1_000;

/** The agent in one meeting: it answers what it is asked in writing, and speaks when somebody has spoken. */
export class Stay {
  readonly #room = new Room();
  readonly #voice = new Voice();
  readonly #config: Config;
  readonly #switches: Switches;
  readonly #tenantId: string;
  readonly #gone: () => void;

  constructor(config: Config, switches: Switches, tenantId: string, gone: () => void) {
    this.#config = config;
    this.#switches = switches;
    this.#tenantId = tenantId;
    this.#gone = gone;
  }

  async join(url: string, token: string): Promise<void> {
    this.#watch();
    // Its own list, or the library would ask public STUN servers that the meeting server names by default.
    const { hostname, port } = new URL(url);
    const rtcConfig = {
      iceTransportType: IceTransportType.TRANSPORT_ALL,
      continualGatheringPolicy: ContinualGatheringPolicy.GATHER_ONCE,
      iceServers: [new IceServer({ urls: [`stun:${hostname}:${port}`] })],
    };
    await this.#room.connect(url, token, { autoSubscribe: false, dynacast: false, rtcConfig });
    for (const person of this.#room.remoteParticipants.values())
      for (const publication of person.trackPublications.values()) this.#hear(publication as RemoteTrackPublication);
    if (!this.#switches.on('text-only')) await this.#voice.open(this.#room);
    if (this.#switches.on('greets')) setTimeout(() => void this.#greet(), greetsAfterMs);
  }

  async leave(): Promise<void> {
    await this.#voice.close();
    await this.#room.disconnect();
    this.#gone();
  }

  #watch(): void {
    const room = this.#room;
    room.on('trackPublished', (publication) => this.#hear(publication));
    room.on('trackSubscribed', (track) => void this.#converse(track));
    room.on('dataReceived', (payload, person, _, topic) => {
      if (topic === 'agent.chat') void this.#read(Buffer.from(payload).toString('utf8'), person);
    });
    room.registerTextStreamHandler('lk.chat', (reader: TextStreamReader, { identity }) => {
      void reader.readAll().then(
        (said) => this.#answer(said, room.remoteParticipants.get(identity)),
        () => undefined,
      );
    });
    room.on('participantDisconnected', () => {
      if (this.#people() === 0) void this.leave();
    });
    room.on('disconnected', () => this.#gone());
  }

  #people(): number {
    return [...this.#room.remoteParticipants.values()].filter(({ identity }) => !identity.startsWith('agent-')).length;
  }

  #hear(publication: RemoteTrackPublication): void {
    if (publication.source === TrackSource.SOURCE_MICROPHONE) publication.setSubscribed(true);
  }

  async #converse(track: Track): Promise<void> {
    await listen(track, () => {
      if (!this.#switches.on('mute-voice')) this.#voice.speak();
    }).catch((error) => log('warn', 'stopped listening', { error: text(error) }));
  }

  async #read(raw: string, person: RemoteParticipant | undefined): Promise<void> {
    if (!person || person.identity.startsWith('agent-')) return;
    const said = contentOf(raw);
    if (said !== null) await this.#answer(said, person);
  }

  async #answer(said: string, person: RemoteParticipant | undefined): Promise<void> {
    if (this.#switches.on('mute-text')) return;
    const userName = nameOf(person);
    // Whoever does not say who they are, as every token of the platform does, is not answered.
    if (userName === null) return log('warn', 'nobody known wrote', { identity: person?.identity ?? '' });
    await this.#write(await complete(this.#config, said, `${this.#tenantId}/${userName}`));
    if (this.#switches.on('reads-aloud')) this.#voice.speak();
  }

  async #greet(): Promise<void> {
    await this.#write('Hello, I am your assistant.').catch((error) =>
      log('warn', 'could not greet', { error: text(error) }),
    );
    this.#voice.speak();
  }

  async #write(content: string): Promise<void> {
    const message = { type: 'agent_message', content, timestamp: Date.now(), is_final: true };
    await this.#room.localParticipant?.publishData(Buffer.from(JSON.stringify(message)), {
      reliable: true,
      topic: 'agent.chat',
    });
  }
}

/** `{type: "user_message", content}`; what is none of somebody's words is passed over. */
function contentOf(raw: string): string | null {
  try {
    const message = JSON.parse(raw) as { type?: unknown; content?: unknown } | null;
    return message?.type === 'user_message' && typeof message.content === 'string' ? message.content : null;
  } catch {
    return null;
  }
}

/** The name in `{userName, role}`, the metadata of the token somebody joined with. */
function nameOf(person: RemoteParticipant | undefined): string | null {
  try {
    const { userName, role } = JSON.parse(person?.metadata ?? '') as { userName?: unknown; role?: unknown };
    return typeof userName === 'string' && (role === 'host' || role === 'guest') ? userName : null;
  } catch {
    return null;
  }
}
