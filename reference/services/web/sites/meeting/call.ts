import {
  ConnectionState,
  type LocalTrackPublication,
  type Participant,
  ParticipantEvent,
  Room,
  RoomEvent,
  Track,
  type TrackPublication,
} from 'livekit-client';

export interface Line {
  readonly from: string;
  readonly text: string;
  readonly own: boolean;
}

/** What the page draws; a new object each time something changes. */
export interface View {
  readonly state: 'joining' | 'in' | 'left' | 'failed';
  readonly problem: string;
  readonly people: readonly Participant[];
  readonly lines: readonly Line[];
}

/** Which part of the page is planted to be wrong; nothing, on a healthy deployment. */
const defect = document.querySelector('meta[name="defect"]')?.getAttribute('content') ?? '';

const changes = [
  RoomEvent.ConnectionStateChanged,
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.ParticipantNameChanged,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.ActiveSpeakersChanged,
] as const;

/** One meeting, from joining to leaving. */
export class Call {
  readonly room = new Room({ adaptiveStream: false, dynacast: false });
  view: View = { state: 'joining', problem: '', people: [], lines: [] };
  private readonly watchers = new Set<() => void>();

  constructor() {
    for (const event of changes) this.room.on(event, () => this.refresh());
    this.room.on(RoomEvent.Disconnected, () => this.change({ state: 'left', people: [] }));
    this.room.on(RoomEvent.DataReceived, (payload, person, _, topic) => {
      if (topic === 'agent.chat') this.hearAgent(new TextDecoder().decode(payload), person?.name ?? 'AI Assistant');
    });
    this.room.registerTextStreamHandler('lk.chat', (reader, { identity }) => {
      void reader.readAll().then((text) => this.say({ from: this.nameOf(identity), text, own: false }));
    });
    this.room.localParticipant.on(ParticipantEvent.MediaDevicesError, (error) => this.complain(error));
  }

  readonly watch = (changed: () => void): (() => void) => {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  };

  readonly read = (): View => this.view;

  async join(id: string): Promise<void> {
    try {
      const { token, url } = await ticket(id);
      await this.room.connect(url, token);
      this.refresh();
      await this.room.localParticipant.enableCameraAndMicrophone().catch((error) => this.complain(error));
    } catch (error) {
      this.change({ state: 'failed', problem: (error as Error).message });
    }
  }

  async leave(): Promise<void> {
    if (defect !== 'leave-unseen') await this.room.disconnect();
  }

  async setMicrophone(on: boolean): Promise<void> {
    const publication = this.microphone();
    if (defect === 'mute-unseen' && publication) shownOff.set(publication as LocalTrackPublication, !on);
    else await this.room.localParticipant.setMicrophoneEnabled(on).catch((error) => this.complain(error));
    this.refresh();
  }

  async setCamera(on: boolean): Promise<void> {
    await this.room.localParticipant.setCameraEnabled(on).catch((error) => this.complain(error));
    this.refresh();
  }

  async setScreen(on: boolean): Promise<void> {
    if (on && defect === 'screen-black') await this.room.localParticipant.publishTrack(blackScreen(), asScreen);
    else await this.room.localParticipant.setScreenShareEnabled(on).catch((error) => this.complain(error));
    this.refresh();
  }

  async setDevice(kind: 'audioinput' | 'videoinput', id: string): Promise<void> {
    await this.room.switchActiveDevice(kind, id).catch((error) => this.complain(error));
    if (defect === 'microphone-dies' && kind === 'audioinput') this.microphone()?.track?.mediaStreamTrack.stop();
    this.refresh();
  }

  async send(text: string): Promise<void> {
    try {
      if (defect === 'chat-agent-only') await this.tellAgent(text);
      else if (defect !== 'chat-lost') await this.room.localParticipant.sendText(text, { topic: 'lk.chat' });
      this.say({ from: 'You', text, own: true });
    } catch (error) {
      this.complain(error as Error);
    }
  }

  private tellAgent(content: string): Promise<void> {
    const message = new TextEncoder().encode(JSON.stringify({ type: 'user_message', content }));
    return this.room.localParticipant.publishData(message, { reliable: true, topic: 'agent.chat' });
  }

  private microphone(): TrackPublication | undefined {
    return this.room.localParticipant.getTrackPublication(Track.Source.Microphone);
  }

  private hearAgent(raw: string, from: string): void {
    const message = JSON.parse(raw) as { type?: string; content?: string };
    if (message.type === 'agent_message') this.say({ from, text: message.content ?? '', own: false });
  }

  private say(line: Line): void {
    this.change({ lines: [...this.view.lines, line] });
  }

  private complain(error: Error): void {
    this.change({ problem: error.message });
  }

  private nameOf(identity: string): string {
    const person = this.room.getParticipantByIdentity(identity);
    return person?.name || identity;
  }

  private refresh(): void {
    const { room } = this;
    const everybody = [room.localParticipant, ...room.remoteParticipants.values()];
    const frozen = defect === 'people-wrong' && this.view.people.length > 0;
    const people = frozen ? this.view.people.slice() : everybody;
    if (room.state === ConnectionState.Connected) this.change({ state: 'in', people });
    else this.change({ people });
  }

  private change(next: Partial<View>): void {
    this.view = { ...this.view, ...next };
    for (const changed of [...this.watchers]) changed();
  }
}

const asScreen = { source: Track.Source.ScreenShare };

/** What a screen looks like that arrives black. */
function blackScreen(): MediaStreamTrack {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
  const pen = canvas.getContext('2d')!;
  setInterval(() => pen.fillRect(0, 0, canvas.width, canvas.height), 100);
  return canvas.captureStream(10).getVideoTracks()[0]!;
}

const shownOff = new WeakMap<TrackPublication, boolean>();

/** Is this track there and heard or seen by others, as far as this page shows it? */
export function isOn(person: Participant, source: Track.Source): boolean {
  const publication = person.getTrackPublication(source);
  if (!publication) return false;
  return !(shownOff.get(publication) ?? publication.isMuted);
}

export function isAgent(person: Participant): boolean {
  return person.isAgent || (person.metadata ?? '').includes('"isAgent":true');
}

interface Ticket {
  readonly token: string;
  readonly url: string;
}

async function ticket(meetingId: string): Promise<Ticket> {
  const input = encodeURIComponent(JSON.stringify({ meetingId }));
  const answer = await fetch(`/trpc/livekit.getToken?input=${input}`);
  const said = (await answer.json()) as { result?: { data: Ticket }; error?: { message: string } };
  if (answer.status === 401) throw new Error('Sign in first: meetings are open to people of your workspace.');
  if (!said.result) throw new Error(said.error?.message ?? 'The meeting cannot be joined right now.');
  return said.result.data;
}

export { Track };
