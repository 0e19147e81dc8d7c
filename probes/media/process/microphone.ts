import { setTimeout as sleep } from 'node:timers/promises';
import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  type Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { codes, frameMs, frameSamples, sampleRate, tone } from '../tone.ts';
import { nowMs, type Tell } from './tell.ts';
import { waits } from './waiting.ts';

/** Frames are handed over as they are due and hardly queued, or our own queue would be part of what is measured. */
const queueMs = 20;

export interface Microphone {
  readonly spoken: ReadonlyMap<number, Spoken>;
  mute(muted: boolean): void;
  close(): Promise<void>;
}

export interface Spoken {
  readonly atMs: number;
  readonly waits: ReadonlyMap<string, number>;
}

/** Publishes a microphone that speaks coded tones on time, and silence between and after them. */
export async function openMicrophone(
  room: Room,
  { everyMs, count }: { everyMs: number; count: number },
  tell: Tell,
): Promise<Microphone> {
  const source = new AudioSource(sampleRate, 1, queueMs);
  const track = LocalAudioTrack.createAudioTrack('microphone', source);
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: false });
  const publication = await room.localParticipant!.publishTrack(track, options);
  const speaking = { open: true, muted: false, spoken: new Map<number, Spoken>() };
  const done = speak(source, { everyMs, count }, speaking, tell).catch(() => undefined);
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

async function speak(
  source: AudioSource,
  { everyMs, count }: { everyMs: number; count: number },
  speaking: Speaking,
  tell: Tell,
): Promise<void> {
  const firstMs = nowMs();
  let said = 0;
  let rest = new Int16Array(0);
  for (let frame = 0; speaking.open; frame++) {
    const dueMs = firstMs + frame * frameMs;
    if (dueMs - nowMs() > 1) await sleep(dueMs - nowMs());
    if (said < count && dueMs - firstMs >= settleMs + said * everyMs) {
      const code = said++ % codes;
      rest = new Int16Array(tone(code));
      speaking.spoken.set(code, { atMs: nowMs(), waits: waits() });
      tell({ what: 'spoke', code, dueMs, waitedMs: 0 });
    }
    const samples = new Int16Array(frameSamples);
    if (!speaking.muted) samples.set(rest.subarray(0, frameSamples));
    rest = rest.subarray(frameSamples);
    await source.captureFrame(new AudioFrame(samples, sampleRate, 1, frameSamples));
  }
}
