import type { Participant } from 'livekit-client';
import { isAgent, isOn, Track } from './call.ts';

/** Who is here, and what of them is off or shared. */
export function People({ people }: { people: readonly Participant[] }) {
  return (
    <section className="card" aria-label="People">
      <h2>People</h2>
      <ul>
        {people.map((person) => (
          <li key={person.identity}>
            <strong>{person.name || person.identity}</strong>
            {person.isLocal && ' (You)'}
            <span className="note"> {stateOf(person)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function stateOf(person: Participant): string {
  if (isAgent(person)) return 'AI';
  const states = [
    isOn(person, Track.Source.Microphone) ? 'microphone on' : 'muted',
    isOn(person, Track.Source.Camera) ? 'camera on' : 'camera off',
    ...(isOn(person, Track.Source.ScreenShare) ? ['sharing the screen'] : []),
  ];
  return states.join(', ');
}
