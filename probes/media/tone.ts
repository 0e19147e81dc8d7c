/**
 * A coded tone: two sine waves at once, one of eight low and one of eight high pitches, as telephones dial. 64 codes tell
 * neighbouring tones apart, so that one that comes late, or never, is not taken for another. Both groups lie in the band
 * of speech, which every codec and every noise filter is made to keep.
 */
export const sampleRate = 48_000;
export const frameMs = 10;
export const frameSamples = (sampleRate * frameMs) / 1000;
export const codes = 64;
/** Five packets of a usual codec: one that is lost on the way does not make the tone unheard. */
export const toneMs = 100;

const lowHz = Array.from({ length: 8 }, (_, i) => 500 + 150 * i);
const highHz = Array.from({ length: 8 }, (_, i) => 1_800 + 250 * i);
const amplitude = 9_000;
const ramp = sampleRate / 500;

/** The tone of one code, mono, 16 bit; the first 2 ms fade in, so that no click stands in for the tone. */
export function tone(code: number): Int16Array {
  const length = (sampleRate * toneMs) / 1000;
  const [low, high] = pitchesOf(code);
  return Int16Array.from({ length }, (_, i) => {
    const gain = amplitude * Math.min(1, i / ramp, (length - i) / ramp);
    return Math.round(gain * (Math.sin(angle(low, i)) + Math.sin(angle(high, i))));
  });
}

export interface HeardTone {
  readonly code: number;
  /** When the frame that holds its beginning arrived. */
  readonly atMs: number;
}

/**
 * Listens to frames of 10 ms as they arrive. A tone begins with the first frame that is loud, and is named as soon as 40 ms on
 * end are a clear pair of pitches; sound that never is, is not a tone. What a hole in the sound leaves of a tone begins
 * behind the hole, so that a tone is never called quicker than it was.
 */
export class ToneListener {
  private beganMs: number | null = null;
  private latest: Int16Array[] = [];
  private told = false;

  hear(frame: Int16Array, atMs: number): HeardTone | null {
    if (loudness(frame) < quiet) {
      this.forget();
      return null;
    }
    this.beganMs ??= atMs;
    if (this.told) return null;
    this.latest = [...this.latest, frame.slice()].slice(-framesToTell);
    if (this.latest.length < framesToTell) return null;
    const code = codeOf(joined(this.latest));
    if (code === null) return null;
    this.told = true;
    return { code, atMs: this.beganMs };
  }

  private forget(): void {
    this.beganMs = null;
    this.latest = [];
    this.told = false;
  }
}

const quiet = 500;
const framesToTell = 4;

/** The code of a stretch of sound, or null when no pitch of either group stands out. */
export function codeOf(sound: Int16Array): number | null {
  const low = loudest(sound, lowHz);
  const high = loudest(sound, highHz);
  return low === null || high === null ? null : low * highHz.length + high;
}

/** How much louder the loudest pitch must be than the next: 6 dB. */
const outstanding = 4;

function loudest(sound: Int16Array, pitches: readonly number[]): number | null {
  const powers = pitches.map((hz) => power(sound, hz));
  const best = powers.indexOf(Math.max(...powers));
  const next = Math.max(...powers.filter((_, i) => i !== best));
  return powers[best]! > outstanding * next && powers[best]! > 0 ? best : null;
}

/** Goertzel's algorithm: the power at one frequency, without a whole transform (Am. Math. Monthly 65, 1958). */
export function power(sound: Int16Array, hz: number): number {
  const turn = 2 * Math.cos(angle(hz, 1));
  let [last, before] = [0, 0];
  for (const sample of sound) [last, before] = [sample + turn * last - before, last];
  return last * last + before * before - turn * last * before;
}

function loudness(frame: Int16Array): number {
  let sum = 0;
  for (const sample of frame) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, frame.length));
}

function joined(frames: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(frames.reduce((length, frame) => length + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    all.set(frame, at);
    at += frame.length;
  }
  return all;
}

function pitchesOf(code: number): readonly [number, number] {
  return [lowHz[Math.floor(code / highHz.length) % lowHz.length]!, highHz[code % highHz.length]!];
}

const angle = (hz: number, i: number): number => (2 * Math.PI * hz * i) / sampleRate;
