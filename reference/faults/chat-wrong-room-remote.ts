import { bothRealtime, switchFault } from './switched.ts';

export default switchFault({
  name: 'chat-wrong-room-remote',
  plants: 'A chat message is told in every room of the other instances, too.',
  catches: ['e2e.chat.realtime'],
  mayAlso: ['e2e.chat.*', 'e2e.cross.chat', 'e2e.escalation.handoff'],
  on: bothRealtime,
  set: { 'wrong-room': 'remote' },
});
