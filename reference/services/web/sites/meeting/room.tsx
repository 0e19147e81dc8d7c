import { useEffect, useState, useSyncExternalStore } from 'react';
import { Call, isAgent, isOn, Track } from './call.ts';
import { Chat } from './chat.tsx';
import { Devices } from './devices.tsx';
import { People } from './people.tsx';
import { Tiles } from './tiles.tsx';

const dashboard = document.querySelector('meta[name="dashboard-site"]')?.getAttribute('content') ?? '/';

export function RoomPage({ id, leave }: { id: string; leave: () => void }) {
  const [call] = useState(() => new Call());
  const [chatOpen, setChatOpen] = useState(false);
  const view = useSyncExternalStore(call.watch, call.read);
  useEffect(() => {
    void joinOnce(call, id);
  }, [call, id]);
  const away = () => void call.leave().then(leave);
  if (view.state === 'failed') return <Failed problem={view.problem} leave={leave} />;
  const agent = view.people.some(isAgent);
  const people = view.people.filter((person) => !isAgent(person));
  return (
    <main className="room">
      <header className="wrap">
        <h1>Room {id}</h1>
        <p className="row status" role="status">
          <span>
            {view.state === 'in'
              ? `${people.length} ${people.length === 1 ? 'participant' : 'participants'}`
              : 'Joining...'}
          </span>
          <span>{agent ? 'AI Online' : 'AI Offline'}</span>
          <span>{view.state === 'in' ? 'Voice connected' : 'Voice offline'}</span>
        </p>
        <p className="error" role="alert">
          {view.problem}
        </p>
      </header>
      <div className="wrap stage">
        <Tiles people={view.people} />
        <aside>
          <People people={view.people} />
          {chatOpen && <Chat lines={view.lines} send={(text) => call.send(text)} />}
        </aside>
      </div>
      <Controls call={call} toggleChat={() => setChatOpen(!chatOpen)} away={away} />
    </main>
  );
}

/** React mounts twice while developing, and a call is joined once. */
const joined = new WeakSet<Call>();

async function joinOnce(call: Call, id: string): Promise<void> {
  if (joined.has(call)) return;
  joined.add(call);
  await call.join(id);
}

function Controls({ call, toggleChat, away }: { call: Call; toggleChat: () => void; away: () => void }) {
  const me = call.room.localParticipant;
  const [heard, seen, shared] = [Track.Source.Microphone, Track.Source.Camera, Track.Source.ScreenShare].map((source) =>
    isOn(me, source),
  );
  return (
    <footer className="controls" role="toolbar" aria-label="Meeting controls">
      <Switch on={heard} off="Unmute" label="Mute" turn={(on) => call.setMicrophone(on)} />
      <Switch on={seen} off="Turn on camera" label="Turn off camera" turn={(on) => call.setCamera(on)} />
      <Switch on={shared} off="Share screen" label="Stop sharing" turn={(on) => call.setScreen(on)} />
      <button type="button" className="plain" title="Toggle chat" onClick={toggleChat}>
        Chat
      </button>
      <button
        type="button"
        className="plain"
        title="Copy room link"
        onClick={() => void navigator.clipboard?.writeText(location.href).catch(() => undefined)}
      >
        Copy link
      </button>
      <Devices call={call} />
      <button type="button" title="Leave" onClick={away}>
        Leave
      </button>
    </footer>
  );
}

interface SwitchGiven {
  readonly on: boolean | undefined;
  readonly label: string;
  readonly off: string;
  readonly turn: (on: boolean) => Promise<void>;
}

/** Says what pressing it does. */
function Switch({ on, label, off, turn }: SwitchGiven) {
  const title = on ? label : off;
  return (
    <button type="button" className="plain" title={title} onClick={() => void turn(!on)}>
      {title}
    </button>
  );
}

function Failed({ problem, leave }: { problem: string; leave: () => void }) {
  return (
    <main className="center">
      <div className="card">
        <h1>This meeting did not open</h1>
        <p className="error" role="alert">
          {problem}
        </p>
        <div className="row">
          <a className="button" href={dashboard}>
            Sign in
          </a>
          <button type="button" className="plain" onClick={leave}>
            Back to the lobby
          </button>
        </div>
      </div>
    </main>
  );
}
