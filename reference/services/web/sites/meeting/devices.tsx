import { Room } from 'livekit-client';
import { type Happening, useEffect, useState } from 'react';
import type { Call } from './call.ts';

const kinds = [
  { kind: 'audioinput', label: 'Microphone' },
  { kind: 'videoinput', label: 'Camera' },
] as const;

/** Which microphone and which camera are used. */
export function Devices({ call }: { call: Call }) {
  return (
    <>
      {kinds.map(({ kind, label }) => (
        <Choice key={kind} kind={kind} label={label} choose={(id) => void call.setDevice(kind, id)} />
      ))}
    </>
  );
}

interface Given {
  readonly kind: 'audioinput' | 'videoinput';
  readonly label: string;
  readonly choose: (id: string) => void;
}

function Choice({ kind, label, choose }: Given) {
  const [devices, setDevices] = useState<readonly MediaDeviceInfo[]>([]);
  useEffect(() => {
    const look = () => void Room.getLocalDevices(kind, false).then(setDevices, () => undefined);
    look();
    navigator.mediaDevices?.addEventListener('devicechange', look);
    const again = setTimeout(look, 3_000);
    return () => {
      clearTimeout(again);
      navigator.mediaDevices?.removeEventListener('devicechange', look);
    };
  }, [kind]);
  return (
    <select aria-label={label} onChange={({ target }: Happening<HTMLInputElement>) => choose(target.value)}>
      {devices.map(({ deviceId, label: name }) => (
        <option key={deviceId} value={deviceId}>
          {name || label}
        </option>
      ))}
    </select>
  );
}
