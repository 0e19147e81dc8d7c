import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import '../shared/style.css';
import './meeting.css';
import { Lobby } from './lobby.tsx';
import { RoomPage } from './room.tsx';

/** `/` is the lobby, `/ID` a room; without a name one is asked for it first. */
function App() {
  const [room, setRoom] = useState(roomInAddress);
  const enter = (id: string, name: string) => {
    sessionStorage.setItem('displayName', name);
    history.pushState(null, '', `/${encodeURIComponent(id)}`);
    setRoom(id);
  };
  const leave = () => {
    history.pushState(null, '', '/');
    setRoom('');
  };
  return room === '' ? <Lobby enter={enter} /> : <RoomPage id={room} leave={leave} />;
}

function roomInAddress(): string {
  const room = decodeURIComponent(location.pathname.slice(1));
  if (room !== '' && sessionStorage.getItem('displayName')) return room;
  if (room !== '') history.replaceState(null, '', '/');
  return '';
}

createRoot(document.querySelector('#app')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
