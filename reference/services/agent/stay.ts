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

/** The agent in one meeting: it answers what it is asked in writing, and speaks when somebody has spoken. */
export class Stay {
  readonly #room = new Room();
  readonly #voice = new Voice();
  readonly #config: Config;
  readonly #switches: Switches;
  readonly #gone: () => void;

  constructor(config: Config, switches: Switches, gone: () => void) {
    this.#config = config;
    this.#switches = switches;
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
    await this.#voice.open(this.#room);
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
    room.registerTextStreamHandler('lk.chat', (reader: TextStreamReader) => {
      void reader.readAll().then(
        (said) => this.#answer(said),
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
    if (said !== null) await this.#answer(said);
  }

  async #answer(said: string): Promise<void> {
    if (this.#switches.on('mute-text')) return;
    const content = await complete(this.#config, said);
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
