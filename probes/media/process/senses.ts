import { AudioStream, type RemoteTrack, TrackKind, VideoBufferType, VideoStream } from '@livekit/rtc-node';
import { isOurs } from '../picture.ts';
import { sampleRate, ToneListener } from '../tone.ts';
import type { Spoken } from './microphone.ts';
import { nowMs, type Tell } from './tell.ts';
import { longestWaitMs, waits } from './waiting.ts';

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
  let loudMs = Number.NEGATIVE_INFINITY;
  for await (const { data } of new AudioStream(track, { sampleRate, numChannels: 1, frameSizeMs: 10 })) {
    const atMs = nowMs();
    if (data.some((sample) => Math.abs(sample) > loud)) {
      if (atMs - loudMs > silenceMs) tell({ what: 'sound', from }, atMs);
      loudMs = atMs;
    }
    const heard = tones.hear(data, atMs);
    if (heard === null) continue;
    const spoken = spokenBy(from)?.get(heard.code);
    const waitedMs = spoken ? longestWaitMs(spoken.waits, waits()) : 0;
    tell({ what: 'heard', from, code: heard.code, waitedMs }, heard.atMs);
  }
}
