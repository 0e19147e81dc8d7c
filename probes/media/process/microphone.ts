import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  type Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { waits } from '../../waiting.ts';
import { codes, sampleRate, tone } from '../tone.ts';
import { nowMs, type Tell } from './tell.ts';

export interface Microphone {
  readonly spoken: ReadonlyMap<number, Spoken>;
  mute(muted: boolean): void;
  close(): Promise<void>;
}

export interface Spoken {
  readonly atMs: number;
  readonly waits: ReadonlyMap<string, number>;
}

interface Speech {
  /** A tone and the pause behind it. */
  readonly everyMs: number;
  readonly count: number;
}

/** Publishes a microphone that speaks coded tones, and silence before and after them. */
export async function openMicrophone(room: Room, speech: Speech, tell: Tell): Promise<Microphone> {
  const source = new AudioSource(sampleRate, 1, speech.everyMs);
  const track = LocalAudioTrack.createAudioTrack('microphone', source);
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: false });
  const publication = await room.localParticipant!.publishTrack(track, options);
  const speaking = { open: true, muted: false, spoken: new Map<number, Spoken>() };
  const done = speak(source, speech, speaking, tell).catch(() => undefined);
  return {
    spoken: speaking.spoken,
    mute: (muted) => {
      speaking.muted = muted;
    },
    close: async () => {
      speaking.open = false;
      await done;
      if (publication.sid) await room.localParticipant?.unpublishTrack(publication.sid).catch(() => undefined);
      await track.close().catch(() => undefined);
    },
  };
}

interface Speaking {
  open: boolean;
  muted: boolean;
  readonly spoken: Map<number, Spoken>;
}

/** The receiving end settles on the stream before the first tone, as a listener's would. */
const settleMs = 1_000;

/**
 * A tone and its pause are handed over in one piece, and the next while it is being sent: whatever holds this process up for less
 * than that delays nothing, and a longer halt lengthens a pause and never cuts a tone. The library takes a piece when the one
 * before is through; when it had run dry, at once.
 */
async function speak(source: AudioSource, { everyMs, count }: Speech, speaking: Speaking, tell: Tell): Promise<void> {
  const silent = Math.ceil(settleMs / everyMs);
  let endMs = Number.NEGATIVE_INFINITY;
  for (let piece = 0; speaking.open; piece++) {
    const startMs = Math.max(endMs, nowMs());
    endMs = startMs + everyMs;
    const samples = new Int16Array((sampleRate * everyMs) / 1_000);
    const number = piece - silent;
    if (number >= 0 && number < count) {
      const code = number % codes;
      if (!speaking.muted) samples.set(tone(code));
      speaking.spoken.set(code, { atMs: startMs, waits: waits() });
      tell({ what: 'spoke', code }, startMs);
    }
    await source.captureFrame(new AudioFrame(samples, sampleRate, 1, samples.length));
  }
}
