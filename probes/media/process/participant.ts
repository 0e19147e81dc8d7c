import {
  ContinualGatheringPolicy,
  IceServer,
  IceTransportType,
  ParticipantKind,
  type RemoteParticipant,
  Room,
  type TextStreamReader,
  TrackKind,
  TrackSource,
} from '@livekit/rtc-node';
import { longestWaitMs, waits } from '../../waiting.ts';
import type { Joined, Joining, Person, Stats } from '../protocol.ts';
import { packetsOf, pathOf } from '../stats.ts';
import { type Camera, openCamera } from './camera.ts';
import { type Microphone, openMicrophone } from './microphone.ts';
import { type Senses, sense } from './senses.ts';
import { nowMs, type Tell } from './tell.ts';

/** One person in one meeting. */
export class Participant {
  readonly room = new Room();
  microphone: Microphone | null = null;
  private readonly cameras: Camera[] = [];
  private readonly tell: Tell;

  constructor(tell: Tell, senses: Senses) {
    this.tell = tell;
    watchPeople(this.room, tell);
    watchTracks(this.room, tell, senses);
    watchMessages(this.room, tell);
  }

  /** In when signalling and the media path stand, which is when the library says so. */
  async join({ url, token, iceServers, relayOnly, timeoutMs }: Joining): Promise<Joined> {
    const before = waits();
    const startMs = nowMs();
    const rtcConfig = {
      iceTransportType: relayOnly ? IceTransportType.TRANSPORT_RELAY : IceTransportType.TRANSPORT_ALL,
      continualGatheringPolicy: ContinualGatheringPolicy.GATHER_ONCE,
      iceServers: iceServers.map(
        ({ urls, username, credential }) => new IceServer({ urls: [...urls], username, password: credential }),
      ),
    };
    await inTime(this.room.connect(url, token, { autoSubscribe: true, dynacast: false, rtcConfig }), timeoutMs);
    return { startMs, tookMs: nowMs() - startMs, oursMs: longestWaitMs(before, waits()) };
  }

  async show(as: 'camera' | 'screen'): Promise<void> {
    this.cameras.push(await openCamera(this.room, as));
  }

  async speak(how: { everyMs: number; count: number }): Promise<void> {
    this.microphone = await openMicrophone(this.room, how, this.tell);
  }

  async say(topic: string, text: string): Promise<void> {
    await this.room.localParticipant!.publishData(Buffer.from(text), { reliable: true, topic });
  }

  async chat(text: string): Promise<void> {
    await this.room.localParticipant!.sendText(text, { topic: 'lk.chat' });
  }

  people(): Person[] {
    return [...this.room.remoteParticipants.values()].map(personOf);
  }

  async stats(): Promise<Stats> {
    const stats = jsonOf(await this.room.getRtcStats());
    return { atMs: nowMs(), ...packetsOf(stats), path: pathOf(stats) };
  }

  async leave(): Promise<void> {
    await Promise.all([this.microphone?.close(), ...this.cameras.map((camera) => camera.close())]);
    await this.room.disconnect();
  }
}

function watchPeople(room: Room, tell: Tell): void {
  room.on('participantConnected', (person) => tell({ what: 'came', person: personOf(person) }));
  room.on('participantDisconnected', (person) => tell({ what: 'left', person: personOf(person) }));
  room.on('disconnected', (reason) => tell({ what: 'dropped', because: `the server ended the call (${reason})` }));
}

function watchTracks(room: Room, tell: Tell, senses: Senses): void {
  room.on('trackSubscribed', (track, { source }, { identity: from }) => {
    void sense({ track, from, source: sourceOf(source) }, senses, tell);
  });
  const told =
    (what: 'published' | 'unpublished' | 'muted' | 'unmuted') =>
    (publication: { readonly source?: TrackSource | undefined }, person: { readonly identity: string }) =>
      tell({ what, from: person.identity, source: sourceOf(publication.source) });
  room.on('trackPublished', told('published'));
  room.on('trackUnpublished', told('unpublished'));
  room.on('trackMuted', told('muted'));
  room.on('trackUnmuted', told('unmuted'));
}

/** Plain data messages, and text streams on the topics that chats use; what is a transcript of our own words is no message. */
function watchMessages(room: Room, tell: Tell): void {
  room.on('dataReceived', (payload, person, _, topic = '') => {
    tell({ what: 'data', from: person?.identity ?? '', topic, text: Buffer.from(payload).toString('utf8') });
  });
  for (const topic of ['lk.chat', 'agent.chat', 'lk.transcription'])
    room.registerTextStreamHandler(topic, (reader: TextStreamReader, person: { identity: string }) => {
      const attributes = reader.info.attributes ?? {};
      if (attributes['lk.transcription_final'] === 'false' || isOurTrack(room, attributes['lk.transcribed_track_id']))
        return;
      void reader.readAll().then(
        (text) => tell({ what: 'data', from: person.identity, topic, text }),
        () => undefined,
      );
    });
}

const isOurTrack = (room: Room, sid: string | undefined): boolean =>
  sid !== undefined && (room.localParticipant?.trackPublications.has(sid) ?? false);

const kinds: Readonly<Record<number, string>> = {
  [ParticipantKind.STANDARD]: 'standard',
  [ParticipantKind.AGENT]: 'agent',
};

const personOf = ({ identity, name = '', metadata, kind, trackPublications }: RemoteParticipant): Person => ({
  identity,
  name,
  metadata,
  kind: kinds[kind] ?? 'other',
  hasVoice: [...trackPublications.values()].some((track) => track.kind === TrackKind.KIND_AUDIO),
});

const sources: Readonly<Record<number, string>> = {
  [TrackSource.SOURCE_CAMERA]: 'camera',
  [TrackSource.SOURCE_MICROPHONE]: 'microphone',
  [TrackSource.SOURCE_SCREENSHARE]: 'screen',
  [TrackSource.SOURCE_SCREENSHARE_AUDIO]: 'screen sound',
};

const sourceOf = (source: TrackSource | undefined): string => sources[source ?? -1] ?? 'other';

/** 64-bit numbers have no form in JSON of their own. */
const jsonOf = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one)));

async function inTime<T>(work: Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not get in within ${withinMs / 1000} s`)), withinMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
