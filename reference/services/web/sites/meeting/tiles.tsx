import type { Track as AnyTrack, Participant } from 'livekit-client';
import { useEffect, useRef } from 'react';
import { isAgent, isOn, Track } from './call.ts';

/** A picture for each camera and each shared screen, and the sound of the others. */
export function Tiles({ people }: { people: readonly Participant[] }) {
  return (
    <div className="tiles">
      {people.map((person) => (
        <Screen key={`${person.identity} screen`} person={person} />
      ))}
      {people
        .filter((person) => !isAgent(person))
        .map((person) => (
          <Camera key={person.identity} person={person} />
        ))}
      {people
        .filter((person) => !person.isLocal)
        .map((person) => (
          <Sound key={`${person.identity} sound`} person={person} />
        ))}
    </div>
  );
}

const named = (person: Participant) => person.name || person.identity;

function Camera({ person }: { person: Participant }) {
  const track = person.getTrackPublication(Track.Source.Camera)?.track;
  const on = isOn(person, Track.Source.Camera) && track;
  return (
    <figure className="tile" aria-label={`Camera of ${named(person)}`}>
      {on ? <Picture track={track} label={`Video of ${named(person)}`} /> : <p className="dark">Camera is off</p>}
      <figcaption>
        {named(person)}
        {person.isLocal && ' (You)'}
      </figcaption>
    </figure>
  );
}

function Screen({ person }: { person: Participant }) {
  const track = person.getTrackPublication(Track.Source.ScreenShare)?.track;
  if (!track) return null;
  return (
    <figure className="tile wide" aria-label={`Screen of ${named(person)}`}>
      <Picture track={track} label={`Shared screen of ${named(person)}`} />
      <figcaption>{person.isLocal ? 'You are sharing your screen' : `${named(person)} is sharing a screen`}</figcaption>
    </figure>
  );
}

function Picture({ track, label }: { track: AnyTrack; label: string }) {
  const video = useRef<HTMLVideoElement | null>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return undefined;
    track.attach(element);
    return () => void track.detach(element);
  }, [track]);
  return <video ref={video} aria-label={label} autoPlay playsInline muted />;
}

function Sound({ person }: { person: Participant }) {
  const track = person.getTrackPublication(Track.Source.Microphone)?.track;
  const audio = useRef<HTMLAudioElement | null>(null);
  useEffect(() => {
    const element = audio.current;
    if (!element || !track) return undefined;
    track.attach(element);
    return () => void track.detach(element);
  }, [track]);
  // biome-ignore lint/a11y/useMediaCaption: what people say just now has no captions
  return <audio ref={audio} autoPlay />;
}
