import {
  LocalVideoTrack,
  type Room,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node';
import { height, picture, width } from '../picture.ts';

const everyMs = 100;

export interface Camera {
  close(): Promise<void>;
}

/** Publishes the known picture, ten times a second, as a camera or as a shared screen. */
export async function openCamera(room: Room, as: 'camera' | 'screen'): Promise<Camera> {
  const source = new VideoSource(width, height);
  const track = LocalVideoTrack.createVideoTrack(as, source);
  const kind = as === 'camera' ? TrackSource.SOURCE_CAMERA : TrackSource.SOURCE_SCREENSHARE;
  const publication = await room.localParticipant!.publishTrack(
    track,
    new TrackPublishOptions({ source: kind, simulcast: false }),
  );
  let number = 0;
  const timer = setInterval(() => {
    source.captureFrame(new VideoFrame(picture(number++), width, height, VideoBufferType.I420));
  }, everyMs);
  return {
    close: async () => {
      clearInterval(timer);
      if (publication.sid) await room.localParticipant?.unpublishTrack(publication.sid).catch(() => undefined);
      await track.close().catch(() => undefined);
    },
  };
}
