import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  type Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { log, text } from '../common/log.ts';

const rate = 48_000;
const frame = rate / 50;
const seconds = 1;

/** The stub's voice: a second of a hum with the rhythm of syllables. */
const hum = Int16Array.from({ length: rate * seconds }, (_, i) => {
  const pitch = [1, 2, 3].reduce(
    (sum, harmonic) => sum + Math.sin((2 * Math.PI * 170 * harmonic * i) / rate) / harmonic,
    0,
  );
  return Math.round(6_000 * pitch * Math.abs(Math.sin((Math.PI * 4 * i) / rate)));
});

/** What the agent says aloud. */
export class Voice {
  readonly #source = new AudioSource(rate, 1, 200);
  #track: LocalAudioTrack | undefined;
  #speaking = false;

  async open(room: Room): Promise<void> {
    this.#track = LocalAudioTrack.createAudioTrack('voice', this.#source);
    await room.localParticipant!.publishTrack(
      this.#track,
      new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }),
    );
  }

  speak(): void {
    if (this.#speaking) return;
    this.#speaking = true;
    this.#say()
      .catch((error) => log('warn', 'could not speak', { error: text(error) }))
      .finally(() => {
        this.#speaking = false;
      });
  }

  async close(): Promise<void> {
    await this.#track?.close().catch(() => undefined);
  }

  async #say(): Promise<void> {
    for (let at = 0; at < hum.length; at += frame)
      await this.#source.captureFrame(new AudioFrame(hum.slice(at, at + frame), rate, 1, frame));
  }
}
