import { type Happening, useState } from 'react';

/** Where one says who one is and which room to enter. */
export function Lobby({ enter }: { enter: (id: string, name: string) => void }) {
  const [name, setName] = useState(sessionStorage.getItem('displayName') ?? '');
  const [id, setId] = useState('');
  const [problem, setProblem] = useState('');
  const go = (room: string) => {
    if (name.trim() === '') setProblem('Please enter your name first.');
    else enter(room, name.trim());
  };
  const submit = (event: Happening<HTMLElement>) => {
    event.preventDefault();
    go(id.trim());
  };
  return (
    <main className="center">
      <div className="card">
        <p>
          <span className="brand">Platform Meet</span>
        </p>
        <h1>Start a Meeting</h1>
        <form onSubmit={submit}>
          <label htmlFor="displayName">
            Your Name *
            <input
              id="displayName"
              autoComplete="name"
              value={name}
              onChange={({ target }: Happening<HTMLInputElement>) => setName(target.value)}
            />
          </label>
          <label htmlFor="roomId">
            Room ID
            <input
              id="roomId"
              autoComplete="off"
              value={id}
              onChange={({ target }: Happening<HTMLInputElement>) => setId(target.value)}
            />
          </label>
          <button type="submit" disabled={id.trim() === ''}>
            Join Meeting
          </button>
          <button className="plain" type="button" onClick={() => go(`demo-${crypto.randomUUID().slice(0, 8)}`)}>
            Try AI Demo Room
          </button>
          <p className="error" role="alert">
            {problem}
          </p>
        </form>
      </div>
    </main>
  );
}
