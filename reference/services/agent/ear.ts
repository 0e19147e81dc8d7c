import { AudioStream, type Track } from '@livekit/rtc-node';

const loud = 1_000;
/** Who pauses for so long has finished speaking. */
const pauseMs = 500;

/** Calls back each time somebody has spoken and paused. */
export async function listen(track: Track, spoke: () => void): Promise<void> {
  let quietMs = 0;
  let speaking = false;
  for await (const { data } of new AudioStream(track, { sampleRate: 16_000, numChannels: 1, frameSizeMs: 20 })) {
    const sounding = data.some((sample) => Math.abs(sample) > loud);
    quietMs = sounding ? 0 : quietMs + 20;
    speaking ||= sounding;
    if (!speaking || quietMs < pauseMs) continue;
    speaking = false;
    spoke();
  }
}
