import { restartFault } from './restarted.ts';

export default restartFault({
  name: 'meeting-rooms-refused',
  plants: 'The meeting server makes no room for people who come into a new one.',
  catches: ['e2e.meeting.create'],
  mayAlso: ['e2e.meeting.*', 'smoke.livekit.token', 'load.users'],
  service: 'livekit',
  options: { rooms: 'asked' },
});
