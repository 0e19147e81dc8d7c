import { AudioStream, type RemoteTrack, TrackKind, VideoBufferType, VideoStream } from '@livekit/rtc-node';
import { longestWaitMs, waits } from '../../waiting.ts';
import { isOurs } from '../picture.ts';
import { sampleRate, ToneListener } from '../tone.ts';
import type { Spoken } from './microphone.ts';
import { nowMs, type Tell } from './tell.ts';

export interface Source {
  readonly track: RemoteTrack;
  readonly from: string;
  readonly source: string;
}

export interface Senses {
  readonly listens: boolean;
  /** What somebody said, if that one is in this process too: the same clock, and the same waiting for a processor. */
  spokenBy(identity: string): ReadonlyMap<number, Spoken> | undefined;
}

/** Looks at or listens to one incoming track until it ends. */
export async function sense(source: Source, senses: Senses, tell: Tell): Promise<void> {
  try {
    if (source.track.kind === TrackKind.KIND_VIDEO) await look(source, tell);
    else if (senses.listens) await listen(source, senses, tell);
  } catch {
    // A track that goes while it is looked at has ended; that it went is told by the room.
  }
}

/** Pictures until the known one has been seen; the first that is another is told as well. */
async function look({ track, from, source }: Source, tell: Tell): Promise<void> {
  let strange = false;
  for await (const { frame } of new VideoStream(track)) {
    const atMs = nowMs();
    const plain = frame.type === VideoBufferType.I420 ? frame : frame.convert(VideoBufferType.I420);
    const ours = isOurs(plain.data, plain.width, plain.height);
    if (ours || !strange) tell({ what: 'picture', from, source, ours }, atMs);
    if (ours) return;
    strange = true;
  }
}

const loud = 1_000;
/** Speech pauses; only a longer silence makes the next sound a new one. */
const silenceMs = 400;

async function listen({ track, from }: Source, { spokenBy }: Senses, tell: Tell): Promise<void> {
  const tones = new ToneListener();
  const ear = earFor(from, tell);
  for await (const { data } of new AudioStream(track, { sampleRate, numChannels: 1, frameSizeMs: 10 })) {
    const atMs = nowMs();
    ear.hear(data, atMs);
    const heard = tones.hear(data, atMs);
    if (heard === null) continue;
    const spoken = spokenBy(from)?.get(heard.code);
    const waitedMs = spoken ? longestWaitMs(spoken.waits, waits()) : 0;
    tell({ what: 'heard', from, code: heard.code, waitedMs }, heard.atMs);
  }
  ear.end();
}

/** Tells when sound begins and when it has ended; where frames stop coming with it, its end is not told before the track's. */
export function earFor(from: string, tell: Tell) {
  let loudMs = Number.NEGATIVE_INFINITY;
  let sounding = false;
  const end = (): void => {
    if (sounding) tell({ what: 'quiet', from }, loudMs);
    sounding = false;
  };
  return {
    hear(data: Int16Array, atMs: number): void {
      if (atMs - loudMs > silenceMs) end();
      if (!data.some((sample) => Math.abs(sample) > loud)) return;
      if (!sounding) tell({ what: 'sound', from }, atMs);
      sounding = true;
      loudMs = atMs;
    },
    end,
  };
}
