import { switchFault } from './switched.ts';

export default switchFault({
  name: 'meeting-rooms-apart',
  plants: 'Each user who asks for a meeting is given a token for a room of their own.',
  catches: ['e2e.meeting.people', 'e2e.meeting.chat'],
  mayAlso: ['e2e.meeting.*'],
  on: ['api'],
  set: { 'live-token-room-each': true },
});
